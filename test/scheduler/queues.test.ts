// Where ready tasks queue, whatever the prices say.

import { expect, it, test } from "vitest";
import { Departures } from "../../src/execution/schedule/departures.ts";
import { newExecution } from "../../src/execution/schedule/execution.ts";
import type { Predictor } from "../../src/execution/schedule/model.ts";
import { queueEnds } from "../../src/execution/schedule/queue_ends.ts";
import { fillQueues, type QueueEnd, type ReadyTask } from "../../src/execution/schedule/queues.ts";

/** Much is left to do. */
const FAR = 1e9;

const end = (device: number): QueueEnd => ({
  device,
  freeAt: 0,
  pace: 1,
  linkFreeAt: 0,
  leavesAt: 0,
  coming: new Set(),
  linkRoom: true,
  computeRoom: true,
  stealRoom: true,
});

const ready = (compute: readonly number[], loss: readonly number[]): ReadyTask => ({
  id: 0,
  urgency: 1,
  compute: Float64Array.from(compute),
  transfer: new Float64Array(compute.length),
  departures: [],
  shared: null,
  factor: new Float64Array(compute.length).fill(1),
  loss: Float64Array.from(loss),
});

test.each([
  ["the only device that can run it, dear as it is", [Infinity, 2], [1, 1e11], 1],
  ["the least loss where it belongs nowhere", [Infinity, 2, 1], [1, 3, 5], 1],
  ["where it ends first of those where it belongs", [3, 2, 1], [1, 1.2, 5], 1],
])("a task goes to %s", (_, compute, loss, device) => {
  const task = ready(compute, loss);
  const { heads } = fillQueues(
    [task],
    compute.map((_, index) => end(index)),
    0,
    FAR,
  );
  expect(heads.some((head) => head.task === task && head.device === device)).toBe(true);
});

it.each([
  [true, [0, 1]],
  [false, [0]],
])(
  "a device takes what belongs to another while it has room for that: %s",
  (stealRoom, devices) => {
    // Of two tasks that belong on the first device, the second device could finish one sooner.
    const tasks = [0, 1].map((id) => ({ ...ready([4, 6], [1, 5]), id }));
    const { heads } = fillQueues(tasks, [end(0), { ...end(1), stealRoom }], 0, FAR);
    expect(heads.map(({ device }) => device).toSorted((a, b) => a - b)).toEqual(devices);
  },
);

/** Predictions on one device. */
const task = (id: number, urgency: number, compute: number, transfer: number): ReadyTask => ({
  ...ready([compute], [1]),
  id,
  urgency,
  transfer: Float64Array.of(transfer),
});

it.each([
  ["moves first although another is quicker to move", 1000, 0],
  ["waits for one that is quicker to move where both are as urgent", 100, 1],
])("what everything else waits for %s", (_, urgency, head) => {
  const order = [task(0, urgency, 10, 60), task(1, 100, 30, 90)];
  const { heads } = fillQueues(order, [end(0)], 0, FAR);
  expect(heads.map((queued) => queued.task.id)).toEqual([head]);
});

it.each([
  ["the smallest piece while it has nothing to compute", 0, 2],
  ["the most urgent piece that comes before it runs dry", 40, 1],
  ["the most urgent piece while there is enough to compute", 60, 0],
])("a device fetches %s", (_, freeAt, head) => {
  const { loss } = task(0, 1, 1, 1);
  const piece = (id: number, ms: number) => ({ ...task(id, ms, ms, ms), loss });
  const order = [piece(0, 60), piece(1, 40), piece(2, 20), piece(3, 20), task(4, 10, 10, 10)];
  const { heads } = fillQueues(order, [{ ...end(0), freeAt }], 0, FAR);
  expect(heads.map((queued) => queued.task.id)).toEqual([head]);
});

