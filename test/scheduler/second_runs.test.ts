// Second runs of a task, where what they read or what they made is lost meanwhile.

import { expect, test } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import {
  Dispatcher,
  type DispatchTask,
  type Execution,
  rankedTasks,
} from "../../src/execution/schedule/index.ts";

const DEVICES = ["a", "b", "c"];
const LATE = 1000;

const predictor = {
  computeMs: () => 1,
  transferMs: () => 0,
  moveMs: () => 0,
  comingMs: () => 0,
  departures: () => [],
  returnMs: () => 0,
  learn: () => false,
  sharers: () => 0,
};

function task(id: number, inputs: readonly number[]): DispatchTask {
  return { id, inputs, devices: DEVICES, fallback: [], kernel: "sort", group: "sort", turn: id };
}

function dispatcherOf(
  tasks: readonly DispatchTask[],
  ids: readonly string[] = DEVICES,
): Dispatcher {
  const devices = ids.map((id) => ({ id, slots: 1 }));
  const dispatcher = new Dispatcher(atOnce(rankedTasks(tasks, predictor)), devices, predictor);
  for (const { id } of tasks) dispatcher.demand(id);
  return dispatcher;
}

function only(executions: readonly Execution[]): Execution {
  const [first, ...others] = executions;
  if (first === undefined || others.length > 0) throw new Error("one execution is decided");
  return first;
}

test("a task whose input is lost is not run a second time before that is back", () => {
  const dispatcher = dispatcherOf([task(0, []), task(1, [0])]);
  dispatcher.finished(only(dispatcher.decide(0)), 1);
  const reader = only(dispatcher.decide(1));
  expect(reader.launch.task).toBe(1);
  dispatcher.resultLost(0);
  const again = dispatcher.decide(2);
  expect(again.map(({ launch }) => launch.task)).toEqual([0]);
  const late = [...dispatcher.decide(LATE), ...dispatcher.decide(2 * LATE)];
  expect(late.map(({ launch }) => launch.task)).not.toContain(1);
  dispatcher.finished(only(again), 1);
  expect(dispatcher.decide(3 * LATE).map(({ launch }) => launch.task)).toEqual([1]);
});

test("a run that has lost does not keep its task from running again when the result is lost", () => {
  const dispatcher = dispatcherOf([task(0, [])]);
  const slow = only(dispatcher.decide(0));
  const faster = only(dispatcher.decide(LATE));
  expect(faster.launch.reason).toBe("duplicate");
  dispatcher.finished(faster, 1);
  dispatcher.resultLost(0);
  const again = only(dispatcher.decide(LATE + 1));
  expect(dispatcher.failed(again, "device")).toBe(true);
  dispatcher.abandoned(slow);
  const retry = only(dispatcher.decide(LATE + 2));
  expect(dispatcher.finished(retry, 1)).toBe(true);
  expect(dispatcher.isDone(0)).toBe(true);
});

test("a device that fails a second run does not get the task again while the first one goes on", () => {
  const dispatcher = dispatcherOf([task(0, [])]);
  const first = only(dispatcher.decide(0));
  const second = only(dispatcher.decide(LATE));
  expect(dispatcher.failed(second, "device")).toBe(true);
  const third = only(dispatcher.decide(2 * LATE));
  const used = [first, second, third].map(({ launch }) => launch.device);
  expect(new Set(used)).toEqual(new Set(DEVICES));
  expect(dispatcher.failed(third, "device")).toBe(true);
  expect(dispatcher.decide(3 * LATE)).toEqual([]);
  expect(dispatcher.finished(first, 1)).toBe(true);
  expect(dispatcher.isDone(0)).toBe(true);
});

test.each(["first", "second"])(
  "of two runs that fail, the %s one before, both devices are excluded",
  (order) => {
    const dispatcher = dispatcherOf([task(0, [])]);
    const first = only(dispatcher.decide(0));
    const second = only(dispatcher.decide(LATE));
    const failing = order === "first" ? [first, second] : [second, first];
    for (const execution of failing) expect(dispatcher.failed(execution, "device")).toBe(true);
    const retry = only(dispatcher.decide(LATE + 1));
    expect(failing.map(({ launch }) => launch.device)).not.toContain(retry.launch.device);
    expect(dispatcher.failed(retry, "device")).toBe(false);
  },
);

test("however many second runs fail, the last try is left to the first one's end", () => {
  const cards = ["a", "b", "c", "d", "e"];
  const alone = { ...task(0, []), devices: cards, fallback: ["host"] };
  const dispatcher = dispatcherOf([alone], [...cards, "host"]);
  const first = only(dispatcher.decide(0));
  for (let second = 1; second < cards.length; second++) {
    const execution = only(dispatcher.decide(second * LATE));
    expect(cards).toContain(execution.launch.device);
    expect(dispatcher.failed(execution, "device")).toBe(true);
  }
  expect(dispatcher.failed(first, "device")).toBe(true);
  const last = only(dispatcher.decide(cards.length * LATE));
  expect(last.launch.device).toBe("host");
  expect(dispatcher.failed(last, "device")).toBe(false);
});
