// A partition one of whose copies is lost comes to the host from another one, or from the disk.

import { afterEach, expect, test } from "vitest";
import { DeviceLostError } from "../../../src/base/index.ts";
import { type Batch, batchDifference, columnFromValues } from "../../../src/column/index.ts";
import { INT64 } from "../../../src/dtype/index.ts";
import { SessionMemory, SpillStore } from "../../../src/execution/memory/index.ts";
import { CopyLostError, StoredPartition } from "../../../src/execution/partition.ts";
import { temporaryFolder } from "../../temporary_folder.ts";
import { FaultyExecutor } from "../faulty_executor.ts";

const batch: Batch = { rowCount: 2, columns: [columnFromValues([1n, 2n], INT64)] };
const nothing = { uploaded: 0, downloaded: 0 };
const folder = temporaryFolder();

class Card extends FaultyExecutor {
  isLost = false;

  override async download(resident: Parameters<FaultyExecutor["download"]>[0]): Promise<Batch> {
    if (this.isLost) throw new DeviceLostError("gone");
    return await super.download(resident);
  }
}

let memory: SessionMemory;
afterEach(async () => await memory.close());

/** On a card, and on disk where it was spilled from the host. */
async function partitionOn(card: Card, isSpilled: boolean): Promise<StoredPartition> {
  const host = new FaultyExecutor("host");
  memory = new SessionMemory(1e6, new SpillStore(folder));
  const partition = new StoredPartition(card, await card.upload(batch), 1, memory);
  if (!isSpilled) return partition;
  await partition.on(host, host, nothing);
  const leaving = partition.leave();
  if (leaving === null) throw new Error("the host has a copy");
  const [written = null] = await memory.store.write([leaving]);
  await partition.left(written);
  expect(partition.isInHostMemory).toBe(false);
  return partition;
}

test("from the disk", async () => {
  const [card, host] = [new Card("gpu:0"), new FaultyExecutor("host")];
  const partition = await partitionOn(card, true);
  card.isLost = true;
  expect(batchDifference(batch, await partition.toBatch(host, nothing))).toBeNull();
  await partition.release();
});

test("from another card", async () => {
  const [card, host, other] = [new Card("gpu:0"), new FaultyExecutor("host"), new Card("gpu:1")];
  const partition = await partitionOn(card, true);
  await partition.on(other, host, nothing);
  await partition.left(null);
  expect(partition.isInHostMemory).toBe(false);
  card.isLost = true;
  expect(batchDifference(batch, await partition.toBatch(host, nothing))).toBeNull();
  await partition.release();
});

test("from nowhere: the error says which card had it", async () => {
  const [card, host] = [new Card("gpu:0"), new FaultyExecutor("host")];
  const partition = await partitionOn(card, false);
  card.isLost = true;
  const error = await partition.toBatch(host, nothing).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CopyLostError);
  expect((error as CopyLostError).device).toBe(card);
  expect(partition.drop(card)).toBe(false);
  await expect(partition.toBatch(host, nothing)).rejects.toThrow(CopyLostError);
  await partition.release();
});
