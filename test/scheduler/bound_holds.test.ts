// The bound that makespans are compared with, against all schedules of small workloads: none ends sooner.
// GPUDATAFRAME_SMALL_WORKLOADS sets how many.

import { expect, it } from "vitest";
import type { Task, TaskId } from "../../src/execution/task.ts";
import type { DataSize, Operation } from "../../src/physical/index.ts";
import { Exhaustive } from "./exhaustive.ts";
import { lowerBound } from "./lower_bound.ts";
import { mixedMachine } from "./machines.ts";
import { Random } from "./random.ts";

const WORKLOADS = Number(process.env.GPUDATAFRAME_SMALL_WORKLOADS ?? 100);
const MOST_STEPS = 20_000;

/** Sources, then some of: maps, a gather, a broadcast, a new cut; at most so many tasks that compute. */
function smallWorkload(random: Random, cards: readonly string[]) {
  const tasks: Task[] = [];
  const sizes: DataSize[] = [];
  const homes: string[] = [];
  const add = (task: object, size: DataSize): TaskId => {
    const id = tasks.length;
    tasks.push({ ...task, id, operator: "" } as unknown as Task);
    sizes.push(size);
    return id;
  };
  const sizeOf = () => ({
    rows: Math.round(random.between(1e5, 2e6)),
    bytes: random.between(1e6, 5e7),
  });
  const operation = (kind: string, inputs: readonly TaskId[]) => {
    const program = { instructions: { length: random.integer(2, 20) }, outputs: { length: 2 } };
    const keys = [{ column: 0, descending: false, nulls: "last" }];
    const own = { kind, program, keys, limit: null, leftKeys: [0], rightKeys: [0] };
    const task = { kind: "operation", inputs, windows: null, partition: 0 };
    return add({ ...task, operation: own as unknown as Operation }, sizeOf());
  };
  const source = (partition: number) => {
    if (random.next() < 0.7) return add({ kind: "batch", partition }, sizeOf());
    homes.push(random.pick(cards));
    return add({ kind: "persisted", partition: homes.length - 1 }, sizeOf());
  };
  const sources = Array.from({ length: random.integer(1, 3) }, (_, part) => source(part));
  let parts = sources;
  const map = () => {
    const kind = random.pick(["evaluate", "sort"]);
    parts = parts.map((id) => operation(kind, [id]));
  };
  if (random.next() < 0.7) map();
  const shape = random.pick(["map", "gather", "broadcast", "split"]);
  if (shape === "map" && tasks.length < 6) map();
  if (shape === "gather") parts = [operation("concat", parts)];
  if (shape === "broadcast") {
    const [right = 0, ...left] = parts;
    parts = [right, ...left].map((id) => operation("concat", id === right ? [id] : [id, right]));
  }
  if (shape === "split") {
    const count = parts.length;
    const rows = parts.reduce((sum, id) => sum + (sizes[id] as DataSize).rows, 0);
    const inputs = parts;
    const share = { rows: rows / count, bytes: (16 * rows) / count };
    parts = parts.map((_, partition) =>
      add({ kind: "split", inputs, partition, splitCount: count }, share),
    );
  }
  if (parts.length < 3 && random.next() < 0.5) map();
  return { graph: { tasks, outputs: parts }, sizes, homes };
}

it(`no schedule of ${WORKLOADS} small workloads ends before its bound`, () => {
  let known = 0;
  let near = 0;
  for (let seed = 1; seed <= WORKLOADS; seed++) {
    const random = new Random(seed);
    const all = mixedMachine(random);
    const machine = [
      ...all.slice(0, Math.min(random.integer(1, 2), all.length - 1)),
      ...all.slice(-1),
    ];
    const cards = machine.slice(0, -1).map(({ id }) => id);
    const { graph, sizes, homes } = smallWorkload(random, cards);
    const bound = lowerBound({ graph, machine, sizes, homes });
    const schedules = new Exhaustive(graph, machine, sizes, homes);
    const isSooner = schedules.endsBefore(bound * (1 - 1e-9), MOST_STEPS);
    expect(isSooner, `seed ${seed}`).not.toBe(true);
    if (isSooner === null) continue;
    known += 1;
    if (schedules.endsBefore(bound * 1.05, MOST_STEPS) === true) near += 1;
  }
  console.log(
    `BOUND: ${known} of ${WORKLOADS} tried in full, ${near} end within 1.05 of the bound`,
  );
  // Most are small enough to be tried in full, and there are schedules near the bound for it to be above.
  expect(known).toBeGreaterThan(0.9 * WORKLOADS);
  expect(near).toBeGreaterThan(0.2 * WORKLOADS);
});
