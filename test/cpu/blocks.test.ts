// The life of results in blocks: freed when the last holder lets go, without the collector; never while somebody reads
// them; and never silently empty.
import { expect, test } from "vitest";
import {
  type Batch,
  batchBytes,
  blocksOf,
  type Column,
  checkStatistics,
  columnFromValues,
  columnToValues,
  sliceBatch,
} from "../../src/column/index.ts";
import { createCpuExecutor, loadAddon } from "../../src/device/cpu/index.ts";
import type { HostResident } from "../../src/device/host_resident.ts";
import { ReferenceExecutor } from "../../src/device/reference/index.ts";
import { FLOAT64, INT32, STRING } from "../../src/dtype/index.ts";
import gpuDataFrame, { col } from "../../src/index.ts";
import type { Operation } from "../../src/physical/index.ts";
import { heldBytes } from "./native_usage.ts";

const addon = loadAddon({});
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;
const cpu = createCpuExecutor({ threads: 2 });

const ROWS = 40_000;
const numbers = Array.from({ length: ROWS }, (_, row) => (row % 7 === 0 ? null : row));
const batch: Batch = {
  rowCount: ROWS,
  columns: [
    columnFromValues(numbers, INT32),
    columnFromValues(numbers, FLOAT64),
    columnFromValues(
      numbers.map((row) => (row === null ? null : `text ${row}`)),
      STRING,
    ),
  ],
};
const SORTED: Operation = {
  kind: "sort",
  keys: [{ column: 0, descending: true, nulls: "last" }],
  limit: null,
};
const EXPECTED = [
  ...numbers.filter((row) => row !== null).reverse(),
  ...numbers.filter((row) => row === null),
];

const used = () => native.usage().bufferBytes;
const sorted = async () => cpu.execute(SORTED, [await cpu.upload(batch)]);
const first = ({ columns }: Batch): Column => columns[0] as Column;
const blocks = ({ batch: { columns } }: HostResident) =>
  columns.flatMap((column) => [...blocksOf(column)]);

/** Large buffers are freed on a thread of the pool. `before`: heldBytes(), or the collector may free others meanwhile. */
async function freed(before: number): Promise<number> {
  for (let turn = 0; turn < 1000 && used() > before; turn++) await new Promise(setImmediate);
  return used();
}

test("a resident's blocks are freed when it is released", async () => {
  const before = await heldBytes(native);
  const resident = await sorted();
  expect(blocks(resident).length).toBeGreaterThan(3);
  expect(used() - before).toBeGreaterThan(12 * ROWS);
  cpu.release(resident);
  cpu.release(resident);
  expect(await freed(before)).toBe(before);
  expect(() => first(resident.batch).data).not.toThrow();
  expect(() => columnToValues(first(resident.batch))).toThrow(
    "invariant violated: a block is used before it is freed",
  );
  await expect(cpu.execute(SORTED, [resident])).rejects.toThrow(
    "invariant violated: a block is held before it is freed",
  );
});

test("what was downloaded stays", async () => {
  const resident = await sorted();
  const downloaded = await cpu.download(resident);
  cpu.release(resident);
  expect(columnToValues(first(downloaded))).toEqual(EXPECTED);
  // The engine's own view of it too: the collector has the memory, whoever looks.
  expect(columnToValues(first(resident.batch))).toEqual(EXPECTED);
});

test("what counts, cuts or checks them does not show them", async () => {
  const resident = await sorted();
  process.env.GPUDATAFRAME_CHECK_STATISTICS = "1";
  checkStatistics(resident.batch);
  delete process.env.GPUDATAFRAME_CHECK_STATISTICS;
  expect(batchBytes(resident.batch)).toBe(resident.byteLength);
  const piece = await cpu.upload(sliceBatch(resident.batch, 13, 10_000));
  const twice = await cpu.execute({ kind: "concat" }, [piece, piece]);
  expect(
    [...blocks(resident), ...blocks(piece), ...blocks(twice)].some((block) => block.isShown),
  ).toBe(false);
  for (const held of [resident, piece]) cpu.release(held);
  const part = EXPECTED.slice(13, 10_013);
  expect(columnToValues(first(await cpu.download(twice)))).toEqual([...part, ...part]);
});

