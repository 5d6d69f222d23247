// What many tasks read: what it takes to devices that have not got it, for all of them together.

import { expect, it } from "vitest";
import type { DispatchTask } from "../../src/execution/schedule/model.ts";
import { SharedInputs } from "../../src/execution/schedule/shared_inputs.ts";

const task = (id: number, inputs: readonly number[]): DispatchTask => ({
  id,
  turn: id,
  inputs,
  devices: ["a", "b"],
  fallback: [],
  kernel: "join",
  group: "g",
});

// Five joins of 1 to 5 with 0, which is on the first device.
const joins = [1, 2, 3, 4, 5].map((left) => task(5 + left, [left, 0]));
const readers = [joins.map(({ id }) => id), ...joins.map(({ id }) => [id])];
const predictor = {
  moveMs: (_: number, device: string) => (device === "a" ? 0 : 10),
  comingMs: (_: number, device: string) => (device === "a" ? 1 : 11),
};
const shared = new SharedInputs(readers, ["a", "b"], predictor);
const [join = task(0, [])] = joins;

it("are told from a task's own", () => {
  expect(shared.of(join)).toEqual({ id: 0, ms: Float64Array.of(0, 10) });
  // Where all is shared, there is nothing that it is shared for, and what gathers reads nothing again.
  expect(shared.of(task(9, [0]))).toBeNull();
  expect(shared.of(task(9, [1, 2, 3, 4, 0]))).toBeNull();
  expect(shared.of(task(9, [1, 2]))).toBeNull();
  // One device has nothing to send.
  expect(new SharedInputs(readers, ["a"], predictor).of(join)).toBeNull();
});

it("take a link once, however many tasks read them", () => {
  const all = (device: string) => joins.reduce((ms, own) => ms + shared.comingMs(own, device), 0);
  expect(all("a")).toBeCloseTo(5);
  expect(all("b")).toBeCloseTo(5 + 10);
});
