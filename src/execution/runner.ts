// The way of one query: optimize, plan, expand into tasks, run them, hand the result over.

import { AbortError, assert, TimeSlice } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Schema } from "../dtype/index.ts";
import { type CsvFormatter, type CsvReject, promoteSchema } from "../io/index.ts";
import { optimize, optimizerSteps } from "../optimizer/index.ts";
import { type Engine, type PhysicalPlan, printPhysical } from "../physical/index.ts";
import {
  type LogicalPlan,
  type PersistedHandle,
  planText,
  rederive,
  scanCsv,
} from "../plan/index.ts";
import { type ChoosingContext, type ChosenPlan, choosePlan, predictPlanOn } from "./auto.ts";
import { CsvDecoder, SchemaConflict } from "./decode_csv.ts";
import { Devices } from "./devices.ts";
import { expand } from "./expand.ts";
import { hostBudget, taskShare } from "./memory/index.ts";
import type { Partition } from "./partition.ts";
import { schedule, type Workplace } from "./scheduler.ts";
import type { ResolvedOptions } from "./session_options.ts";
import type { TaskGraph } from "./task.ts";
import type { TaskReport } from "./task_report.ts";

export interface RunOptions {
  readonly engine?: Engine | undefined;
  /** Fail instead of running an operation on another kind of device. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Progress {
  readonly tasksDone: number;
  readonly tasksTotal: number;
  /** tasksDone / tasksTotal: never goes backwards, 1 at the end. */
  readonly fraction: number;
  /** Rows that the task gave, and where it ran. */
  readonly rows: number;
  readonly device: string;
}

export interface QueryResult {
  readonly schema: Schema;
  /** One batch: the whole result, in order. */
  readonly batches: readonly Batch[];
  /** Lines of files that were left out, with onError "skip" or "null". */
  readonly rejects: readonly CsvReject[];
}

export interface ProfiledResult extends QueryResult {
  readonly tasks: readonly TaskReport[];
  readonly totals: {
    readonly ms: number;
    readonly bytesUploaded: number;
    readonly bytesDownloaded: number;
  };
}

/** What a DataFrame needs of a session. */
export interface QueryRunner {
  /** Makes the text that writeCsv writes, on the host's threads. */
  readonly csvFormatter: CsvFormatter;
  run(plan: LogicalPlan, options?: RunOptions): Promise<QueryResult>;
  profile(plan: LogicalPlan, options?: RunOptions): Promise<ProfiledResult>;
  /** Leaves the result's partitions where they were computed. */
  persist(plan: LogicalPlan, options?: RunOptions): Promise<PersistedHandle>;
  unpersist(handle: PersistedHandle): Promise<void>;
  explain(plan: LogicalPlan, options?: RunOptions): string;
}

interface Watch {
  /** The result is wanted in host memory. */
  readonly collect?: boolean;
  readonly onTask?: (report: TaskReport) => void;
}

interface Outcome {
  readonly schema: Schema;
  readonly partitions: readonly Partition[];
  readonly rejects: readonly CsvReject[];
}

/** Opening a driver and compiling pipelines takes longer than adapters could save below that. */
const WORTH_OPENING_MS = 100;