it.each([
  [0, true],
  [1, true],
  [2, false],
])("with %i tasks a device has room for one that belongs to another: %s", (count, room) => {
  const device = { id: "gpu:0", slots: 1 };
  const inFlight = Array.from({ length: count }, (_, id) =>
    newExecution(
      { task: id, device: device.id, reason: "stolen", retries: 0 },
      {
        startedAt: 0,
        expectedAt: 9,
        arrivesAt: 0,
        transferMs: 0,
        computeMs: 9,
        left: [],
        shared: null,
        claim: null,
      },
    ),
  );
  const states = [{ index: 0, device, inFlight, departures: new Departures(), lost: false }];
  const [own] = queueEnds(states, { sharers: () => 0 } as Partial<Predictor> as Predictor, 0);
  expect(own?.stealRoom).toBe(room);
});

it.each([
  ["moves while others compute for less than twice as long", 2, [0, 2]],
  ["stays where it is while others have enough to compute", 9, [0]],
])("what is less urgent %s", (_, compute, ids) => {
  const order = [task(0, 30, compute, 0), task(1, 20, compute, 0), task(2, 10, 5, 4)];
  const { heads } = fillQueues(order, [end(0)], 0, FAR);
  expect(heads.map((queued) => queued.task.id)).toEqual(ids);
});

/** Computes for so long on each of two cards, and is on the first of these numbers. */
const local = (id: number, home: number, compute: number): ReadyTask => ({
  ...ready([compute, compute], [1, 1]),
  id,
  transfer: Float64Array.of(home === 0 ? 0 : 4, home === 1 ? 0 : 4),
  departures: [{ device: home, ms: 2, isUnderway: false }],
});

it("a card that has work of its own, further down the list, is not idle", () => {
  const order = [0, 0, 1, 1].map((home, id) => local(id, home, 10));
  const { heads, others } = fillQueues(order, [end(0), end(1)], 0, FAR);
  const moved = [...heads, ...others].filter(({ transfer }) => transfer > 0);
  expect(moved).toEqual([]);
});

it("work moves from a card that has more of it than another, the last of it", () => {
  const order = [0, 0, 0, 0, 1, 1].map((home, id) => local(id, home, 10));
  const { heads, others } = fillQueues(order, [end(0), end(1)], 0, FAR);
  const moved = [...heads, ...others].filter(({ transfer }) => transfer > 0);
  expect(moved.map(({ task, device }) => [task.id, device])).toEqual([[3, 1]]);
});

it.each([
  ["goes where it ends first", 110, 1],
  ["keeps to where it belongs while other work is left for as long", 1000, 0],
])("what everything that is left waits for %s", (_, msLeft, device) => {
  // The first device is 50 ms behind.
  const task = { ...ready([10, 10], [1, 2]), urgency: 100 };
  const ends = [
    { ...end(0), freeAt: 50 },
    { ...end(1), stealRoom: false },
  ];
  const { heads, others } = fillQueues([task], ends, 0, msLeft);
  expect([...heads, ...others].map((queued) => queued.device)).toEqual([device]);
});

/** Joins with what is on its way to no device yet: 8 ms to each, then 5 ms of computing. */
const join = (id: number): ReadyTask => ({
  ...ready([5], [1]),
  id,
  transfer: Float64Array.of(8),
  shared: { id: 99, ms: Float64Array.of(8) },
});

it("what many tasks wait for moves once, and before what is quicker to move for one", () => {
  const piece = { ...ready([4], [1]), id: 10, urgency: 2, transfer: Float64Array.of(7) };
  const joins = [0, 1, 2, 3].map(join);
  const { heads, others } = fillQueues([piece, ...joins], [end(0)], 0, FAR);
  expect(heads.map(({ task }) => task.id)).toEqual([0]);
  expect(others.map(({ task, transfer }) => [task.id, transfer])).toEqual([
    [10, 7],
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  // For one alone it is not worth it.
  const alone = fillQueues([piece, join(0)], [end(0)], 0, FAR);
  expect(alone.heads.map(({ task }) => task.id)).toEqual([10]);
});

it("nothing that waits for a shared input starts while that is on its way", () => {
  const coming = { ...end(0), linkFreeAt: 6, coming: new Set([99]) };
  const { heads, others } = fillQueues([join(0), join(1)], [coming], 0, FAR);
  expect(heads).toEqual([]);
  expect(others.map(({ finish }) => finish)).toEqual([11, 16]);
});
