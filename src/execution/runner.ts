// The way of one query: optimize, plan, expand into tasks, run them, hand the result over.

import { AbortError, assert, ParseError, TimeSlice, throwIfAborted } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import { dtypeName, type Schema } from "../dtype/index.ts";
import { type CsvConflict, type CsvFormatter, type CsvReject, promoteSchema } from "../io/index.ts";
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
import {
  defaultSpillDirectory,
  disown,
  hostBudget,
  type MemoryUse,
  SessionMemory,
  SpillStore,
  sweepSpillDirectories,
  taskShare,
} from "./memory/index.ts";
import type { Partition } from "./partition.ts";
import { type Progress, ProgressMeter, type RunProgress } from "./progress.ts";
import { Rejects } from "./rejects.ts";
import { schedule, stream } from "./scheduler.ts";
import type { ResolvedOptions } from "./session_options.ts";
import { Stages } from "./stages.ts";
import type { TaskReport } from "./task_report.ts";
import type { ScheduleOptions, Workplace } from "./workplace.ts";

export interface RunOptions {
  readonly engine?: Engine | undefined;
  /** Fail instead of running an operation on another kind of device. */
  readonly strict?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface QueryResult {
  readonly schema: Schema;
  /** One batch: the whole result, in order. */
  readonly batches: readonly Batch[];
  /** Lines of files that were left out, with onError "skip" or "null". */
  readonly rejects: readonly CsvReject[];
}

/** A part of a result. */
export interface StreamedBatch {
  readonly schema: Schema;
  readonly batch: Batch;
  /** Lines of files that were left out so far and that no earlier batch told of. */
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

export type StreamWriter = (schema: Schema, batches: AsyncIterable<Batch>) => Promise<void>;

/** What a DataFrame needs of a session. */
export interface QueryRunner {
  /** Makes the text that writeCsv writes, on the host's threads. */
  readonly csvFormatter: CsvFormatter;
  run(plan: LogicalPlan, options?: RunOptions): Promise<QueryResult>;
  /**
   * The result in parts, in order, each as soon as it is there and few of them ahead of the consumer, whose return or
   * throw ends the query.
   */
  stream(plan: LogicalPlan, options?: RunOptions): AsyncGenerator<StreamedBatch, void, undefined>;
  /** Gives the stream to a writer; to be called again, with another schema, where a file contradicts its sample late. */
  write(plan: LogicalPlan, options: RunOptions, writer: StreamWriter): Promise<void>;
  profile(plan: LogicalPlan, options?: RunOptions): Promise<ProfiledResult>;
  /** Leaves the result's partitions where they were computed. */
  persist(plan: LogicalPlan, options?: RunOptions): Promise<PersistedHandle>;
  unpersist(handle: PersistedHandle): Promise<void>;
  explain(plan: LogicalPlan, options?: RunOptions): string;
}

/** What a streamed source is cut into, unless partitionBytes says otherwise; some of them are there at once. */
const STREAMED_BYTES = 32 * 2 ** 20;
const RESULT_HINT =
  "Use stream(), writeArrow(), writeCsv() or persist(), which need not hold all of it, or raise `hostMemory`.";
/** Of the host's budget. */
const STREAMED_SHARE = 32;

interface Watch {
  /** The result is wanted in host memory. */
  readonly collect?: boolean;
  readonly onTask?: ((report: TaskReport, progress: RunProgress) => void) | undefined;
}

interface StagesOptions extends Pick<ScheduleOptions, "onTask"> {
  readonly partitionBytes: number | null;
  readonly rejects: Rejects;
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
  readonly #memory: SessionMemory;
  readonly #spillDirectory: string;
  #isSwept = false;
  #nextHandle = 1;
  #running = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.devices = new Devices(options);
    this.#spillDirectory = options.spillDirectory ?? defaultSpillDirectory();
    const store = new SpillStore(this.#spillDirectory);
    const budget = hostBudget(options.hostMemory);
    this.#memory = new SessionMemory(budget, store, {
      spillsAlways: options.spill === "always",
      trim: async () => await this.devices.host.trim?.(),
    });
  }

