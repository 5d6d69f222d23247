// What works on more than the budget has tens of thousands of tasks in a stage: they are made, ranked and held in steps, and
// whoever cancels the query meanwhile is heard.

import { afterAll, expect, test, vi } from "vitest";
import { AbortError, at, atOnce, type Steps } from "../../src/base/index.ts";
import type { Resident } from "../../src/device/index.ts";
import { INT64, Schema } from "../../src/dtype/index.ts";
import { expandAll } from "../../src/execution/expand.ts";
import { StoredPartition } from "../../src/execution/partition.ts";
import { schedule, stream } from "../../src/execution/scheduler.ts";
import { type TaskGraph, turnsByOutput } from "../../src/execution/task.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import {
  type Deferred,
  type Held,
  type PhysicalPlan,
  type PlanningContext,
  planStage,
  type StageStep,
} from "../../src/physical/index.ts";
import { FaultyExecutor, numbers, workplace } from "../execution/faulty_executor.ts";
import { openThreadClock, probeEventLoop, type Turn } from "./probe.ts";

const PIECES = 30_000;
const PIECES_A_GATHER = 30;
const MOST_MS = 10;
const RUNS = 12;
const TIMEOUT_MS = 60_000;

const clock = openThreadClock();
afterAll(() => clock[Symbol.dispose]());

const schema = new Schema([{ name: "0", dtype: INT64 }]);
const placement = { devices: ["host"], fallback: [], reason: "test" };
const held: Held = {
  kind: "held",
  operator: "sort",
  schema,
  partitions: PIECES,
  sizes: Array.from({ length: PIECES }, () => ({ rows: 1, bytes: 8 })),
  size: { rows: PIECES, bytes: 8 * PIECES },
};

/** Runs of neighbouring pieces, and the pieces by themselves. */
const plans: readonly PhysicalPlan[] = [
  held,
  {
    kind: "union",
    operator: "sort",
    schema,
    partitions: PIECES / PIECES_A_GATHER,
    inputs: Array.from({ length: PIECES / PIECES_A_GATHER }, (_, part) => {
      const indices = Array.from(
        { length: PIECES_A_GATHER },
        (_, index) => part * PIECES_A_GATHER + index,
      );
      const input = {
        kind: "pick" as const,
        operator: "sort",
        schema,
        partitions: PIECES_A_GATHER,
        input: held,
        indices,
      };
      return { kind: "gather", operator: "sort", schema, partitions: 1, input, placement };
    }),
  },
];
const expansion = () => expandAll(plans, new Map());
const { graph } = atOnce(expansion());
/** Those whose results are pieces. */
const all: TaskGraph = { ...graph, outputs: graph.outputs.slice(0, PIECES) };

/** Pieces that one held each, which the caller releases. */
class HeldPieces {
  readonly host: FaultyExecutor;
  readonly stored: readonly StoredPartition[];

  private constructor(host: FaultyExecutor, resident: Resident) {
    this.host = host;
    this.stored = Array.from({ length: PIECES }, () => new StoredPartition(host, resident, 1));
    host.held = PIECES;
  }

  static async make(): Promise<HeldPieces> {
    const host = new FaultyExecutor("host");
    return new HeldPieces(host, await host.upload(numbers(0, 1)));
  }

  get workplace(): Workplace {
    return {
      ...workplace([this.host]),
      held: ({ partition }) => ({ partition: at(this.stored, partition), isLast: false }),
    };
  }

  /** Nothing but the caller's own holds any of them, or what was made of them. */
  async expectLetGo(): Promise<void> {
    for (const partition of this.stored) await partition.release();
    // A task that is in flight lets go when it ends.
    await vi.waitFor(() => {
      expect(this.stored.filter(({ holder }) => holder !== null)).toEqual([]);
      expect(this.host.held).toBe(0);
    });
  }
}

const { descriptor } = new FaultyExecutor("host");
const context: PlanningContext = {
  policy: {
    engine: "reference",
    shared: [],
    sharedReason: "",
    strict: false,
    devices: [{ descriptor, supports: () => ({ ok: true }) }],
  },
  partitions: null,
  sharing: [],
  columnByteLimit: null,
  partitionBytes: null,
  // A task gathers nine pieces.
  hostBudgetBytes: 9 * 8 * 4,
  joinRuns: new Map(),
  wholeAggregates: false,
};
/** Parts of 1,500 pieces, each to be dealt out again. */
const step: StageStep = {
  kind: "sortParts",
  keys: [{ column: 0, descending: false, nulls: "last" }],
  given: 0,
  outputs: [0],
  level: 0,
  window: null,
  parts: 20,
};
const estimate = held.size;
const deferred: Deferred = {
  kind: "deferred",
  operator: "sort",
  schema,
  partitions: 20,
  inputs: [held],
  later: [],
  step,
  estimate,
  reason: "test",
};

test.each<readonly [string, () => Steps<unknown>]>([
  ["planning a stage", () => planStage(context, deferred, [held])],
  ["expanding a plan", expansion],
  ["the order of a stream's tasks", () => turnsByOutput(graph)],
])("%s is done in short steps", (_, begin) => {
  let least: number[] = [];
  for (let run = 0; run < RUNS && (run === 0 || Math.max(...least) >= MOST_MS / 2); run++) {
    const durations: number[] = [];
    const steps = begin();
    for (let last = clock.now(), done: boolean | undefined = false; !done; ) {
      ({ done } = steps.next());
      durations.push(clock.now() - last);
      last = clock.now();
    }
    least = durations.map((ms, step) => Math.min(ms, least[step] ?? ms));
  }
  expect(least.length).toBeGreaterThan(PIECES / 100);
  expect(Math.max(...least)).toBeLessThan(MOST_MS / 2);
});

test(
  "a stage of 31,000 tasks keeps no turn of the event loop for long",
  async () => {
    let best = Number.POSITIVE_INFINITY;
    const pieces = await HeldPieces.make();
    for (let run = 0; run < RUNS && best >= MOST_MS; run++) {
      const { value, turns } = await probeEventLoop(() => schedule(all, pieces.workplace));
      best = Math.min(best, (turns[0] as Turn).ms);
      expect(value).toEqual(pieces.stored);
      for (const partition of value) await partition.release();
    }
    await pieces.expectLetGo();
    expect(best).toBeLessThan(MOST_MS);
  },
  TIMEOUT_MS,
);

// Early while it is prepared, later while partitions are held.
test.each([1, 5, 20, 40])(
  "a run that is cancelled after %i turns lets go of everything",
  async (turns) => {
    const controller = new AbortController();
    const pieces = await HeldPieces.make();
    let left = turns;
    const tick = () => {
      left -= 1;
      if (left === 0) controller.abort(new Error("enough"));
      else setImmediate(tick);
    };
    setImmediate(tick);
    const work = schedule(graph, pieces.workplace, { signal: controller.signal });
    await expect(work).rejects.toThrow(AbortError);
    expect(left).toBe(0);
    await pieces.expectLetGo();
  },
);

test("a stream that its consumer leaves early lets go of everything", async () => {
  const pieces = await HeldPieces.make();
  let taken = 0;
  for await (const partition of stream(all, pieces.workplace, { lookAhead: PIECES })) {
    await partition.release();
    taken += 1;
    if (taken === 2) break;
  }
  await pieces.expectLetGo();
});
