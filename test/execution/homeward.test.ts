// In which order results come to the host, and what becomes of those that do not.

import { expect, it } from "vitest";
import { Homeward } from "../../src/execution/homeward.ts";
import type { Partition } from "../../src/execution/partition.ts";
import { FaultyExecutor, workplace } from "./faulty_executor.ts";

/** Partitions of one card that come when they are told to. */
class Results {
  readonly asked: string[] = [];
  readonly ended: string[] = [];
  readonly lingering: Promise<void>[] = [];
  readers = 0;
  readonly #coming = new Map<string, (error: Error | null) => void>();
  readonly homeward = new Homeward({
    ...workplace([new FaultyExecutor("host")]),
    lingers: (until) => this.lingering.push(until),
  });

  add(name: string, urgency: number, ms: number, device = "gpu:0"): void {
    const partition = {
      on: () => {
        this.asked.push(name);
        return new Promise<void>((resolve, reject) => {
          this.#coming.set(name, (error) => (error === null ? resolve() : reject(error)));
        });
      },
      retain: () => {
        this.readers += 1;
      },
      release: async () => {
        this.readers -= 1;
      },
    } as unknown as Partition;
    const departure = { device, ms, isUnderway: false };
    this.homeward.add(partition, departure, urgency, (hasCome) => {
      this.ended.push(hasCome ? name : `no ${name}`);
    });
  }

  async comes(name: string, error: Error | null = null): Promise<void> {
    this.#coming.get(name)?.(error);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

it("asks a card for the most urgent results first, two at once", async () => {
  const results = new Results();
  results.add("a", 1, 10);
  results.add("b", 1, 10);
  results.add("c", 1, 10);
  results.add("d", 1, 10);
  results.add("urgent", 5, 10);
  results.add("elsewhere", 1, 10, "gpu:1");
  expect(results.asked).toEqual(["a", "b", "elsewhere"]);
  await results.comes("b");
  expect(results.asked.slice(3)).toEqual(["urgent"]);
  await results.comes("a");
  await results.comes("urgent");
  expect(results.asked.slice(4)).toEqual(["c", "d"]);
  expect(results.ended).toEqual(["b", "a", "urgent"]);
  for (const name of ["c", "d", "elsewhere"]) await results.comes(name);
  expect(results.readers).toBe(0);
  await Promise.all(results.lingering);
});

it("asks for all that are small", () => {
  const results = new Results();
  for (const name of ["a", "b", "c", "d", "e", "f"]) results.add(name, 1, 0.5);
  expect(results.asked).toEqual(["a", "b", "c", "d"]);
});

it("goes on after one that fails, and lets go of it", async () => {
  const results = new Results();
  for (const name of ["a", "b", "c"]) results.add(name, 1, 10);
  await results.comes("a", new Error("lost"));
  expect(results.asked).toEqual(["a", "b", "c"]);
  await results.comes("b");
  await results.comes("c");
  expect(results.ended).toEqual(["no a", "b", "c"]);
  expect(results.readers).toBe(0);
});

it("lets go of what waits when nobody wants it any more, and asks for nothing else", async () => {
  const results = new Results();
  for (const name of ["a", "b", "c", "d"]) results.add(name, 1, 10);
  await results.homeward.clear();
  expect(results.readers).toBe(2);
  await results.comes("a");
  await results.comes("b");
  expect(results.asked).toEqual(["a", "b"]);
  expect(results.readers).toBe(0);
});
