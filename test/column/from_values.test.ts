import { describe, expect, it } from "vitest";
import {
  type CellValue,
  columnDifference,
  columnFromValues,
  columnToValues,
  sliceColumn,
} from "../../src/column/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  dtypeName,
  FLOAT64,
  INT8,
  INT32,
  INT64,
  STRING,
  timestamp,
  UINT64,
} from "../../src/dtype/index.ts";

const NASTY = ["__proto__", "constructor", "", "a\0b", '"', "`", "x".repeat(65536), "é", "😀"];

describe("columnFromValues infers", () => {
  const cases: [string, CellValue[], DType][] = [
    ["bool", [true, null, false], BOOL],
    ["int64 from whole numbers", [1, undefined, -3], INT64],
    ["int64 from bigints and numbers", [1n, 2], INT64],
    ["float64 from a fraction", [1, 2.5], FLOAT64],
    ["float64 from NaN", [1, Number.NaN], FLOAT64],
    ["float64 from -0", [-0], FLOAT64],
    ["float64 beyond 2^53", [2 ** 60], FLOAT64],
    ["string", ["x", null], STRING],
    ["timestamp from Date", [new Date(5)], timestamp("us")],
    ["string from nothing", [null], STRING],
  ];
  it.each(cases)("%s", (_, values, dtype) => {
    expect(dtypeName(columnFromValues(values).dtype)).toBe(dtypeName(dtype));
  });
  it("typed arrays share their memory", () => {
    const values = Int32Array.of(1, 2);
    const column = columnFromValues(values);
    expect(column.dtype).toBe(INT32);
    expect(column.data).toMatchObject({ values });
  });
});

describe("values survive the way in and out", () => {
  const cases: [DType, CellValue[]][] = [
    [BOOL, [true, false, null]],
    [INT8, [-128, 127, null]],
    [INT64, [Number.MAX_SAFE_INTEGER, null, -1]],
    [FLOAT64, [Number.NaN, -0, 5e-324, null, Number.NEGATIVE_INFINITY]],
    [STRING, [...NASTY, null]],
    [DATE, [new Date("1969-12-31"), null, new Date("2024-02-29")]],
    [timestamp("ms"), [new Date(-1), null]],
    [timestamp("ns"), [new Date(1)]],
  ];
  it.each(cases)("%o", (dtype, values) => {
    expect(columnToValues(columnFromValues(values, dtype))).toEqual(values);
  });
  it("dates take ISO text", () => {
    expect(columnToValues(columnFromValues(["2000-02-29"], DATE))).toEqual([
      new Date("2000-02-29"),
    ]);
    const instants = columnFromValues(
      ["1970-01-01T00:00:00.000001Z", "1969-12-31 23:00-01:00"],
      timestamp(),
    );
    expect(instants.data).toMatchObject({ values: BigInt64Array.of(1n, 0n) });
  });
  it("int64 beyond 2^53 is a bigint or an error", () => {
    const column = columnFromValues([1n << 60n], INT64);
    expect(columnToValues(column, { int64: "bigint" })).toEqual([1n << 60n]);
    expect(() => columnToValues(column, {}, "n")).toThrow(
      /row 0 of column "n" holds 1152921504606846976/,
    );
  });
});

describe("columnFromValues refuses", () => {
  const cases: [string, CellValue[], DType | undefined, RegExp][] = [
    ["mixed kinds", [1, "x"], undefined, /holds int64 values and, in row 1, a string/],
    ["a fraction as integer", [1, 2.5], INT32, /row 1 of column "c": 2.5 does not fit int32/],
    ["an integer out of range", [128], INT8, /128 does not fit int8/],
    ["a negative unsigned", [-1n], UINT64, /-1n does not fit uint64/],
    ["text in a number column", ["1"], INT64, /row 0 of column "c" holds "1", not a int64/],
    ["an impossible date", ["2023-02-29"], DATE, /does not fit date/],
    ["an invalid Date", [new Date(Number.NaN)], timestamp(), /an invalid Date/],
    ["digits below the unit", [new Date(1)], timestamp("s"), /does not fit timestamp\[s\]/],
    ["an object", [{} as never], undefined, /fits no column/],
  ];
  it.each(cases)("%s", (_, values, dtype, message) => {
    expect(() => columnFromValues(values, dtype, "c")).toThrow(message);
  });
});

describe("sliceColumn", () => {
  const columns = [
    columnFromValues(NASTY.concat(NASTY)),
    columnFromValues(Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? null : i % 2 === 0))),
    columnFromValues(Array.from({ length: 20 }, (_, i) => (i % 7 === 0 ? null : i))),
  ];
  it.each([0, 1, 2])("gives the rows of column %i", (index) => {
    const column = columns[index]!;
    const all = columnToValues(column);
    for (const [offset, length] of [
      [0, 5],
      [3, 4],
      [8, 9],
      [7, 100],
      [100, 1],
      [2, 0],
    ] as const) {
      const part = sliceColumn(column, offset, length);
      const expected = columnFromValues(all.slice(offset, offset + length), column.dtype);
      expect(columnDifference(expected, part)).toBeNull();
    }
  });
});

describe("columnDifference tells", () => {
  const cases: [string, CellValue[], CellValue[], string][] = [
    ["-0 from 0", [0.5, -0], [0.5, 0], "row 1: -0 expected, 0 found"],
    ["a null", [1, 2], [1, null], "row 1: 2n expected, null found"],
    ["a text", ["a"], ["b"], 'row 0: "a" expected, "b" found'],
    ["the length", [1], [1, 2], "1 rows expected, 2 found"],
    ["the dtype", [1], [1.5], "int64 expected, float64 found"],
  ];
  it.each(cases)("%s", (_, expected, actual, text) => {
    expect(columnDifference(columnFromValues(expected), columnFromValues(actual))).toBe(text);
  });
  it("but not NaN payloads", () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8000000000123n]).buffer);
    expect(columnDifference(columnFromValues(odd), columnFromValues([Number.NaN]))).toBeNull();
  });
});
