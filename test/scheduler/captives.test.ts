// Tasks that only one device can run, and in which order it runs them.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import { Captives } from "../../src/execution/schedule/captives.ts";
import type { DispatchTask } from "../../src/execution/schedule/model.ts";

const task = (id: number, devices: readonly string[]): DispatchTask => ({
  id,
  turn: id,
  inputs: [],
  devices,
  fallback: [],
  kernel: "split",
  group: "g",
});

const ms = [10, 10, 0.1, 50];
const tasks = [...[0, 1, 2].map((id) => task(id, ["cpu"])), task(3, ["cpu", "gpu:0"])];
const captives = () => atOnce(Captives.of(tasks, { computeMs: (id) => ms[id] ?? 0 }));
const urgencies = (own: Captives) => tasks.map((one) => own.urgency(one));

it("are as urgent as all that the device has left of them, and none where another device can run it", () => {
  const [first, second, , other] = urgencies(captives());
  expect(first).toBeCloseTo(20.1);
  expect(second).toBe(first);
  expect(other).toBe(0);
});

it("go first where they take hardly any time, as these delay none of the others", () => {
  const own = captives();
  const [first = 0, , brief = 0] = urgencies(own);
  expect(brief).toBeGreaterThan(first);
  // Among others that are as brief it is one of them.
  for (const one of tasks.slice(0, 2)) own.done(one);
  const [, , last = 0] = urgencies(own);
  expect(last).toBeCloseTo(0.1);
});
