// Table and Series: values out, printing, names that are hard on objects.

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ColumnNotFoundError, col, UnsafeIntegerError } from "../../src/index.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();

describe("values", () => {
  test("JavaScript values by dtype", async () => {
    const at = new Date("2024-02-29T12:34:56.789Z");
    const table = await session()
      .fromColumns(
        {
          b: [true, null],
          i: [1, 2],
          f: [0.5, Number.NaN],
          s: ["é", null],
          t: [at, null],
          d: ["2024-02-29", null],
        },
        { schema: { d: "date" } },
      )
      .compute();
    expect(table.numRows).toBe(2);
    expect(table.numColumns).toBe(6);
    expect(table.toRows()).toEqual([
      { b: true, i: 1, f: 0.5, s: "é", t: at, d: new Date("2024-02-29") },
      { b: null, i: 2, f: Number.NaN, s: null, t: null, d: null },
    ]);
    expect(table.toColumns().i).toEqual([1, 2]);
    expect([...table]).toEqual(table.toRows());
    expect(JSON.parse(JSON.stringify(table))[0]).toMatchObject({ t: at.toISOString() });
  });

  test("int64 beyond 2^53 raises unless bigint is asked for", async () => {
    const table = await session()
      .fromColumns({ a: [2n ** 60n, 1n] })
      .compute();
    expect(() => table.toRows()).toThrow(UnsafeIntegerError);
    expect(() => table.column("a").toArray()).toThrow(/row 0 of column "a"/);
    expect(table.column("a").toArray({ int64: "bigint" })).toEqual([2n ** 60n, 1n]);
    expect(table.column("a").values).toEqual(BigInt64Array.of(2n ** 60n, 1n));
  });

  test("series: typed array, validity, single values", async () => {
    const table = await session()
      .fromColumns({ a: [1.5, null, 3.5], s: ["x", "y", "x"] })
      .compute();
    const a = table.column("a");
    expect(a.dtype.kind).toBe("float64");
    expect(a.values).toBeInstanceOf(Float64Array);
    expect(a.nullCount).toBe(1);
    expect(a.validity?.[0]).toBe(0b101);
    expect([a.at(0), a.at(1), a.at(-1), a.at(9)]).toEqual([1.5, null, 3.5, undefined]);
    expect([...a]).toEqual([1.5, null, 3.5]);
    expect(table.column("s").toArray()).toEqual(["x", "y", "x"]);
    expect(() => table.column("q" as "a")).toThrow(ColumnNotFoundError);
  });

  test("typed arrays given to fromColumns are shared to the end", async () => {
    const values = Float64Array.of(1, 2, 3);
    const table = await session().fromColumns({ values }).compute();
    expect(table.column("values").values.buffer).toBe(values.buffer);
  });
});

describe("names", () => {
  const NAMES = [
    "__proto__",
    "constructor",
    "toString",
    "",
    'a"b',
    "a`b",
    "a\0b",
    "x".repeat(1000),
    "then",
  ];

  test("every text is a column name", async () => {
    const entries = NAMES.map((name, index) => [name, [index, null]] as const);
    const table = await session().fromColumns(Object.fromEntries(entries)).compute();
    expect(table.columnNames).toEqual(NAMES);
    const [row] = table.toRows();
    for (const [index, name] of NAMES.entries()) {
      expect(Object.hasOwn(row as object, name)).toBe(true);
      expect((row as Record<string, unknown>)[name]).toBe(index);
    }
    expect(Object.keys(table.toColumns())).toEqual(NAMES);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test("and can be selected, filtered, renamed and grouped by", async () => {
    const frame = session().fromColumns(Object.fromEntries(NAMES.map((name) => [name, [1, 2]])));
    const filtered = frame.filter(col("__proto__").gt(1)).select("__proto__", "then", "");
    expect((await filtered.compute()).numRows).toBe(1);
    const renamed = frame
      .select("constructor")
      .rename(Object.fromEntries([["constructor", "__proto__"]]) as never);
    expect(renamed.columns).toEqual(["__proto__"]);
    const spec = Object.fromEntries([["__proto__", col("then").sum()]]);
    const grouped = await frame.groupBy("constructor").agg(spec).compute();
    expect(grouped.columnNames).toEqual(["constructor", "__proto__"]);
  });

  test("fromRows keeps __proto__ and gives null for what a row lacks", async () => {
    const rows = [JSON.parse('{"__proto__": 1, "a": "x"}'), { b: true }];
    const table = await session().fromRows(rows).compute();
    expect(table.columnNames).toEqual(["__proto__", "a", "b"]);
    expect(table.column("b").toArray()).toEqual([null, true]);
  });
});

describe("printing", () => {
  test("a frame of rows, columns and counts", async () => {
    const table = await session()
      .fromColumns({
        state: ["CA", null],
        n: [12, 3],
        at: [new Date("2024-01-02T03:04:05Z"), null],
      })
      .compute();
    expect(inspect(table)).toBe(
      [
        "┌────────┬───────┬─────────────────────┐",
        "│ state  │     n │ at                  │",
        "│ string │ int64 │ timestamp[us]       │",
        "├────────┼───────┼─────────────────────┤",
        "│ CA     │    12 │ 2024-01-02 03:04:05 │",
        "│ null   │     3 │ null                │",
        "└────────┴───────┴─────────────────────┘",
        "2 rows x 3 columns",
      ].join("\n"),
    );
  });

  test("long tables, wide tables, control characters", async () => {
    const long = await session()
      .fromColumns({ a: Int32Array.from({ length: 1234 }, (_, i) => i) })
      .compute();
    expect(long.toString().split("\n")).toHaveLength(4 + 11 + 2);
    expect(long.toString()).toContain("1,234 rows x 1 column");
    const wide = await session()
      .fromColumns(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`column${i}`, [i]])))
      .compute();
    expect(wide.toString({ width: 60 })).toMatch(/not shown: "column\d+"/);
    const odd = await session()
      .fromColumns({ "a\nb": ["\u001b[31m\u202e", "日本"] })
      .compute();
    const text = odd.toString();
    expect(text).not.toContain("\u001b");
    expect(text).not.toContain("\u202e");
    expect(text.split("\n")).toHaveLength(8);
  });

  test("integers are printed as such, floats with a point", async () => {
    const dtypes = [
      "int8",
      "int16",
      "int32",
      "int64",
      "uint8",
      "uint16",
      "uint32",
      "uint64",
    ] as const;
    for (const dtype of dtypes) {
      const table = await session()
        .fromColumns({ n: [7] }, { schema: { n: dtype } })
        .compute();
      expect(table.toString()).toMatch(/│ +7 │/);
    }
    for (const dtype of ["float32", "float64"] as const) {
      const table = await session()
        .fromColumns({ n: [7] }, { schema: { n: dtype } })
        .compute();
      expect(table.toString()).toMatch(/│ +7\.0 │/);
    }
  });

  test("tables without rows or columns", async () => {
    expect((await session().fromColumns({ a: [] }).compute()).toString()).toContain(
      "0 rows x 1 column",
    );
    expect((await session().fromColumns({}).compute()).toString()).toBe("0 rows x 0 columns");
  });
});

test("lazy() gives the table back to queries", async () => {
  const table = await session()
    .fromColumns({ a: [3, 1, 2] })
    .compute();
  expect((await table.lazy().sort("a").compute()).column("a").toArray()).toEqual([1, 2, 3]);
});