test("blocks that results share live until both are released", async () => {
  const before = await heldBytes(native);
  const resident = await sorted();
  // A concat of one is its input.
  const same = await cpu.execute({ kind: "concat" }, [resident]);
  const half = await cpu.execute({ kind: "slice", offset: 8, length: ROWS / 2 }, [resident]);
  cpu.release(resident);
  cpu.release(same);
  const top = await cpu.execute({ ...SORTED, limit: 5 }, [half]);
  expect(columnToValues(first(await cpu.download(top)))).toEqual(EXPECTED.slice(8, 13));
  for (const held of [half, top]) cpu.release(held);
  // Five rows are arrays, and so are small bitmaps.
  expect((await freed(before)) - before).toBeLessThan(16_384);
});

test("inputs that are released while a kernel reads them live until it ends", async () => {
  const before = await heldBytes(native);
  const resident = await sorted();
  const running = cpu.execute(
    { ...SORTED, keys: [{ column: 1, descending: false, nulls: "first" }] },
    [resident],
  );
  cpu.release(resident);
  const result = await running;
  expect(result.rowCount).toBe(ROWS);
  cpu.release(result);
  expect(await freed(before)).toBe(before);
});

test("the addon itself keeps what its jobs read", async () => {
  const before = await heldBytes(native);
  const handle = native.newBlock(4 * ROWS);
  native.writeBlock(handle, 0, new Uint8Array(new Uint32Array(ROWS).fill(3).buffer));
  const column = {
    storage: 5,
    length: ROWS,
    nullCount: 0,
    validity: null,
    values: handle,
  } as const;
  const run = native.newRun(2);
  const copying = native.concat([column, column], [], run);
  native.freeBlock(handle);
  const { values } = await copying;
  expect(() => native.concat([column], [], run)).toThrow(
    "a block is used after it was shown or freed",
  );
  const bytes = new Uint8Array(8 * ROWS);
  native.readBlock(values, 0, bytes);
  expect(new Uint32Array(bytes.buffer).every((value) => value === 3)).toBe(true);
  expect(() => native.readBlock(values, 1, bytes)).toThrow("beyond the end of the block");
  native.freeBlock(values);
  expect(await freed(before)).toBe(before);
});

test("the reference executor reads them, and holds those that it passes on", async () => {
  const reference = new ReferenceExecutor();
  const resident = await sorted();
  const slice = await reference.execute({ kind: "slice", offset: 0, length: 3 }, [resident]);
  const shared = await reference.upload(resident.batch);
  cpu.release(resident);
  expect(columnToValues(first(await reference.download(slice)))).toEqual(EXPECTED.slice(0, 3));
  expect(columnToValues(first(await reference.download(shared)))).toEqual(EXPECTED);
});

test("a failed operation leaves nothing", async () => {
  const resident = await sorted();
  const before = await heldBytes(native);
  const signal = AbortSignal.abort();
  await expect(cpu.execute(SORTED, [resident], { signal })).rejects.toMatchObject({
    code: "ABORTED",
  });
  const cancelled = new AbortController();
  const running = cpu.execute({ kind: "concat" }, [resident, resident], {
    signal: cancelled.signal,
  });
  cancelled.abort();
  await expect(running).rejects.toMatchObject({ code: "ABORTED" });
  while (native.usage().jobs > 0) await new Promise(setImmediate);
  expect(await freed(before)).toBe(before);
  cpu.release(resident);
});

test("queries leave nothing but their results, without a collection", async () => {
  await using session = await gpuDataFrame.session({ engine: "cpu", threads: 2 });
  await using frame = await session
    .fromColumns({
      k: Int32Array.from({ length: ROWS }, (_, row) => row % 50),
      x: new Float64Array(ROWS),
    })
    .persist();
  // Results are small and arrays; intermediates of every kind are blocks.
  const query = frame
    .withColumns({ y: col("x").add(col("k")) })
    .filter(col("y").gt(3))
    .sort("y")
    .groupBy("k")
    .agg({ s: col("y").sum(), m: col("x").max() });
  const read = async (times: number) => {
    for (let time = 0; time < times; time++) await query.compute();
    return used();
  };
  const before = await read(2);
  // A round makes a megabyte; the arrays of its result are a few KiB that the collector may let lie.
  expect((await read(50)) - before).toBeLessThan(50 * 16_384);
});