export class Runner implements QueryRunner {
  readonly devices: Devices;
  readonly #options: ResolvedOptions;
  readonly #persisted = new Map<string, readonly Partition[]>();
  #nextHandle = 1;
  #running = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.devices = new Devices(options);
  }

  get csvFormatter(): CsvFormatter {
    return this.devices.files.formatCsv;
  }

  /** Opens the devices that the session's engine works on; otherwise the first query does. */
  async open(): Promise<void> {
    await this.devices.openFor(this.#options.engine);
  }

  async run(plan: LogicalPlan, options: RunOptions = {}): Promise<QueryResult> {
    return await this.#collect(await this.#execute(plan, options, { collect: true }));
  }

  async profile(plan: LogicalPlan, options: RunOptions = {}): Promise<ProfiledResult> {
    const tasks: TaskReport[] = [];
    const startedAt = performance.now();
    const onTask = (report: TaskReport) => tasks.push(report);
    const outcome = await this.#execute(plan, options, { collect: true, onTask });
    const result = await this.#collect(outcome);
    const sum = (bytes: (task: TaskReport) => number) =>
      tasks.reduce((total, task) => total + bytes(task), 0);
    return {
      ...result,
      tasks,
      totals: {
        ms: performance.now() - startedAt,
        bytesUploaded: sum((task) => task.bytesUploaded),
        bytesDownloaded: sum((task) => task.bytesDownloaded),
      },
    };
  }

  async persist(plan: LogicalPlan, options: RunOptions = {}): Promise<PersistedHandle> {
    const { schema, partitions } = await this.#execute(plan, options);
    const id = `persisted:${this.#nextHandle++}`;
    this.#persisted.set(id, partitions);
    const rowCount = partitions.reduce((sum, partition) => sum + partition.rowCount, 0);
    return Object.freeze({ id, schema, rowCount, partitions: partitions.length });
  }

  async unpersist(handle: PersistedHandle): Promise<void> {
    const partitions = this.#persisted.get(handle.id) ?? [];
    this.#persisted.delete(handle.id);
    for (const partition of partitions) await partition.release();
  }

  explain(plan: LogicalPlan, options: RunOptions = {}): string {
    const optimized = this.#optimize(plan);
    const { physical, reason } = this.#plan(optimized, options);
    const physicalText = printPhysical(physical, (id) => this.devices.describe(id));
    const sections = [
      ["Logical plan", planText(plan)],
      ["Optimized plan", planText(optimized)],
      ["Physical plan", reason === null ? physicalText : `(${reason})\n${physicalText}`],
    ];
    return sections.map(([title, text]) => `${title}\n${text}`).join("\n\n");
  }

  async close(): Promise<void> {
    for (const partitions of this.#persisted.values()) {
      for (const partition of partitions) await partition.release();
    }
    this.#persisted.clear();
    await this.devices.close();
  }

  async #execute(plan: LogicalPlan, options: RunOptions, watch: Watch = {}): Promise<Outcome> {
    this.#running += 1;
    try {
      return await this.#executeUntilTyped(plan, options, watch);
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.devices.measureWhenIdle();
    }
  }

  async #executeUntilTyped(plan: LogicalPlan, options: RunOptions, watch: Watch): Promise<Outcome> {
    throwIfAborted(options.signal);
    await this.devices.openFor(this.#engine(options));
    // A file that contradicts the sample is read again under a schema that holds all of it. Every round promotes at
    // least one column, and a column is promoted at most three times.
    for (let current = plan; ; ) {
      try {
        return await this.#executeOnce(current, options, watch);
      } catch (error) {
        if (!(error instanceof SchemaConflict)) throw error;
        const { source, conflicts } = error;
        const promoted = promoteSchema(source, conflicts);
        current = rederive(current, (scan) =>
          scan.kind === "scanCsv" && scan.source === source ? scanCsv(promoted, scan) : scan,
        );
      }
    }
  }

  async #executeOnce(plan: LogicalPlan, options: RunOptions, watch: Watch = {}): Promise<Outcome> {
    const tasks = await this.#tasksOf(plan, options);
    const rejects: CsvReject[] = [];
    const decoder = new CsvDecoder();
    const { open, executors, queues, host } = this.devices;
    const workplace: Workplace = {
      executors,
      queues,
      host,
      costsOf: (id) => this.devices.costsOf(id),
      lost: (id) => this.devices.lost(id),
      lingers: (until) => this.devices.lingers(until),
      decodeCsv: async (task, executor) => {
        const device = open.get(executor.descriptor.id);
        assert(device !== undefined, "a task runs on an open device");
        const decoded = await decoder.decode(task, device);
        rejects.push(...decoded.rejects);
        return decoded.batch;
      },
      persisted: (handle, partition) => this.#partitionOf(handle, partition),
    };
    const partitions = await schedule(tasks, workplace, {
      signal: options.signal,
      collect: watch.collect,
      onTask: (report, tasksDone, tasksTotal) => {
        watch.onTask?.(report);
        options.onProgress?.({
          tasksDone,
          tasksTotal,
          fraction: tasksDone / tasksTotal,
          rows: report.rowsOut,
          device: report.device,
        });
      },
    });
    return { schema: plan.schema, partitions, rejects };
  }

  /** From plan to tasks, in slices: a wide plan takes its time. */
  async #tasksOf(plan: LogicalPlan, options: RunOptions): Promise<TaskGraph> {
    const slice = new TimeSlice();
    let optimized = plan;
    for (const step of optimizerSteps(plan, { disable: this.#options.disableRules })) {
      optimized = step.plan;
      await slice.pause();
    }
    let { physical } = this.#plan(optimized, options);
    if (this.devices.mayOpenMore(this.#engine(options)) && this.#isWorthOpening(physical)) {
      await this.devices.openForAuto();
      ({ physical } = this.#plan(optimized, options));
    }
    await slice.pause();
    const tasks = expand(physical);
    await slice.pause();
    return tasks;
  }

  #isWorthOpening(physical: PhysicalPlan): boolean {
    const [choice] = this.devices.choices("auto", false);
    return predictPlanOn(physical, this.devices, choice, this.#choosing) > WORTH_OPENING_MS;
  }

  #optimize(plan: LogicalPlan): LogicalPlan {
    return optimize(plan, { disable: this.#options.disableRules }).plan;
  }

  #plan(plan: LogicalPlan, options: RunOptions): ChosenPlan {
    const choices = this.devices.choices(this.#engine(options), options.strict ?? false);
    return choosePlan(plan, this.devices, choices, this.#choosing);
  }

  #engine(options: RunOptions): Engine {
    return options.engine ?? this.#options.engine;
  }

  get #choosing(): ChoosingContext {
    return {
      partitions: this.#options.partitions,
      partitionBytes: this.#options.partitionBytes,
      hostBudgetBytes: taskShare(hostBudget(this.#options.hostMemory)),
      homeOf: (handle) => this.#persisted.get(handle)?.[0]?.holder?.descriptor.id ?? null,
    };
  }

  /** The partitions as one batch in host memory. */
  async #collect({ schema, partitions, rejects }: Outcome): Promise<QueryResult> {
    const { host } = this.devices;
    const traffic = { uploaded: 0, downloaded: 0 };
    const residents = [];
    for (const partition of partitions) residents.push(await partition.on(host, host, traffic));
    const [first] = residents;
    const whole =
      residents.length === 1 && first !== undefined
        ? first
        : await host.execute({ kind: "concat" }, residents);
    const batch = await host.download(whole);
    for (const partition of partitions) await partition.release();
    return { schema, batches: [batch], rejects };
  }

  #partitionOf(handle: string, index: number): Partition {
    const partition = this.#persisted.get(handle)?.[index];
    if (partition === undefined) {
      throw new AbortError(`${handle} was unpersisted, or its session is closed`);
    }
    return partition;
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError("the query was cancelled", { cause: signal.reason });
}
