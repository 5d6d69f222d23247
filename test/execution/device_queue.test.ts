// Queries that share a device take turns.

import { describe, expect, it } from "vitest";
import { DeviceQueue } from "../../src/execution/device_queue.ts";

/** The order in which tasks begin: `queries` names whose task comes, in the order of arrival. */
async function order(capacity: number, queries: string): Promise<string> {
  const queue = new DeviceQueue(capacity);
  const keys = new Map([...queries].map((name) => [name, { name }]));
  let began = "";
  const run = (name: string) =>
    queue.run(keys.get(name) ?? {}, async () => {
      began += name;
      await new Promise((resolve) => setImmediate(resolve));
    });
  await Promise.all([...queries].map(run));
  expect(queue.running).toBe(0);
  expect(queue.others({})).toBe(0);
  return began;
}

describe("DeviceQueue", () => {
  it.each([
    ["one query keeps its order", 1, "aaa", "aaa"],
    ["a late query does not wait for all of an early one", 1, "aaaab", "aabaa"],
    ["each gets a place before any gets a second one", 1, "aaabbbccc", "aabcabcbc"],
    ["two places", 2, "aaaabb", "aaabab"],
  ])("%s", async (_, capacity, arrivals, expected) => {
    expect(await order(capacity, arrivals)).toBe(expected);
  });

  it("tells a query how many others are there", async () => {
    const queue = new DeviceQueue(1);
    const [a, b, c] = [{}, {}, {}];
    let goOn = () => {};
    const busy = queue.run(a, () => new Promise<void>((resolve) => (goOn = resolve)));
    const waiting = queue.run(b, async () => queue.others(b));
    expect([queue.others(a), queue.others(b), queue.others(c)]).toEqual([1, 1, 2]);
    goOn();
    await busy;
    expect(await waiting).toBe(0);
  });

  it("passes its place on when a task fails", async () => {
    const queue = new DeviceQueue(1);
    const failing = queue.run({}, () => Promise.reject(new Error("no")));
    const next = queue.run({}, async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
    expect(queue.running).toBe(0);
  });
});
