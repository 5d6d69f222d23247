// What leaves a device takes its link in the order in which it was asked, wherever it goes.

import { expect, it } from "vitest";
import { Departures } from "../../src/execution/schedule/departures.ts";
import { arrivalAt, fillQueues, type QueueEnd } from "../../src/execution/schedule/queues.ts";

const end = (device: number, leavesAt = 0): QueueEnd => ({
  device,
  freeAt: 0,
  pace: 1,
  linkFreeAt: 0,
  leavesAt,
  coming: new Set(),
  linkRoom: true,
  computeRoom: true,
  stealRoom: true,
});

it("frees a link when all that was asked has left, or will not", () => {
  const departures = new Departures();
  expect(departures.freeAt(5)).toBe(5);
  const first = departures.add(10, 5);
  const second = departures.add(20, 6);
  const third = departures.add(40, 7);
  expect(departures.freeAt(8)).toBe(5 + 10 + 20 + 40);
  // Nobody wants it any more.
  second(9);
  expect(departures.freeAt(9)).toBe(5 + 10 + 40);
  // Later than expected, by three: what is behind it is late by as much.
  expect(departures.freeAt(18)).toBe(18 + 40);
  first(18);
  expect(departures.freeAt(18)).toBe(18 + 40);
  third(58);
  third(59);
  expect(departures.freeAt(60)).toBe(60);
});

it("counts what the links on both sides have to do before, and nothing that is there", () => {
  const departures = [{ device: 0, ms: 4, isUnderway: false }];
  const arrival = (device: number, own: Partial<QueueEnd>, leavesAt: number) => {
    const ends = [end(0, leavesAt), end(1), end(2)];
    return arrivalAt({ ...end(device), ...own }, ends, [0, 9, 4][device] ?? 0, departures, 0);
  };
  expect(arrival(0, {}, 100)).toBe(0);
  expect(arrival(1, {}, 0)).toBe(9);
  expect(arrival(1, {}, 100)).toBe(109);
  expect(arrival(1, { linkFreeAt: 50 }, 0)).toBe(55);
  // The host has no link of its own: from two cards it takes what they send at the same time.
  expect(arrival(2, { linkFreeAt: 50 }, 0)).toBe(4);
});

it("sends no more readers to other devices than one device's link can serve", () => {
  // Six results on the first device, all of 10 ms. Each takes 15 ms to leave, and another device as long as this one.
  const order = [0, 1, 2, 3, 4, 5].map((id) => ({
    id,
    urgency: 1,
    compute: new Float64Array(4).fill(10),
    transfer: Float64Array.of(0, 15.1, 15.1, 15.1),
    departures: [{ device: 0, ms: 15, isUnderway: false }],
    shared: null,
    factor: new Float64Array(4).fill(1),
    loss: new Float64Array(4).fill(1),
  }));
  const { heads, others } = fillQueues(
    order,
    [0, 1, 2, 3].map((device) => end(device)),
    0,
    1e9,
  );
  const placed = [...heads, ...others];
  const ends = placed.filter(({ device }) => device > 0).map(({ finish }) => finish);
  expect(placed).toHaveLength(6);
  // One arrives after 15 ms, another after 30; a third would be there when the first device has done all others.
  expect(ends.toSorted((a, b) => a - b).map(Math.round)).toEqual([25, 40]);
});
