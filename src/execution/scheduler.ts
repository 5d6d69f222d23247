// Runs a task graph: its outputs all together, or one after the other as the consumer takes them.

import { isChain, runChain } from "./chain.ts";
import { GraphRun } from "./graph_run.ts";
import type { Partition } from "./partition.ts";
import { inTurnsOf, prepareRun } from "./prepared_run.ts";
import { type TaskGraph, turnsByOutput } from "./task.ts";
import {
  type ScheduleOptions,
  type StreamSettings,
  SYSTEM_CLOCK,
  type Workplace,
} from "./workplace.ts";

/**
 * The result's partitions, in order, on the devices where they were computed; the caller releases each once. Rejects
 * with the error of the failing task that has the smallest id, or at once with an AbortError.
 */
export async function schedule(
  graph: TaskGraph,
  workplace: Workplace,
  options: ScheduleOptions = {},
): Promise<Partition[]> {
  if (isChain(graph, workplace, options)) return [await runChain(graph, workplace)];
  const { clock = SYSTEM_CLOCK } = options;
  const partitions: Partition[] = [];
  const turns = graph.tasks.map(({ id }) => id);
  const run = new GraphRun(await prepareRun(graph, workplace, { ...options, turns }));
  try {
    for (const output of graph.outputs.keys()) {
      // Thousands may be there at once.
      const pause = clock.pause();
      if (pause !== null) await pause;
      partitions.push(await run.output(output));
    }
    return partitions;
  } catch (error) {
    for (const partition of partitions) await partition.release();
    throw error;
  } finally {
    await run.end();
  }
}

/**
 * The result's partitions, in order, each as soon as it is there; the consumer releases each once. Only what the next
 * `lookAhead` partitions need is computed; a consumer that returns or throws ends the run. A failure takes the place of
 * the first partition that needs the task; of several such tasks the one with the smallest id is reported.
 */
export async function* stream(
  graph: TaskGraph,
  workplace: Workplace,
  options: StreamSettings,
): AsyncGenerator<Partition, void, undefined> {
  const { clock = SYSTEM_CLOCK, signal } = options;
  const turns = await inTurnsOf(clock, turnsByOutput(graph), signal);
  const run = new GraphRun(await prepareRun(graph, workplace, { ...options, turns }));
  try {
    for (const output of graph.outputs.keys()) yield await run.output(output);
  } finally {
    await run.end();
  }
}
