// The fractional assignment against optima that can be worked out by hand: a bound above them would be none, one below
// them would forgive the policy what it should not.

import { expect, it } from "vitest";
import { type AreaOption, area } from "./area.ts";
import { type DeviceModel, mixedMachine } from "./machines.ts";
import { Random } from "./random.ts";

/** So many cards of one make and the host. */
function machineOf(cards: number): readonly DeviceModel[] {
  const machine = mixedMachine(new Random(1));
  const gpu = machine.find(({ kind }) => kind === "gpu") as DeviceModel;
  const host = machine.find(({ kind }) => kind === "cpu") as DeviceModel;
  return [...Array.from({ length: cards }, (_, index) => ({ ...gpu, id: `gpu:${index}` })), host];
}

const option = (device: number, compute: number, upload = 0, earlyUpload = 0): AreaOption => ({
  device,
  compute,
  upload,
  earlyUpload,
  download: 0,
});

it("shares work in proportion to speed", () => {
  const tasks = Array.from({ length: 10 }, () => [option(0, 3), option(1, 6)]);
  expect(area(tasks, machineOf(1), true)).toBeCloseTo(20, 6);
});

it("weighs a link against computing elsewhere", () => {
  // On five cards bound by their links, 12 ms of upload a task; on the host 4 ms of computing. With a share of x on the host,
  // 100 * 4 * x = 100 * 12 * (1 - x) / 5.
  const cards = [0, 1, 2, 3, 4].map((device) => option(device, 1, 0, 12));
  const tasks = Array.from({ length: 100 }, () => [...cards, option(5, 4)]);
  expect(area(tasks, machineOf(5), true)).toBeCloseTo(400 * (2.4 / 6.4), 6);
  // Uploads that may have happened before count for nothing: 100 of 1 ms on five cards, or of 4 ms on the host.
  expect(area(tasks, machineOf(5), false)).toBeCloseTo(100 / 5.25, 6);
});

it("puts what only one device can do there, and the rest beside it", () => {
  const captive = Array.from({ length: 4 }, () => [option(1, 5)]);
  const free = Array.from({ length: 8 }, () => [option(0, 2), option(1, 2)]);
  expect(area([...captive, ...free], machineOf(1), true)).toBeCloseTo(20, 6);
  expect(area([...captive, ...free, ...free], machineOf(1), true)).toBeCloseTo(26, 6);
});

it("is no more than any assignment of tasks that are not alike", () => {
  const random = new Random(2);
  for (let trial = 0; trial < 20; trial++) {
    const tasks = Array.from({ length: 40 }, () =>
      [0, 1, 2].map((device) => option(device, random.between(1, 30), random.between(1, 30))),
    );
    const loads = new Float64Array(6);
    for (const options of tasks) {
      const load = ({ device, compute, upload }: AreaOption) =>
        Math.max((loads[device] ?? 0) + compute, (loads[3 + device] ?? 0) + upload);
      const best = options.reduce((a, b) => (load(b) < load(a) ? b : a));
      loads[best.device] = (loads[best.device] ?? 0) + best.compute;
      loads[3 + best.device] = (loads[3 + best.device] ?? 0) + best.upload;
    }
    const bound = area(tasks, machineOf(2), true);
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThanOrEqual(Math.max(...loads));
  }
});
