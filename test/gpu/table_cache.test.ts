// Tables are uploaded once: by identity, counted as kept and not as used, and given back when their memory is needed.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Batch, columnFromValues } from "../../src/column/index.ts";
import { GpuExecutor } from "../../src/device/gpu/index.ts";
import { INT32, STRING } from "../../src/dtype/index.ts";
import type { AggregateOperation, SortOperation } from "../../src/physical/index.ts";
import { testDevices } from "./adapters.ts";

const { adapter } = testDevices.at(-1)!;
const ENTRIES = 2000;

/** Texts of one dictionary and their numbers. */
const batch: Batch = {
  rowCount: ENTRIES,
  columns: [
    columnFromValues(
      Array.from({ length: ENTRIES }, (_, row) => `text ${(row * 7) % ENTRIES}`),
      STRING,
    ),
    columnFromValues(
      Int32Array.from({ length: ENTRIES }, (_, row) => row),
      INT32,
    ),
  ],
};
const sorted: SortOperation = {
  kind: "sort",
  keys: [{ column: 0, descending: false, nulls: "last" }],
  limit: null,
};
const greatest: AggregateOperation = {
  kind: "aggregate",
  phase: "complete",
  keys: [],
  monoids: [{ kind: "max", column: 0 }],
  calls: [{ kind: "value", monoid: 0 }],
  dtypes: [STRING],
  texts: ["max"],
  dropNullKeys: false,
};

describe("the tables of a device", () => {
  let executor: GpuExecutor;
  const MEMORY = 1 << 20;
  beforeAll(async () => {
    executor = await GpuExecutor.open(adapter, { memory: MEMORY });
    return () => executor.close();
  });
  afterEach(() => expect(executor.context.pool.usedBytes).toBe(0));

  async function uploadedBy(operation: SortOperation | AggregateOperation): Promise<number> {
    const input = await executor.upload(batch);
    const before = executor.counters.bytesUploaded;
    const result = await executor.execute(operation, [input]);
    const { columns } = await executor.download(result);
    expect(columns.length).toBeGreaterThan(0);
    executor.release(result);
    executor.release(input);
    return executor.counters.bytesUploaded - before;
  }

  test("are uploaded once for all operations that need them", async () => {
    expect(await uploadedBy(sorted)).toBe(4 * ENTRIES);
    expect(await uploadedBy(sorted)).toBe(0);
    // The ranks are there, codes by rank are not.
    expect(await uploadedBy(greatest)).toBe(4 * ENTRIES);
    expect(await uploadedBy(greatest)).toBe(0);
    expect(executor.context.pool.keptBytes).toBeGreaterThanOrEqual(2 * 4 * ENTRIES);
  });

  test("give way to what needs their memory, and come back", () => {
    const { pool, tables } = executor.context;
    let made = 0;
    const take = () =>
      tables.take(batch, "numbers", () => {
        made += 1;
        return new Uint32Array(1000);
      });
    for (let use = 0; use < 2; use++) pool.release(take());
    expect(made).toBe(1);
    const all = pool.acquire(MEMORY);
    expect(pool.keptBytes).toBe(0);
    pool.release(all);
    pool.release(take());
    expect(made).toBe(2);
  });

  test("that are in use stay, beyond the share that may be kept", () => {
    const { pool, tables } = executor.context;
    const parts = Array.from({ length: 6 }, (_, part) =>
      tables.take(batch, `part ${part}`, () => new Uint32Array(8192)),
    );
    expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
    for (const part of parts) pool.release(part);
    expect(pool.keptBytes).toBeLessThanOrEqual(MEMORY / 8);
    expect(pool.keptBytes).toBeGreaterThan(0);
  });
});
