// Work that waits for all of a node, and what that says of work that does not: prices before a barrier and behind it.

import { describe, expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import { type Barrier, barriersOf } from "../../src/execution/schedule/barriers.ts";
import { Losses, type TaskCost } from "../../src/execution/schedule/losses.ts";
import type { DispatchTask } from "../../src/execution/schedule/model.ts";
import {
  ANY,
  assign,
  type GroupCost,
  LATER,
  NOW,
  type Window,
} from "../../src/execution/schedule/prices.ts";
import { Random } from "./random.ts";

/** Tasks by group, each with what it reads. */
function tasksOf(groups: readonly (readonly [string, readonly (readonly number[])[]])[]) {
  const nodes = groups.flatMap(([group, own]) => own.map((inputs) => ({ group, inputs })));
  return nodes.map(
    ({ group, inputs }, id): DispatchTask => ({
      id,
      turn: id,
      inputs,
      devices: ["a", "b"],
      fallback: [],
      kernel: "k",
      group,
    }),
  );
}

const barriers = (...groups: Parameters<typeof tasksOf>[0][number][]) =>
  atOnce(barriersOf(tasksOf(groups))).map(({ before, after }) => [
    [...before].toSorted().join(""),
    [...after].toSorted().join(""),
  ]);

const scan: readonly (readonly number[])[] = [[], [], []];

describe("what waits for a whole node", () => {
  it("is behind all that the node is made from, and so are its readers", () => {
    const all = [0, 1, 2];
    expect(
      barriers(["s", scan], ["m", [[0], [1], [2]]], ["g", [[3, 4, 5]]], ["r", [[6], [6]]]),
    ).toEqual([["ms", "gr"]]);
    expect(barriers(["s", scan], ["c", [all, all, all]], ["r", [[3], [4], [5]]])).toEqual([
      ["s", "cr"],
    ]);
  });

  it("leaves out what has nothing to do with it", () => {
    expect(barriers(["s", scan], ["o", scan], ["g", [[0, 1, 2]]], ["p", [[3], [4], [5]]])).toEqual([
      ["s", "g"],
    ]);
    // A broadcast: of what it is joined with, only the join waits for it.
    expect(
      barriers(["s", scan], ["o", scan], ["g", [[0, 1, 2]]], ["j", [3, 4, 5].map((id) => [id, 6])]),
    ).toEqual([["s", "gj"]]);
  });

  it("is none where tasks read a part each", () => {
    const many = [...scan, ...scan, ...scan];
    const parts = [0, 3, 6].map((from) => [from, from + 1, from + 2]);
    expect(barriers(["s", many], ["g", parts])).toEqual([]);
    expect(barriers(["s", scan], ["m", [[0], [1, 2]]])).toEqual([]);
  });

  it("is none where nodes before it and behind it share a group", () => {
    expect(barriers(["s", scan], ["m", [[0], [1], [2]]], ["g", [[3, 4, 5]]], ["m", [[6]]])).toEqual(
      [],
    );
  });
});

const cost = (computeMs: number, transferMs = 0, returnMs = 0): GroupCost => ({
  computeMs,
  transferMs,
  returnMs,
});

describe("two phases", () => {
  it("take as long as both", () => {
    const groups = [
      [cost(30), cost(30)],
      [null, cost(40)],
    ];
    expect(assign(groups).leastMs).toBeCloseTo(40, 0);
    expect(assign(groups, [NOW, LATER]).leastMs).toBeCloseTo(15 + 40, 0);
  });

  it("leave to the second one what fits in there, on the devices where it will fit", () => {
    // While the second device does what only it can do, the first one does the other work for nothing.
    const groups = [
      [cost(30), cost(30)],
      [null, cost(40)],
      [cost(30), cost(30)],
    ];
    const { inefficiencies, leastMs } = assign(groups, [NOW, LATER, ANY]);
    expect(leastMs).toBeCloseTo(15 + 40, 0);
    const [first = 0, second = 0] = inefficiencies[2] ?? [];
    expect(first).toBeCloseTo(1, 1);
    expect(second).toBeGreaterThan(5);
  });

  it("count what has to come back", () => {
    expect(assign([[cost(10, 5, 40), cost(40)]]).leastMs).toBeCloseTo(20, 0);
    expect(assign([[cost(10, 5, 0), cost(40)]]).leastMs).toBeCloseTo(8, 0);
  });

  it("never take longer than they can in any order", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const width = random.integer(1, 4);
      const some = () =>
        cost(random.between(1, 50), random.between(0.1, 30), random.between(0.1, 30));
      const groups = Array.from({ length: random.integer(1, 5) }, () =>
        Array.from({ length: width }, some),
      );
      const windows = groups.map(() => random.pick<Window>([NOW, LATER, ANY]));
      // Each group where it is dealt at random, in shares, one phase after the other.
      let least = Number.POSITIVE_INFINITY;
      for (let trial = 0; trial < 200; trial++) {
        const loads = [0, 1].map(() => new Float64Array(3 * width));
        for (const [group, costs] of groups.entries()) {
          const window = windows[group] ?? NOW;
          const late = window === LATER || (window === ANY && random.next() < 0.5);
          const load = loads[late ? 1 : 0] as Float64Array;
          const shares = costs.map(() => random.next());
          const all = shares.reduce((sum, share) => sum + share, 0);
          for (const [device, { computeMs, transferMs, returnMs }] of costs.entries()) {
            const share = (shares[device] ?? 0) / all;
            for (const [part, ms] of [computeMs, transferMs, returnMs].entries()) {
              load[3 * device + part] = (load[3 * device + part] ?? 0) + share * ms;
            }
          }
        }
        least = Math.min(
          least,
          loads.reduce((sum, load) => sum + Math.max(...load), 0),
        );
      }
      expect(assign(groups, windows).leastMs, `seed ${seed}`).toBeLessThan(least * 1.000001);
    }
  });
});

describe("prices", () => {
  const barrier = (before: string, after: string): Barrier => ({
    before: new Set(before),
    after: new Set(after),
  });
  const one = (group: string, device: number, computeMs: number): TaskCost => ({
    group,
    device,
    computeMs,
    transferMs: 0,
    returnMs: 0,
  });
  // Only the second device can do y, behind x; z can wait for the time in which the first one has nothing else to do.
  const left = [
    ...[0, 1].map((device) => one("x", device, 30)),
    one("y", 1, 40),
    ...[0, 1].map((device) => one("z", device, 30)),
  ];

  it("are those of the barrier by which all takes longest", () => {
    const losses = new Losses(2, [barrier("z", "w"), barrier("x", "y")]);
    losses.update(100, () => left);
    expect(losses.msLeft(100)).toBeCloseTo(15 + 40, 0);
    expect(losses.of("z")[1]).toBeGreaterThan(5);
  });

  it("are those of all work together when what was before the barrier is done", () => {
    const losses = new Losses(2, [barrier("x", "y")]);
    losses.update(0, () => left.filter(({ group }) => group !== "x"));
    expect(losses.msLeft(0)).toBeCloseTo(40, 0);
  });
});
