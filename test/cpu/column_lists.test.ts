// Columns by the thousand go to the addon and come back in parts: whatever ends the way in between, nothing is lost, freed
// twice or read after it was freed.
import { afterAll, expect, test } from "vitest";
import { AbortError } from "../../src/base/index.ts";
import {
  Block,
  BlockView,
  type Column,
  columnFromValues,
  columnOf,
  columnToValues,
} from "../../src/column/index.ts";
import { freeResults, takenColumns, toNatives } from "../../src/device/cpu/column_lists.ts";
import { loadAddon } from "../../src/device/cpu/index.ts";
import { BlockScope, fromRowsOf } from "../../src/device/cpu/marshal.ts";
import type { NativeHandle, NativeResults } from "../../src/device/cpu/native_addon.ts";
import { INT32 } from "../../src/dtype/index.ts";
import gpuDataFrame, { col, type DataFrame } from "../../src/index.ts";
import { fileOf } from "../csv/readers.ts";
import { heldBytes } from "./native_usage.ts";

const addon = loadAddon({});
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;

const COLUMNS = 100;
/** Of 16 KiB a column: each is a block. */
const ROWS = 4096;
const numbers = Array.from({ length: ROWS }, (_, row) => ROWS - row);
const columns = Array.from({ length: COLUMNS }, () => columnFromValues(numbers, INT32));
const used = () => native.usage().bufferBytes;

function sorted(natives: Awaited<ReturnType<typeof toNatives>>) {
  return native.sort(natives, COLUMNS, ROWS, Int32Array.of(0, 0, 0), -1, native.newRun(1));
}

async function results(): Promise<NativeResults> {
  return (await sorted(await toNatives({ native }, columns))).columns;
}

test("columns that are taken are freed with their owner", async () => {
  const before = await heldBytes(native);
  const blocks = new BlockScope(native);
  const list = await results();
  expect(Array.isArray(list)).toBe(false);
  const taken = await takenColumns({ native, signal: undefined }, list, (column, index) =>
    fromRowsOf(blocks, column, columns[index] as Column),
  );
  expect(taken.length).toBe(COLUMNS);
  expect(used()).toBe(before + COLUMNS * ROWS * 4);
  blocks.close();
  expect(used()).toBe(before);
});

const ENDS: readonly [name: string, end: (controller: AbortController) => void, error: unknown][] =
  [
    ["cancelled", (controller) => controller.abort(), AbortError],
    [
      "failed",
      () => {
        throw new Error("of no use");
      },
      "of no use",
    ],
  ];
test.each(ENDS)("what is left is freed where taking is %s halfway", async (_, end, error) => {
  const before = await heldBytes(native);
  const controller = new AbortController();
  const blocks = new BlockScope(native);
  const list = await results();
  const taking = takenColumns({ native, signal: controller.signal }, list, (column, index) => {
    // The object of the column is the collector's once it is dropped: its block has an owner first.
    const own = fromRowsOf(blocks, column, columns[index] as Column);
    if (index === 31) end(controller);
    return own;
  });
  await expect(taking).rejects.toThrow(error as string);
  blocks.close();
  expect(used()).toBe(before);
  expect(native.takeColumns(list as NativeHandle, COLUMNS)).toEqual([]);
  freeResults(native, list);
});

test("a list that nobody takes is the collector's", async () => {
  const before = await heldBytes(native);
  await results();
  native.takeColumns((await results()) as NativeHandle, COLUMNS / 2);
  expect(await heldBytes(native)).toBeLessThanOrEqual(before);
});

/** The numbers, in a block that has a holder. */
function blockOf(): { readonly block: Block; readonly column: Column } {
  const block = new Block(native, native.newBlock(ROWS * 4), ROWS * 4);
  block.hold();
  block.write(0, new Uint8Array(Int32Array.from(numbers).buffer));
  const values = new BlockView(block, Int32Array, 0, ROWS);
  const data = { encoding: "fixed" as const, values };
  const parts = { dtype: INT32, length: ROWS, nullCount: 0, validity: null, statistics: null };
  return { block, column: columnOf({ ...parts, data }) };
}

test("a block that is freed before the call is an error, and one that is freed after it is read", async () => {
  const { block, column } = blockOf();
  const natives = await toNatives({ native }, [column, ...columns.slice(1)]);
  const call = sorted(natives);
  block.letGo();
  const blocks = new BlockScope(native);
  const [first] = await takenColumns({ native, signal: undefined }, (await call).columns, (found) =>
    fromRowsOf(blocks, found, columns[0] as Column),
  );
  expect(columnToValues(first as Column)).toEqual(numbers.toReversed());
  blocks.close();
  expect(() => sorted(natives)).toThrow("a block is used after it was freed");
});

const line = (of: (column: number) => unknown) =>
  `${Array.from({ length: COLUMNS }, (_, column) => of(column)).join()}\n`;
const content = [
  line((column) => `c${column}`),
  ...Array.from({ length: 40 }, (_, row) =>
    line((column) => {
      if ((row + column) % 11 === 0) return "";
      return column % 3 === 0 ? (row * column) % 17 : column % 3 === 1 ? row / 8 : `t${row % 5}`;
    }),
  ),
].join("");
const path = fileOf(content);
const sessions = await Promise.all(
  (["cpu", "reference"] as const).map((engine) => gpuDataFrame.session({ engine })),
);
afterAll(() => Promise.all(sessions.map((session) => session.close())));

interface Computable {
  compute(): Promise<{ toRows(): readonly unknown[] }>;
}
const QUERIES: readonly [string, (frame: DataFrame) => Computable][] = [
  ["filter", (frame) => frame.filter(col("c3").gt(4))],
  ["sort", (frame) => frame.sort(["c2", "c3"])],
  ["join", (frame) => frame.join(frame, { on: "c3" }).sort(["c1", "c1_right"])],
  ["limit", (frame) => frame.limit(7)],
  ["unique", (frame) => frame.distinct(["c3"]).sort("c3")],
  [
    "group",
    (frame) =>
      frame
        .groupBy("c2")
        .agg(Object.fromEntries(frame.columns.map((name) => [`max ${name}`, col(name).max()])))
        .sort("c2"),
  ],
];
test.each(QUERIES)("%s of many columns is what the reference has", async (_, query) => {
  const [cpu, reference] = await Promise.all(
    sessions.map(async (session) => (await query(await session.readCsv(path)).compute()).toRows()),
  );
  expect(cpu?.length).toBeGreaterThan(0);
  expect(cpu).toEqual(reference);
});
