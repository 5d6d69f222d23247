// What leaves a device while it is still on its way from there to the host.

import { expect, test } from "vitest";
import { type Batch, columnFromValues } from "../../../src/column/index.ts";
import { INT64 } from "../../../src/dtype/index.ts";
import { StoredPartition } from "../../../src/execution/partition.ts";
import { FaultyExecutor } from "../faulty_executor.ts";

const batch: Batch = { rowCount: 2, columns: [columnFromValues([1n, 2n], INT64)] };
const nothing = { uploaded: 0, downloaded: 0 };

/** A card whose downloads end when they are told to. */
class SlowCard extends FaultyExecutor {
  readonly underway: { come: () => void; fail: () => void }[] = [];
  released = 0;

  override async download(resident: Parameters<FaultyExecutor["download"]>[0]): Promise<Batch> {
    await new Promise<void>((come, reject) => {
      this.underway.push({ come, fail: () => reject(new Error("the link failed")) });
    });
    return await super.download(resident);
  }

  override release(): void {
    this.released += 1;
  }
}

async function opened() {
  const card = new SlowCard("gpu:0");
  const host = new FaultyExecutor("host");
  const partition = new StoredPartition(card, await card.upload(batch), 2);
  return { card, host, partition };
}

const turn = async () => await new Promise((resolve) => setImmediate(resolve));

test("a copy stays on the device until the host's has come from it", async () => {
  const { card, host, partition } = await opened();
  const coming = partition.on(host, host, nothing);
  const evicted = partition.evict(card, host);
  await turn();
  expect(card.underway).toHaveLength(1);
  expect(card.released).toBe(0);
  card.underway[0]?.come();
  await evicted;
  expect(card.released).toBe(1);
  expect((await coming).rowCount).toBe(2);
  expect(partition.isOn(host)).toBe(true);
});

test("a copy stays on the device where the host's fails to come", async () => {
  const { card, host, partition } = await opened();
  const coming = partition.on(host, host, nothing);
  const evicted = partition.evict(card, host);
  await turn();
  card.underway[0]?.fail();
  await expect(coming).rejects.toThrow("the link failed");
  await expect(evicted).rejects.toThrow("the link failed");
  expect(card.released).toBe(0);
  expect(partition.holder).toBe(card);
});
