// What the queries of a session share, and the way of each from its plan to the tasks of its stages.

import {
  AbortError,
  assert,
  atOnce,
  inSlices,
  type Steps,
  tabulateTimeZones,
  throwIfAborted,
  turnIfOver,
  unlessAborted,
} from "../base/index.ts";
import type { Executor } from "../device/index.ts";
import { optimize, optimizerSteps } from "../optimizer/index.ts";
import { type Engine, type PhysicalPlan, printPhysical } from "../physical/index.ts";
import { type LogicalPlan, planText } from "../plan/index.ts";
import type { Attempt } from "./attempt.ts";
import { type ChoosingContext, type ChosenPlan, choosePlan, predictPlanOn } from "./auto.ts";
import { CsvDecoder } from "./decode_csv.ts";
import { Devices } from "./devices.ts";
import {
  defaultSpillDirectory,
  hostBudget,
  SessionMemory,
  SpillStore,
  sweepSpillDirectories,
  taskShare,
} from "./memory/index.ts";
import { PersistedTables } from "./persisted.ts";
import { PlanCache } from "./plan_cache.ts";
import type { RunOptions } from "./query.ts";
import type { Rejects } from "./rejects.ts";
import { engineAmong, type ResolvedOptions } from "./session_options.ts";
import { Stages } from "./stages.ts";
import { UnpackingPlace } from "./unpacked_csv.ts";
import type { ScheduleOptions, Workplace } from "./workplace.ts";

export interface StagesOptions extends Pick<ScheduleOptions, "onTask">, Pick<Workplace, "traffic"> {
  readonly partitionBytes: number | null;
  readonly rejects: Rejects;
}

/** Opening a driver and compiling pipelines takes longer than adapters could save below that. */
const WORTH_OPENING_MS = 100;

type PlanSettings = Pick<ChoosingContext, "partitionBytes" | "joinRuns" | "wholeAggregates">;

const AT_FIRST: Omit<PlanSettings, "partitionBytes"> = {
  joinRuns: new Map(),
  wholeAggregates: false,
};

export class Queries {
  readonly options: ResolvedOptions;
  readonly devices: Devices;
  readonly memory: SessionMemory;
  readonly persisted = new PersistedTables();
  readonly #plans = new PlanCache();
  /** Of host memory; the limit of a container is asked for once. */
  readonly budget: number;
  readonly #spillDirectory: string;
  #isSwept = false;
  readonly #closing = new AbortController();
  /** Queries that end by themselves, unlike streams. */
  readonly #whole = new Set<Promise<void>>();
  #running = 0;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.devices = new Devices(options);
    this.budget = hostBudget(options.hostMemory);
    this.#spillDirectory = options.spillDirectory ?? defaultSpillDirectory();
    this.memory = new SessionMemory(
      this.budget,
      new SpillStore(this.#spillDirectory, undefined, this.devices),
      {
        spillsAlways: options.spill === "always",
        trim: async () => await this.devices.host.trim?.(),
      },
    );
  }

