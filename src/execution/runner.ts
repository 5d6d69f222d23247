// What a session does with a plan: run.ts and stream.ts have the two ways of a query, queries.ts what all of them share.

import type { CsvFormatter, CsvSampler } from "../io/index.ts";
import type { LogicalPlan, PersistedHandle } from "../plan/index.ts";
import type { Devices } from "./devices.ts";
import type { MemoryUse } from "./memory/index.ts";
import { releaseAll } from "./partition.ts";
import { ProgressMeter, type RunProgress } from "./progress.ts";
import { Queries } from "./queries.ts";
import type {
  PersistReport,
  ProfiledResult,
  QueryResult,
  QueryRunner,
  RunOptions,
  StreamedBatch,
  StreamWriter,
  WriteReport,
} from "./query.ts";
import { collect, own, runToEnd } from "./run.ts";
import type { ResolvedOptions } from "./session_options.ts";
import { streamParts, writeParts } from "./stream.ts";
import type { TaskReport } from "./task_report.ts";

export class Runner implements QueryRunner {
  readonly #queries: Queries;

  constructor(options: ResolvedOptions) {
    this.#queries = new Queries(options);
  }

  get devices(): Devices {
    return this.#queries.devices;
  }

  get csvFormatter(): CsvFormatter {
    return this.devices.files.formatCsv;
  }

  get csvSampler(): CsvSampler {
    return this.devices.files.sampleCsv;
  }

  /** Opens the devices that the session's engine works on; otherwise the first query does. */
  async open(): Promise<void> {
    await this.devices.openFor(this.#queries.options.engine);
  }

  async run(plan: LogicalPlan, options: RunOptions = {}): Promise<QueryResult> {
    return await this.#queries.whileOpen(() => this.#run(plan, options));
  }

  async profile(plan: LogicalPlan, options: RunOptions = {}): Promise<ProfiledResult> {
    return await this.#queries.whileOpen(() => this.#profile(plan, options));
  }

  async *stream(
    plan: LogicalPlan,
    options: RunOptions = {},
  ): AsyncGenerator<StreamedBatch, void, undefined> {
    const meter = meterOf(options);
    try {
      yield* streamParts(this.#queries, plan, options, meter?.onTask);
    } catch (error) {
      throw this.#queries.overtaken(error);
    }
    meter?.end();
  }

  async write(plan: LogicalPlan, options: RunOptions, writer: StreamWriter): Promise<WriteReport> {
    return await this.#queries.whileOpen(() => this.#write(plan, options, writer));
  }

  async persist(plan: LogicalPlan, options: RunOptions = {}): Promise<PersistReport> {
    return await this.#queries.whileOpen(() => this.#persist(plan, options));
  }

  async unpersist(handle: PersistedHandle): Promise<void> {
    await this.#queries.persisted.release(handle.id);
  }

  explain(plan: LogicalPlan, options: RunOptions = {}): string {
    return this.#queries.explain(plan, options);
  }

  async recover(): Promise<readonly string[]> {
    return await this.#queries.whileOpen(() => this.#queries.recover());
  }

  /** What the session holds, tier by tier. */
  memory(): readonly MemoryUse[] {
    return this.#queries.memory.report(this.devices.executors.values());
  }

  async close(): Promise<void> {
    await this.#queries.close();
  }

  async #run(plan: LogicalPlan, options: RunOptions): Promise<QueryResult> {
    const meter = meterOf(options);
    const watch = { collect: true, onTask: meter?.onTask };
    const outcome = await runToEnd(this.#queries, plan, options, watch);
    const result = await collect(this.#queries, outcome, options.signal);
    meter?.end();
    return result;
  }

  async #profile(plan: LogicalPlan, options: RunOptions): Promise<ProfiledResult> {
    const tasks: TaskReport[] = [];
    const startedAt = performance.now();
    const meter = meterOf(options);
    const onTask = (report: TaskReport, progress: RunProgress) => {
      tasks.push(report);
      meter?.onTask(report, progress);
    };
    const traffic = { uploaded: 0, downloaded: 0 };
    const watch = { collect: true, onTask, traffic };
    const outcome = await runToEnd(this.#queries, plan, options, watch);
    const result = await collect(this.#queries, outcome, options.signal);
    meter?.end();
    const sum = (bytes: (task: TaskReport) => number) =>
      tasks.reduce((total, task) => total + bytes(task), 0);
    return {
      ...result,
      tasks,
      totals: {
        ms: performance.now() - startedAt,
        bytesUploaded: traffic.uploaded + sum((task) => task.bytesUploaded),
        bytesDownloaded: traffic.downloaded + sum((task) => task.bytesDownloaded),
      },
    };
  }

  async #write(plan: LogicalPlan, options: RunOptions, writer: StreamWriter): Promise<WriteReport> {
    const meter = meterOf(options);
    const report = await writeParts(this.#queries, plan, options, meter?.onTask, writer);
    meter?.end();
    return report;
  }

  async #persist(plan: LogicalPlan, options: RunOptions): Promise<PersistReport> {
    const { persisted } = this.#queries;
    const meter = meterOf(options);
    const watch = { collect: false, onTask: meter?.onTask };
    const outcome = await runToEnd(this.#queries, plan, options, watch);
    const { schema, rejects } = outcome;
    const partitions = await own(this.#queries, outcome, options.signal);
    try {
      meter?.end();
    } catch (error) {
      await releaseAll(partitions);
      throw error;
    }
    const handle = persisted.add(schema, partitions);
    return { handle, rejects };
  }
}

function meterOf({ onProgress }: RunOptions): ProgressMeter | null {
  return onProgress === undefined ? null : new ProgressMeter(onProgress);
}
