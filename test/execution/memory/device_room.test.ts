// Tasks that each need what others of the same device hold: all of them end there, and one that needs too much fails.

import { expect, test } from "vitest";
import { MemoryBudgetError, nextTurn } from "../../../src/base/index.ts";
import type { Executor } from "../../../src/device/index.ts";
import { DeviceMemory } from "../../../src/execution/memory/device_memory.ts";
import { FaultyExecutor } from "../faulty_executor.ts";

const BUDGET = 5;
/** Far more than any order of the tasks takes. */
const MOST_RUNS = 1000;

/** Tasks that read `input` bytes and make `result`, as far as the device has room. */
class Card {
  used = 0;
  runs = 0;
  readonly host = new FaultyExecutor("host") as unknown as Executor;
  readonly memory = new DeviceMemory(new FaultyExecutor("gpu:0") as unknown as Executor);

  async task(input: number, result: number): Promise<void> {
    const partition = new Copy(this, input);
    partition.pin();
    try {
      await this.memory.during(() => this.#run(partition, result), [partition], this.host);
    } finally {
      partition.unpin();
      partition.free();
    }
  }

  take(bytes: number): void {
    if (this.used + bytes > BUDGET) throw new MemoryBudgetError("no room");
    this.used += bytes;
  }

  async #run(partition: Copy, result: number): Promise<void> {
    this.runs += 1;
    if (this.runs > MOST_RUNS) throw new Error("tasks run for ever");
    partition.come();
    await nextTurn();
    this.take(result);
    await nextTurn();
    this.used -= result;
  }
}

/** An input's copy on the card. */
class Copy {
  #pins = 0;
  #isThere = false;
  readonly #card: Card;
  readonly #bytes: number;

  constructor(card: Card, bytes: number) {
    this.#card = card;
    this.#bytes = bytes;
  }

  get isPinned(): boolean {
    return this.#pins > 0;
  }

  pin(): void {
    this.#pins += 1;
  }

  unpin(): void {
    this.#pins -= 1;
  }

  come(): void {
    expect(this.isPinned).toBe(true);
    if (this.#isThere) return;
    this.#card.take(this.#bytes);
    this.#isThere = true;
    this.#card.memory.add(this, this.#bytes);
  }

  async evict(): Promise<void> {
    await nextTurn();
    if (!this.isPinned) this.free();
  }

  free(): void {
    if (!this.#isThere) return;
    this.#isThere = false;
    this.#card.used -= this.#bytes;
    this.#card.memory.remove(this);
  }
}

test.each([2, 3, 8])("%i tasks at once, of which the device holds one", async (count) => {
  const card = new Card();
  await Promise.all(Array.from({ length: count }, () => card.task(2, 2)));
  expect(card.used).toBe(0);
});

test("one of them needs more than there is", async () => {
  const card = new Card();
  const ends = await Promise.allSettled([card.task(2, 2), card.task(2, 4), card.task(2, 2)]);
  const reasons = ends.map((end) => (end.status === "rejected" ? end.reason : null));
  expect(reasons).toEqual([null, expect.any(MemoryBudgetError), null]);
  expect(card.used).toBe(0);
});