  /** Opens the devices that the query needs. Every begun query ends once. */
  async begin(options: RunOptions): Promise<void> {
    this.#running += 1;
    try {
      throwIfAborted(options.signal);
      this.#requireOpen();
      // Drivers take their time: others may wait for them, and the next query will.
      await unlessAborted(this.devices.openFor(this.#engine(options)), options.signal);
      this.#sweep();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    this.devices.measureWhenIdle();
    this.#closeLost();
  }

  /** From plan to the tasks of its stages, in slices: a wide plan takes its time. */
  async stages(
    { plan, joinRuns, wholeAggregates }: Attempt,
    options: RunOptions,
    { partitionBytes, rejects, onTask, traffic }: StagesOptions,
  ): Promise<Stages> {
    const settings = { partitionBytes, joinRuns, wholeAggregates };
    const asked = {
      engine: this.#engine(options),
      strict: options.strict ?? false,
      partitionBytes,
      generation: this.devices.generation,
    };
    const isFirst = joinRuns.size === 0 && !wholeAggregates;
    const known = isFirst ? this.#plans.find(plan, asked) : null;
    let chosen = known ?? (await this.#planned(plan, options, settings));
    if (isFirst && known === null) this.#plans.keep(plan, asked, chosen);
    if (this.devices.mayOpenMore(asked.engine) && this.#isWorthOpening(chosen.physical)) {
      await unlessAborted(this.devices.openForAuto(), options.signal);
      chosen = await this.#planned(plan, options, settings);
    }
    await turnIfOver();
    return new Stages(chosen, this.#workplace(rejects, traffic), {
      signal: options.signal,
      onTask,
      rejects,
    });
  }

  async #planned(plan: LogicalPlan, options: RunOptions, settings: PlanSettings) {
    const { signal } = options;
    await inSlices(tabulateTimeZones(), signal);
    let optimized = plan;
    for (const step of optimizerSteps(plan, { disable: this.options.disableRules })) {
      optimized = step.plan;
      if (step.milliseconds > 0) await turnIfOver();
      throwIfAborted(signal);
    }
    return await inSlices(this.#plan(optimized, options, settings), signal);
  }

  explain(plan: LogicalPlan, options: RunOptions): string {
    this.#requireOpen();
    const optimized = optimize(plan, { disable: this.options.disableRules }).plan;
    const { partitionBytes } = this.options;
    const settings = { partitionBytes, ...AT_FIRST };
    const { physical, reason } = atOnce(this.#plan(optimized, options, settings));
    const physicalText = printPhysical(physical, (id) => this.devices.describe(id));
    const sections = [
      ["Logical plan", planText(plan)],
      ["Optimized plan", planText(optimized)],
      ["Physical plan", reason === null ? physicalText : `(${reason})\n${physicalText}`],
    ];
    return sections.map(([title, text]) => `${title}\n${text}`).join("\n\n");
  }

  /** The session ends after it. */
  async whileOpen<T>(query: () => Promise<T>): Promise<T> {
    const running = query();
    const ended = running.then(
      () => {},
      () => {},
    );
    this.#whole.add(ended);
    try {
      return await running;
    } catch (error) {
      throw this.overtaken(error);
    } finally {
      this.#whole.delete(ended);
      this.#closeLost();
    }
  }

  /** What a query has failed of: where the session was closed meanwhile, of that, whatever the query was at. */
  overtaken(error: unknown): unknown {
    const { aborted } = this.#closing.signal;
    return aborted && !(error instanceof AbortError) ? sessionClosed() : error;
  }

  /** Opens again what was lost, also where no query has noticed yet. */
  async recover(): Promise<readonly string[]> {
    this.#requireOpen();
    for (const { executor } of Array.from(this.devices.open.values())) {
      if (executor.isLost === true) this.#lost(executor);
    }
    return await this.devices.recover();
  }

  /** What was persisted there is gone too: a device that is opened again has nothing of it. */
  #lost(executor: Executor): void {
    this.devices.lost(executor);
    this.persisted.drop(executor);
  }

  /** Once nobody reads a result any more that may have been there. */
  #closeLost(): void {
    if (this.#running === 0 && this.#whole.size === 0) this.devices.closeLost();
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw sessionClosed();
  }

  async close(): Promise<void> {
    this.#closing.abort(sessionClosed());
    await Promise.all(this.#whole);
    await this.persisted.releaseAll();
    await this.devices.close();
    await this.memory.close();
  }

  /** Once, in the background: spill files of processes that are gone. */
  #sweep(): void {
    if (this.#isSwept) return;
    this.#isSwept = true;
    this.devices.lingers(sweepSpillDirectories(this.#spillDirectory).then(() => {}));
  }

  #isWorthOpening(physical: PhysicalPlan): boolean {
    const [choice] = this.devices.choices("auto", false);
    const { partitionBytes } = this.options;
    const context = this.#choosing({ partitionBytes, ...AT_FIRST });
    return predictPlanOn(physical, this.devices, choice, context) > WORTH_OPENING_MS;
  }

  #plan(plan: LogicalPlan, options: RunOptions, settings: PlanSettings): Steps<ChosenPlan> {
    const choices = this.devices.choices(this.#engine(options), options.strict ?? false);
    return choosePlan(plan, this.devices, choices, this.#choosing(settings));
  }

  #engine({ engine = this.options.engine }: RunOptions): Engine {
    return engineAmong(engine, this.options.devices);
  }

  #choosing(settings: PlanSettings): ChoosingContext {
    return {
      partitions: this.options.partitions,
      ...settings,
      hostBudgetBytes: taskShare(this.budget),
      homeOf: (handle) => this.persisted.homeOf(handle),
    };
  }

  #workplace(rejects: Rejects, traffic: Workplace["traffic"]): Workplace {
    let opened: CsvDecoder | null = null;
    const decoder = () => {
      opened ??= new CsvDecoder(new UnpackingPlace(this.memory.store, this.budget));
      return opened;
    };
    const { open, executors, host } = this.devices;
    const queues = new Map(this.devices.queues);
    return {
      executors,
      queues,
      host,
      costsOf: (id) => this.devices.costsOf(id),
      observations: this.devices.observations,
      lost: (executor) => this.#lost(executor),
      lingers: (until) => this.devices.lingers(until),
      decodeCsv: async (task, executor, signal, sink = rejects) => {
        const device = open.get(executor.descriptor.id);
        assert(device !== undefined, "a task runs on an open device");
        const decoded = await decoder().decode(task, device, signal);
        sink.add(task.id, decoded.rejects);
        return decoded.batch;
      },
      release: async () => await opened?.close(),
      persisted: (handle, partition) => this.persisted.partitionOf(handle, partition),
      memory: this.memory,
      closing: this.#closing.signal,
      traffic,
    };
  }
}

function sessionClosed(): AbortError {
  return new AbortError("the session is closed", {
    hint: "Make the frame with a session that is open.",
  });
}
