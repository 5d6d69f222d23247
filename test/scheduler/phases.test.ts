// All phases of a run together, against optima that can be worked out by hand.

import { expect, it } from "vitest";
import type { OperationTask } from "../../src/execution/task.ts";
import type { Operation } from "../../src/physical/index.ts";
import type { AreaOption } from "./area.ts";
import { type DeviceModel, mixedMachine } from "./machines.ts";
import { phasesBound } from "./phases.ts";
import { Random } from "./random.ts";

/** A card and the host. */
const [CARD, HOST] = [0, 1];
const all = mixedMachine(new Random(1));
const card = all.find(({ kind }) => kind === "gpu") as DeviceModel;
const machine = [card, all.find(({ kind }) => kind === "cpu") as DeviceModel];

interface Work {
  readonly inputs?: readonly number[];
  readonly kind?: "evaluate" | "concat";
  /** Milliseconds on the card and on the host; null: not there. */
  readonly card?: number;
  readonly host?: number;
  /** What its result takes on the card's link. */
  readonly linkMs?: number;
}

function boundOf(works: readonly Work[], done: readonly number[] = []): number {
  const option = (device: number, compute: number | undefined): AreaOption[] =>
    compute === undefined ? [] : [{ device, compute, earlyUpload: 0, upload: 0, download: 0 }];
  const tasks = works.map(
    ({ inputs = [], kind = "evaluate" }, id): OperationTask => ({
      kind: "operation",
      id,
      operator: kind,
      partition: id,
      operation: { kind } as Operation,
      inputs,
      placement: { devices: machine.map((model) => model.id), fallback: [], reason: "" },
      inputNames: [],
      siblings: [],
      windows: null,
    }),
  );
  const isDone = (id: number) => done.includes(id);
  return phasesBound({
    graph: { tasks, outputs: [] },
    machine,
    homes: [],
    sizes: works.map(({ linkMs = 0 }) => ({
      rows: 1,
      bytes: linkMs * card.costs.uploadBytesPerMs,
    })),
    isDone,
    options: works.map((work, id) =>
      isDone(id) ? [] : [...option(CARD, work.card), ...option(HOST, work.host)],
    ),
  });
}

const times = (count: number, work: Work): Work[] => Array<Work>(count).fill(work);

it("shares out what may happen in every phase among them", () => {
  // Of 60 ms on the host or 20 on the card, all before 20 ms on the host; and 10 ms there at any time.
  const first = times(4, { card: 5, host: 15 });
  const gather: Work = { inputs: [0, 1, 2, 3], kind: "concat", host: 0 };
  const then = times(2, { inputs: [4], host: 10 });
  const other = times(2, { host: 5 });
  // Before the gather 20 x on the card and 60 (1 - x) + 10 on the host: 17.5 ms. Then 20.
  expect(boundOf([...first, gather, ...then, ...other])).toBeCloseTo(37.5, 4);
  // Without a gather to wait for, 30 on the host; on the card less.
  const apart = [...first, ...then, ...other].map((work) => ({ ...work, inputs: [] }));
  expect(boundOf(apart)).toBeCloseTo(30, 4);
});

it("waits for nothing that is done", () => {
  const gather: Work = { inputs: [0, 1], kind: "concat", host: 0 };
  const works = [...times(2, { card: 5 }), gather, ...times(2, { inputs: [2], host: 10 })];
  expect(boundOf(works)).toBeCloseTo(30, 4);
  expect(boundOf(works, [0, 1])).toBeCloseTo(20, 4);
  // What read the gather goes on while that is made again.
  expect(boundOf(works, [3])).toBeCloseTo(20, 4);
  const behind = [...works, { inputs: [3], host: 7 }];
  expect(boundOf(behind, [3, 4])).toBeCloseTo(10, 4);
});

it.each([
  [0, 8],
  [1, 8],
  // Of T ms a hundredth of so many results come to the card, at 1 ms on each device; the others take 4 ms where they are.
  [100, 1600 / 101],
])("counts what a result takes from the host to the card: %i ms", (linkMs, bound) => {
  const works = Array.from({ length: 8 }, (_, index): Work[] => [
    { host: 1, card: 3, linkMs },
    { inputs: [2 * index], host: 3, card: 1 },
  ]).flat();
  expect(boundOf(works)).toBeCloseTo(bound, 4);
});

it("is for the order of events that ends first", () => {
  // Two branches that need the card first and the host then: the host waits for one of them, whichever that is.
  const branch = (first: number): Work[] => [
    ...times(2, { card: 5 }),
    { inputs: [first, first + 1], kind: "concat", host: 0 },
    ...times(2, { inputs: [first + 2], host: 5 }),
  ];
  expect(boundOf([...branch(0), ...branch(5)])).toBeCloseTo(30, 4);
});

it("lets nothing compute before what it reads", () => {
  // The host makes what the gather waits for, and what the rest is made from; the card has nothing to do until then.
  const gather: Work = { inputs: [0, 1], kind: "concat", host: 0 };
  const first = [...times(2, { host: 5 }), gather, { inputs: [2], card: 10 }];
  const rest: Work[] = [{ host: 10 }, { inputs: [4], card: 10 }];
  expect(boundOf([...first, ...rest])).toBeCloseTo(30, 4);
  // On the card from the start, it computes while the gather is waited for.
  expect(boundOf([...first, { card: 10 }])).toBeCloseTo(20, 4);
});