  get csvFormatter(): CsvFormatter {
    return this.devices.files.formatCsv;
  }

  /** Opens the devices that the session's engine works on; otherwise the first query does. */
  async open(): Promise<void> {
    await this.devices.openFor(this.#options.engine);
  }

  async run(plan: LogicalPlan, options: RunOptions = {}): Promise<QueryResult> {
    const meter = meterOf(options);
    const result = await this.#collect(
      await this.#execute(plan, options, { collect: true, onTask: meter?.onTask }),
      options.signal,
    );
    meter?.end();
    return result;
  }

  async *stream(
    plan: LogicalPlan,
    options: RunOptions = {},
  ): AsyncGenerator<StreamedBatch, void, undefined> {
    const meter = meterOf(options);
    for (let current = plan; ; ) {
      let delivered = false;
      try {
        for await (const part of this.#streamOnce(current, options, meter)) {
          delivered = true;
          disown(part.batch);
          yield part;
        }
        meter?.end();
        return;
      } catch (error) {
        if (!(error instanceof SchemaConflict)) throw error;
        if (delivered) throw lateConflict(error);
        current = promoted(current, error);
      }
    }
  }

  async write(plan: LogicalPlan, options: RunOptions, writer: StreamWriter): Promise<void> {
    const meter = meterOf(options);
    for (let current = plan; ; ) {
      try {
        await writer(current.schema, batchesOf(this.#streamOnce(current, options, meter)));
        meter?.end();
        return;
      } catch (error) {
        if (!(error instanceof SchemaConflict)) throw error;
        current = promoted(current, error);
      }
    }
  }

  async profile(plan: LogicalPlan, options: RunOptions = {}): Promise<ProfiledResult> {
    const tasks: TaskReport[] = [];
    const startedAt = performance.now();
    const meter = meterOf(options);
    const onTask = (report: TaskReport, progress: RunProgress) => {
      tasks.push(report);
      meter?.onTask(report, progress);
    };
    const outcome = await this.#execute(plan, options, { collect: true, onTask });
    const result = await this.#collect(outcome, options.signal);
    meter?.end();
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
    const meter = meterOf(options);
    const { schema, partitions } = await this.#execute(plan, options, { onTask: meter?.onTask });
    meter?.end();
    const id = `persisted:${this.#nextHandle++}`;
    this.#persisted.set(id, partitions);
    await this.#memory.host.settle();
    const rowCount = partitions.reduce((sum, partition) => sum + partition.rowCount, 0);
    return Object.freeze({ id, schema, rowCount, partitions: partitions.length });
  }

  async unpersist(handle: PersistedHandle): Promise<void> {
    const partitions = this.#persisted.get(handle.id) ?? [];
    this.#persisted.delete(handle.id);
    await Promise.all(partitions.map((partition) => partition.release()));
  }

  explain(plan: LogicalPlan, options: RunOptions = {}): string {
    const optimized = this.#optimize(plan);
    const { physical, reason } = this.#plan(optimized, options, this.#options.partitionBytes);
    const physicalText = printPhysical(physical, (id) => this.devices.describe(id));
    const sections = [
      ["Logical plan", planText(plan)],
      ["Optimized plan", planText(optimized)],
      ["Physical plan", reason === null ? physicalText : `(${reason})\n${physicalText}`],
    ];
    return sections.map(([title, text]) => `${title}\n${text}`).join("\n\n");
  }

  /** What the session holds, tier by tier. */
  memory(): readonly MemoryUse[] {
    return this.#memory.report(this.devices.executors.values());
  }

  async close(): Promise<void> {
    for (const partitions of this.#persisted.values()) {
      for (const partition of partitions) await partition.release();
    }
    this.#persisted.clear();
    await this.devices.close();
    await this.#memory.close();
  }

  async #execute(plan: LogicalPlan, options: RunOptions, watch: Watch = {}): Promise<Outcome> {
    this.#running += 1;
    try {
      return await this.#executeUntilTyped(plan, options, watch);
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    this.#running -= 1;
    if (this.#running === 0) this.devices.measureWhenIdle();
  }

  async #executeUntilTyped(plan: LogicalPlan, options: RunOptions, watch: Watch): Promise<Outcome> {
    throwIfAborted(options.signal);
    await this.devices.openFor(this.#engine(options));
    this.#sweep();
    // A file that contradicts the sample is read again under a schema that holds all of it. Every round promotes at
    // least one column, and a column is promoted at most three times.
    for (let current = plan; ; ) {
      try {
        return await this.#executeOnce(current, options, watch);
      } catch (error) {
        if (!(error instanceof SchemaConflict)) throw error;
        current = promoted(current, error);
      }
    }
  }

  /** Once, in the background: spill files of processes that are gone. */
  #sweep(): void {
    if (this.#isSwept) return;
    this.#isSwept = true;
    this.devices.lingers(sweepSpillDirectories(this.#spillDirectory).then(() => {}));
  }

  async #executeOnce(plan: LogicalPlan, options: RunOptions, watch: Watch = {}): Promise<Outcome> {
    const rejects = new Rejects();
    const rest = { partitionBytes: this.#options.partitionBytes, rejects, onTask: watch.onTask };
    const stages = await this.#stages(plan, options, rest);
    try {
      const partitions = await schedule(await stages.toLast(), stages.workplace, {
        signal: options.signal,
        collect: watch.collect,
        onTask: stages.onTask,
      });
      return { schema: plan.schema, partitions, rejects: rejects.take() };
    } finally {
      await stages.release();
    }
  }

  async *#streamOnce(
    plan: LogicalPlan,
    options: RunOptions,
    meter: ProgressMeter | null,
  ): AsyncGenerator<StreamedBatch, void, undefined> {
    throwIfAborted(options.signal);
    await this.devices.openFor(this.#engine(options));
    this.#sweep();
    const rejects = new Rejects();
    const rest = { partitionBytes: this.#streamedPartitionBytes(), rejects, onTask: meter?.onTask };
    const stages = await this.#stages(plan, options, rest);
    this.#running += 1;
    try {
      const partitions = stream(await stages.toLast(), stages.workplace, {
        signal: options.signal,
        collect: true,
        lookAhead: this.devices.slots,
        onTask: stages.onTask,
      });
      for await (const partition of partitions) {
        partition.pin();
        try {
          const batch = await partition.toBatch(this.devices.host, { uploaded: 0, downloaded: 0 });
          yield { schema: plan.schema, batch, rejects: rejects.take() };
        } finally {
          partition.unpin();
          await partition.release();
        }
      }
    } finally {
      await stages.release();
      this.#ended();
    }
  }

  #workplace(rejects: Rejects): Workplace {
    const decoder = new CsvDecoder();
    const { open, executors, queues, host } = this.devices;
    return {
      executors,
      queues,
      host,
      costsOf: (id) => this.devices.costsOf(id),
      lost: (id) => this.devices.lost(id),
      lingers: (until) => this.devices.lingers(until),
      decodeCsv: async (task, executor, signal, firstTask = 0) => {
        const device = open.get(executor.descriptor.id);
        assert(device !== undefined, "a task runs on an open device");
        const decoded = await decoder.decode(task, device, signal);
        rejects.add(firstTask + task.id, decoded.rejects);
        return decoded.batch;
      },
      persisted: (handle, partition) => this.#partitionOf(handle, partition),
      memory: this.#memory,
    };
  }

  /** Several partitions of a stream are in memory at once, whatever the consumer makes of them besides. */
  #streamedPartitionBytes(): number {
    const share = hostBudget(this.#options.hostMemory) / STREAMED_SHARE;
    return this.#options.partitionBytes ?? Math.min(STREAMED_BYTES, share);
  }

  /** From plan to the tasks of its stages, in slices: a wide plan takes its time. */
  async #stages(
    plan: LogicalPlan,
    options: RunOptions,
    { partitionBytes, rejects, onTask }: StagesOptions,
  ): Promise<Stages> {
    const slice = new TimeSlice();
    let optimized = plan;
    for (const step of optimizerSteps(plan, { disable: this.#options.disableRules })) {
      optimized = step.plan;
      await slice.pause();
    }
    let chosen = this.#plan(optimized, options, partitionBytes);
    if (this.devices.mayOpenMore(this.#engine(options)) && this.#isWorthOpening(chosen.physical)) {
      await this.devices.openForAuto();
      chosen = this.#plan(optimized, options, partitionBytes);
    }
    await slice.pause();
    return new Stages(chosen, this.#workplace(rejects), { signal: options.signal, onTask });
  }

  #isWorthOpening(physical: PhysicalPlan): boolean {
    const [choice] = this.devices.choices("auto", false);
    return (
      predictPlanOn(physical, this.devices, choice, this.#choosing(this.#options.partitionBytes)) >
      WORTH_OPENING_MS
    );
  }

  #optimize(plan: LogicalPlan): LogicalPlan {
    return optimize(plan, { disable: this.#options.disableRules }).plan;
  }

  #plan(plan: LogicalPlan, options: RunOptions, partitionBytes: number | null): ChosenPlan {
    const choices = this.devices.choices(this.#engine(options), options.strict ?? false);
    return choosePlan(plan, this.devices, choices, this.#choosing(partitionBytes));
  }

  #engine(options: RunOptions): Engine {
    return options.engine ?? this.#options.engine;
  }

  #choosing(partitionBytes: number | null): ChoosingContext {
    return {
      partitions: this.#options.partitions,
      partitionBytes,
      hostBudgetBytes: taskShare(hostBudget(this.#options.hostMemory)),
      homeOf: (handle) => this.#persisted.get(handle)?.[0]?.holder?.descriptor.id ?? null,
    };
  }

  /** The partitions as one batch in host memory. */
  async #collect(
    { schema, partitions, rejects }: Outcome,
    signal: AbortSignal | undefined,
  ): Promise<QueryResult> {
    const { host } = this.devices;
    const traffic = { uploaded: 0, downloaded: 0 };
    for (const partition of partitions) partition.pin();
    try {
      this.#memory.host.requireRoom(partitions, "the result", RESULT_HINT);
      const residents = [];
      for (const partition of partitions) residents.push(await partition.on(host, host, traffic));
      const [first] = residents;
      const whole =
        residents.length === 1 && first !== undefined
          ? first
          : await host.execute({ kind: "concat" }, residents, { signal });
      const batch = await host.download(whole);
      // It is the caller's from now on.
      disown(batch);
      return { schema, batches: [batch], rejects };
    } finally {
      for (const partition of partitions) {
        partition.unpin();
        await partition.release();
      }
    }
  }

  #partitionOf(handle: string, index: number): Partition {
    const partition = this.#persisted.get(handle)?.[index];
    if (partition === undefined) {
      throw new AbortError(`${handle} was unpersisted, or its session is closed`);
    }
    return partition;
  }
}

/** The plan with the dtypes that hold all of the file. */
function promoted(plan: LogicalPlan, { source, conflicts }: SchemaConflict): LogicalPlan {
  const wider = promoteSchema(source, conflicts);
  return rederive(plan, (scan) =>
    scan.kind === "scanCsv" && scan.source === source ? scanCsv(wider, scan) : scan,
  );
}

/** Tables of a stream have one schema: what was delivered already cannot be taken back. */
function lateConflict({ conflicts }: SchemaConflict): ParseError {
  const [{ column, dtype, path, line, byteOffset }] = conflicts as [CsvConflict];
  const schema = `schema: { ${conflicts.map((one) => `${JSON.stringify(one.column)}: "${dtypeName(one.dtype)}"`).join(", ")} }`;
  return new ParseError(
    `${path}, line ${line}, column ${JSON.stringify(column)}: not of the dtype that the sample suggested, but ${dtypeName(dtype)}, and tables of the other dtype were delivered already`,
    {
      operator: "readCsv",
      path,
      line,
      byteOffset,
      column,
      hint: `Give readCsv ${schema}, or a larger sampleBytes.`,
    },
  );
}

async function* batchesOf(parts: AsyncIterable<StreamedBatch>): AsyncGenerator<Batch> {
  for await (const { batch } of parts) yield batch;
}

function meterOf({ onProgress }: RunOptions): ProgressMeter | null {
  return onProgress === undefined ? null : new ProgressMeter(onProgress);
}
