// A query whose result is wanted as a whole: its partitions where they were computed, or one batch in host memory.

import { inSlices, turnIfOver, unlessAborted } from "../base/index.ts";
import type { Resident } from "../device/index.ts";
import type { LogicalPlan } from "../plan/index.ts";
import { type Attempt, firstAttempt, nextAttempt } from "./attempt.ts";
import type { Devices } from "./devices.ts";
import { disowning } from "./memory/index.ts";
import type { Partition, StoredPartition } from "./partition.ts";
import type { Queries } from "./queries.ts";
import type { QueryResult, RunOptions } from "./query.ts";
import { Rejects } from "./rejects.ts";
import { schedule } from "./scheduler.ts";
import type { ScheduleOptions, Workplace } from "./workplace.ts";

/** The caller releases each partition once. */
export interface Outcome extends Pick<QueryResult, "schema" | "rejects"> {
  readonly partitions: readonly Partition[];
}

interface Watch extends Pick<ScheduleOptions, "onTask">, Pick<Workplace, "traffic"> {
  /** The result is wanted in host memory. */
  readonly collect: boolean;
}

const RESULT_HINT =
  "Use stream(), writeArrow(), writeCsv() or persist(), which need not hold all of it, or raise `hostMemory`.";

export async function runToEnd(
  queries: Queries,
  plan: LogicalPlan,
  options: RunOptions,
  watch: Watch,
): Promise<Outcome> {
  await queries.begin(options);
  try {
    for (let attempt = firstAttempt(plan); ; ) {
      try {
        return await runOnce(queries, attempt, options, watch);
      } catch (error) {
        attempt = nextAttempt(error, attempt);
      }
    }
  } finally {
    queries.end();
  }
}

async function runOnce(
  queries: Queries,
  attempt: Attempt,
  options: RunOptions,
  { collect, onTask, traffic }: Watch,
): Promise<Outcome> {
  const rejects = new Rejects();
  const { partitionBytes } = queries.options;
  const watch = { partitionBytes, rejects, onTask, traffic };
  const stages = await queries.stages(attempt, options, watch);
  try {
    const graph = await stages.toLast();
    await turnIfOver();
    const partitions = await schedule(graph, stages.workplace, {
      signal: options.signal,
      collect,
      onTask: stages.onTask,
    });
    return { schema: attempt.plan.schema, partitions, rejects: rejects.take() };
  } finally {
    await stages.release();
  }
}

/** The partitions, which are released, as one batch in host memory. Nobody waits for a disk when the signal has aborted. */
export async function collect(
  { devices, memory }: Queries,
  { schema, partitions, rejects }: Outcome,
  signal: AbortSignal | undefined,
): Promise<QueryResult> {
  const { host } = devices;
  const traffic = { uploaded: 0, downloaded: 0 };
  for (const partition of partitions) partition.pin();
  try {
    const counted = partitions.map((partition) => partition.counted);
    memory.host.requireRoom(counted, "the result", RESULT_HINT);
    const residents: Resident[] = [];
    for (const partition of partitions) {
      residents.push(await unlessAborted(partition.on(host, host, traffic), signal));
    }
    await turnIfOver();
    const [first] = residents;
    const whole =
      residents.length === 1 && first !== undefined
        ? first
        : await host.execute({ kind: "concat" }, residents, { signal });
    const batch = await host.download(whole);
    await turnIfOver();
    if (whole !== first) host.release(whole);
    // It is the caller's from now on.
    await inSlices(disowning(batch));
    return { schema, batches: [batch], rejects };
  } finally {
    await freed(devices, letGo(partitions), signal);
  }
}

async function letGo(partitions: readonly Partition[]): Promise<void> {
  for (const partition of partitions) {
    await turnIfOver();
    partition.unpin();
    await partition.release();
  }
}

/**
 * The partitions, each by itself, when what is too much for memory has gone to disk: they are the caller's. @throws what one
 * of them, or the signal, is at fault for; then all are released.
 */
export async function own(
  { devices, memory }: Queries,
  { partitions }: Outcome,
  signal: AbortSignal | undefined,
): Promise<readonly StoredPartition[]> {
  const owning = partitions.map((partition) => partition.own(devices.host));
  try {
    const owned = await unlessAborted(Promise.all(owning), signal);
    await unlessAborted(memory.host.settle(), signal);
    return owned;
  } catch (error) {
    await freed(devices, releaseOwned(owning), signal);
    throw error;
  }
}

async function releaseOwned(owning: readonly Promise<Partition>[]): Promise<void> {
  for (const end of await Promise.allSettled(owning)) {
    if (end.status === "fulfilled") await end.value.release();
  }
}

/** What is on its way when a query is cancelled may take its time, behind it. */
export async function freed(
  devices: Devices,
  freeing: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) devices.lingers(freeing);
  else await freeing;
}
