// A query whose result is taken in parts, in order, each as soon as it is there.

import { throwIfAborted, turnIfOver, unlessAborted, whenAborted } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { CsvReject } from "../io/index.ts";
import type { LogicalPlan } from "../plan/index.ts";
import { type Attempt, firstAttempt, nextAttempt } from "./attempt.ts";
import { Delivered } from "./delivered.ts";
import { disown, PassedOn } from "./memory/index.ts";
import type { Partition } from "./partition.ts";
import type { Queries } from "./queries.ts";
import type { RunOptions, StreamedBatch, StreamWriter, WriteReport } from "./query.ts";
import { Rejects } from "./rejects.ts";
import { freed } from "./run.ts";
import { stream } from "./scheduler.ts";
import { lateConflict, SchemaConflict } from "./schema_conflict.ts";
import type { Stages } from "./stages.ts";
import type { ScheduleOptions } from "./workplace.ts";

type OnTask = ScheduleOptions["onTask"];

/** What a streamed source is cut into, unless partitionBytes says otherwise; some of them are there at once. */
const STREAMED_BYTES = 32 * 2 ** 20;
/** Of the host's budget. */
const STREAMED_SHARE = 32;

/**
 * Tables of a stream have one schema: a file that contradicts it makes it start over while nothing was delivered. When it
 * starts over for another reason, rows come in the same order, and those that were delivered are left out.
 */
export async function* streamParts(
  queries: Queries,
  plan: LogicalPlan,
  options: RunOptions,
  onTask: OnTask,
): AsyncGenerator<StreamedBatch, void, undefined> {
  const delivered = new Delivered();
  for (let attempt = firstAttempt(plan); ; ) {
    delivered.again();
    try {
      for await (const part of streamOnce(queries, attempt, options, onTask)) {
        disown(part.batch);
        const rest = delivered.rest(part);
        if (rest !== null) yield rest;
      }
      return;
    } catch (error) {
      if (delivered.any && error instanceof SchemaConflict) throw lateConflict(error);
      attempt = nextAttempt(error, attempt);
    }
  }
}

/** The writer starts over whenever a file contradicts its sample. */
export async function writeParts(
  queries: Queries,
  plan: LogicalPlan,
  options: RunOptions,
  onTask: OnTask,
  writer: StreamWriter,
): Promise<WriteReport> {
  for (let attempt = firstAttempt(plan); ; ) {
    try {
      const parts = streamOnce(queries, attempt, options, onTask);
      const written = new Written();
      await writer(attempt.plan.schema, written.batchesOf(parts));
      return written.report();
    } catch (error) {
      attempt = nextAttempt(error, attempt);
    }
  }
}

async function* streamOnce(
  queries: Queries,
  attempt: Attempt,
  options: RunOptions,
  onTask: OnTask,
): AsyncGenerator<StreamedBatch, void, undefined> {
  const { slots } = queries.devices;
  const rejects = new Rejects();
  await queries.begin(options);
  try {
    const rest = { partitionBytes: streamedPartitionBytes(queries), rejects, onTask };
    const stages = await queries.stages(attempt, options, rest);
    try {
      const graph = await stages.toLast();
      await turnIfOver();
      const partitions = stream(graph, stages.workplace, {
        signal: options.signal,
        collect: true,
        lookAhead: slots,
        onTask: stages.onTask,
      });
      const passedOn = new PassedOn(queries.budget);
      const { signal } = options;
      const place = { devices: queries.devices, stages, plan: attempt.plan, rejects, signal };
      for await (const partition of partitions) {
        await passedOn.add(yield* passOn(partition, place));
      }
    } finally {
      await stages.release();
    }
  } finally {
    queries.end();
  }
}

interface PassingPlace extends Pick<Queries, "devices">, Pick<Attempt, "plan"> {
  readonly stages: Stages;
  readonly rejects: Rejects;
  readonly signal: AbortSignal | undefined;
}

/**
 * Gives the partition, which is released, and returns it as what the consumer has got. A consumer that cancels the query need
 * not come back: all that it holds goes at once.
 */
async function* passOn(
  partition: Partition,
  { devices, stages, plan, rejects, signal }: PassingPlace,
): AsyncGenerator<StreamedBatch, Batch, undefined> {
  let released: Promise<void> | null = null;
  const release = () => {
    if (released === null) partition.unpin();
    released ??= partition.release();
    return released;
  };
  let stop = () => {};
  partition.pin();
  try {
    const coming = partition.toBatch(devices.host, { uploaded: 0, downloaded: 0 });
    const batch = await unlessAborted(coming, signal);
    stop = whenAborted(signal, () => {
      devices.lingers(release());
      devices.lingers(stages.release());
    });
    yield { schema: plan.schema, batch, rejects: rejects.take() };
    throwIfAborted(signal);
    return batch;
  } finally {
    stop();
    await freed(devices, release(), signal);
  }
}

/** Several partitions of a stream are in memory at once, whatever the consumer makes of them besides. */
function streamedPartitionBytes({ options, budget }: Queries): number {
  return options.partitionBytes ?? Math.min(STREAMED_BYTES, budget / STREAMED_SHARE);
}

/** Counts what passes to a writer. */
class Written {
  readonly #rejects: CsvReject[] = [];
  #rows = 0;

  async *batchesOf(parts: AsyncIterable<StreamedBatch>): AsyncGenerator<Batch> {
    for await (const { batch, rejects } of parts) {
      this.#rows += batch.rowCount;
      this.#rejects.push(...rejects);
      yield batch;
    }
  }

  report(): WriteReport {
    return Object.freeze({ rows: this.#rows, rejects: Object.freeze(this.#rejects.sort(byPlace)) });
  }
}

/** Parts of a file are read side by side: which of them ends first must not show. */
function byPlace(a: CsvReject, b: CsvReject): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.byteOffset - b.byteOffset;
}
