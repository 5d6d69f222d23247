// The exchange itself: every executor that has it deals rows out alike, by the contract of kernels/exchange/README.md.

import { describe, expect, test } from "vitest";
import { batchDifference, columnFromValues, sliceBatch } from "../../src/column/index.ts";
import { exchange, murmur3 } from "../../src/device/reference/exchange.ts";
import { execute } from "../../src/device/reference/index.ts";
import { FLOAT64, INT32, INT64, STRING } from "../../src/dtype/index.ts";
import type { ExchangeOperation, SortKey } from "../../src/physical/index.ts";
import { ALL_DTYPES } from "../lattice/dtypes.ts";
import { executorsUnderTest } from "../lattice/executors.ts";
import { randomBatch } from "../lattice/random.ts";

const encoder = new TextEncoder();

describe("the hash of the contract is MurmurHash3_x86_32", () => {
  // Vectors of SMHasher's implementation.
  test.each([
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["\0\0\0\0", 0, 0x2362f9de],
    ["a", 0x9747b28c, 0x7fa09ea6],
    ["aa", 0x9747b28c, 0x5d211726],
    ["aaa", 0x9747b28c, 0x283e0130],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["Hello, world!", 0x9747b28c, 0x24884cba],
    ["ππππππππ", 0x9747b28c, 0xd58063c1],
  ])("%j with seed %i", (text, seed, hash) => {
    expect(murmur3(encoder.encode(text), seed)).toBe(hash);
  });
});

const shapes = ALL_DTYPES.map((dtype) => ({ dtype, distinct: 9 }));
const rows = randomBatch(1, 300, [...shapes, { dtype: STRING, plain: true }, { dtype: INT64 }]);
const columns = rows.columns.map((_, column) => column);
const hash = (keys: readonly number[], parts: number, rest = {}): ExchangeOperation => ({
  kind: "exchange",
  parts,
  route: { kind: "hash", keys, seed: 0, spreadNulls: false, ...rest },
});
const range = (parts: number, keys: readonly SortKey[]): ExchangeOperation => ({
  kind: "exchange",
  parts,
  route: { kind: "range", keys },
});
const splittersOf = (keys: readonly SortKey[], count: number) => {
  const own = { rowCount: 300, columns: keys.map(({ column }) => rows.columns[column]!) };
  const operation = { kind: "sort" as const, keys: ownKeys(keys), limit: null };
  return execute({ kind: "sample", count }, [execute(operation, [own])]);
};
const ownKeys = (keys: readonly SortKey[]) => keys.map((key, column) => ({ ...key, column }));
const key = (column: number, descending = false, nulls: SortKey["nulls"] = "last"): SortKey => ({
  column,
  descending,
  nulls,
});
const rangeKeys: Record<string, readonly SortKey[]> = {
  "every dtype": columns.slice(0, -1).map((column) => key(column, column % 2 === 1)),
  "a plain string": [key(columns.length - 2, true, "first")],
  "a float and a number": [key(3, false, "first"), key(columns.length - 1)],
};

const cases = [
  ...columns.map((column) => ({
    name: `by column ${column}`,
    operation: hash([column], 5),
    inputs: [rows],
  })),
  { name: "by all columns", operation: hash(columns, 7), inputs: [rows] },
  { name: "with another seed", operation: hash([4, 1], 7, { seed: 3 }), inputs: [rows] },
  {
    name: "with nulls spread",
    operation: hash([1, 4], 7, { spreadNulls: true }),
    inputs: [rows],
  },
  { name: "to one part", operation: hash([1], 1), inputs: [rows] },
  { name: "to more parts than rows", operation: hash([1], 999), inputs: [rows] },
  { name: "of no rows", operation: hash([1], 3), inputs: [sliceBatch(rows, 0, 0)] },
  { name: "of a slice", operation: hash([1, 4], 3), inputs: [sliceBatch(rows, 13, 200)] },
  ...Object.entries(rangeKeys).flatMap(([name, keys]) =>
    [0, 1, 6].map((count) => ({
      name: `by ranges of ${name}, ${count} splitters`,
      operation: range(count + 1, keys),
      inputs: [rows, splittersOf(keys, count)],
    })),
  ),
];

const executors = (await executorsUnderTest()).filter(
  ({ executor }) => executor.exchange !== undefined,
);

describe.each(executors)("exchange on $name", ({ executor }) => {
  test.each(cases)("$name", async ({ operation, inputs }) => {
    const expected = exchange(operation, inputs);
    const residents = await Promise.all(inputs.map((input) => executor.upload(input)));
    const parts = (await executor.exchange?.(operation, residents)) ?? [];
    expect(parts.length).toBe(operation.parts);
    for (const [part, resident] of parts.entries()) {
      const batch = await executor.download(resident);
      expect(batchDifference(expected[part]!, batch), `part ${part}`).toBe(null);
      expect(resident.rowCount).toBe(batch.rowCount);
    }
  });

  test("a part's dictionary has what the part uses, where that is less", async () => {
    const texts = columnFromValues(
      Array.from({ length: 400 }, (_, row) => (row % 9 === 0 ? null : `text ${row}`)),
      STRING,
    );
    const input = await executor.upload({ rowCount: 400, columns: [texts] });
    const parts = (await executor.exchange?.(hash([0], 8), [input])) ?? [];
    let entries = 0;
    for (const part of parts) {
      const { data } = (await executor.download(part)).columns[0]!;
      if (data.encoding === "dictionary") entries += data.dictionary.size;
    }
    expect(entries).toBe(400 - Math.ceil(400 / 9));
  });
});

describe("equal keys meet in one part", () => {
  const partsOf = (values: Parameters<typeof columnFromValues>[0], dtype = FLOAT64) => {
    const column = columnFromValues(values, dtype);
    const dealt = exchange(hash([0], 64), [{ rowCount: values.length, columns: [column] }]);
    return dealt.filter(({ rowCount }) => rowCount > 0).length;
  };
  test("zeros of both signs", () => expect(partsOf([0, -0, 0])).toBe(1));
  test("nulls", () => expect(partsOf([null, null], INT32)).toBe(1));
  test("strings of different dictionaries", () => {
    const route = hash([0], 64);
    const partOf = (values: readonly string[]) => {
      const column = columnFromValues(values, STRING);
      const dealt = exchange(route, [{ rowCount: values.length, columns: [column] }]);
      return dealt.findIndex(({ columns: [own], rowCount }) => {
        const data = own?.data;
        if (rowCount === 0 || data?.encoding !== "dictionary") return false;
        return [...data.codes].some((code) => data.dictionary.text(code) === "shared");
      });
    };
    expect(partOf(["shared"])).toBe(partOf(["a", "b", "c", "shared"]));
  });
  test("distinct values spread", () => {
    expect(partsOf(Array.from({ length: 1000 }, (_, row) => row))).toBe(64);
  });
});
