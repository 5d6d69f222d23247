// How far it is from a task to the end of the query, and which of equally urgent tasks start first.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import {
  Dispatcher,
  type DispatchTask,
  type Predictor,
  rankedTasks,
} from "../../src/execution/schedule/index.ts";
import { tails } from "../../src/execution/schedule/ranks.ts";

const HOST = "cpu";

/** Each task computes for so long on every device, and nothing moves. */
const predictor = (ms: readonly number[]): Predictor => ({
  computeMs: (id) => ms[id] ?? 0,
  transferMs: () => 0,
  moveMs: () => 0,
  comingMs: () => 0,
  returnMs: () => 0,
  departures: () => [],
  learn: () => false,
  sharers: () => 0,
});

const task = (id: number, inputs: readonly number[], devices: readonly string[]): DispatchTask => ({
  id,
  turn: id,
  inputs,
  devices,
  fallback: [],
  kernel: "k",
  group: `${devices}`,
});

function readersOf(tasks: readonly DispatchTask[]): number[][] {
  return tasks.map(({ id }) => tasks.filter(({ inputs }) => inputs.includes(id)).map((t) => t.id));
}

it("counts everything that waits for a broadcast, shared by all devices", () => {
  const devices = [HOST, "gpu:0"];
  // Six readers of 10 ms each, on two devices.
  const tasks = [task(0, [], devices), ...[1, 2, 3, 4, 5, 6].map((id) => task(id, [0], devices))];
  const found = atOnce(tails(tasks, readersOf(tasks), predictor([1, 10, 10, 10, 10, 10, 10])));
  expect([...found]).toEqual([30, 0, 0, 0, 0, 0, 0]);
});

it("counts the path where that is longer, and each task once", () => {
  const devices = [HOST, "gpu:0"];
  // Two ways from 0 to 3, and a long one behind it.
  const tasks = [
    task(0, [], devices),
    task(1, [0], devices),
    task(2, [0], devices),
    task(3, [1, 2], devices),
  ];
  const found = atOnce(tails(tasks, readersOf(tasks), predictor([1, 10, 10, 100])));
  expect([...found]).toEqual([110, 100, 100, 0]);
});

it("counts what only one device can do, one after the other", () => {
  const devices = [HOST, "gpu:0"];
  const tasks = [
    task(0, [], devices),
    ...[1, 2, 3].map((id) => task(id, [0], [HOST])),
    task(4, [], devices),
  ];
  const found = atOnce(tails(tasks, readersOf(tasks), predictor([1, 10, 10, 10, 1])));
  expect(found[0]).toBe(30);
});

it("starts, of what only the host can do, with what has a long way to the end", () => {
  const devices = [HOST, "gpu:0"];
  const tasks = [task(0, [], [HOST]), task(1, [], [HOST]), task(2, [1], devices)];
  const times = predictor([10, 10, 100]);
  const slots = [HOST, "gpu:0"].map((id) => ({ id, slots: 1 }));
  const dispatcher = new Dispatcher(atOnce(rankedTasks(tasks, times)), slots, times);
  for (const { id } of tasks) dispatcher.demand(id);
  const started = dispatcher.decide(0).map(({ launch }) => launch.task);
  expect(started[0]).toBe(1);
});

it("starts the most urgent task first, wherever what it reads stands among what is there from the start", () => {
  const devices = [HOST, "gpu:0"];
  // Two sources; what reads the second one has the longer way to the end.
  const tasks = [
    task(0, [], []),
    task(1, [], []),
    task(2, [0], devices),
    task(3, [1], devices),
    task(4, [3], devices),
  ];
  const times = predictor([0, 0, 10, 10, 100]);
  const slots = [{ id: HOST, slots: 1 }];
  const only = tasks.map((own) => ({ ...own, devices: own.devices.slice(0, 1) }));
  const started = (given: readonly DispatchTask[], places: typeof slots) => {
    const dispatcher = new Dispatcher(atOnce(rankedTasks(given, times)), places, times);
    for (const { id } of given) dispatcher.demand(id);
    const sources = dispatcher.decide(0);
    expect(sources.map(({ launch }) => launch.task)).toEqual([0, 1]);
    return sources.map((source) => {
      dispatcher.finished(source, null);
      return dispatcher.decide(0).map(({ launch }) => launch.task);
    });
  };
  const both = [...slots, { id: "gpu:0", slots: 1 }];
  const [early, then] = started(tasks, both);
  expect(early).toEqual([]);
  expect(then?.[0]).toBe(3);
  // Where nothing has a choice, nothing waits.
  expect(started(only, slots)[0]).toEqual([2]);
});
