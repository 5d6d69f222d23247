// Every kind of JavaScript value against every dtype: the column holds that very value, or a typed error names column and
// row. And what is no list of values is refused.

import { describe, expect, test } from "vitest";
import {
  CastError,
  DataFrameError,
  InvalidArgumentError,
  TypeMismatchError,
  UnsafeIntegerError,
} from "../../src/index.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();
const DTYPES = [
  "bool",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float32",
  "float64",
  "string",
  "date",
  "timestamp[s]",
  "timestamp[ms]",
  "timestamp[ns]",
  "duration[s]",
  "decimal(6, 2)",
] as const;
/** The column holds the instant, but no Date does. */
const NO_DATE = Symbol("no Date");
type Name = (typeof DTYPES)[number];

/** A value, and what the dtypes that take it give back. All others refuse it. */
const VALUES: readonly (readonly [string, unknown, Partial<Record<Name, unknown>>])[] = [
  ["true", true, { bool: true }],
  ["1", 1, ones(1)],
  ["1n", 1n, ones(1)],
  ["300", 300, without(ones(300), "int8", "uint8")],
  ["-1", -1, without(ones(-1), "uint8", "uint16", "uint32", "uint64")],
  ["-0", -0, { ...ones(0), float32: -0, float64: -0 }],
  ["0.1", 0.1, { float32: Math.fround(0.1), float64: 0.1, "decimal(6, 2)": "0.10" }],
  ["0.125", 0.125, { float32: 0.125, float64: 0.125 }],
  ["1e39", 1e39, { float64: 1e39 }],
  ["-1e300", -1e300, { float64: -1e300 }],
  ["2^24 + 1", 2 ** 24 + 1, { ...wide(2 ** 24 + 1), float32: 2 ** 24 }],
  ["2^24 + 1n", 2n ** 24n + 1n, without(wide(2 ** 24 + 1), "float32")],
  [
    "2^54 + 1n",
    2n ** 54n + 1n,
    {
      int64: 2n ** 54n + 1n,
      uint64: 2n ** 54n + 1n,
      "duration[s]": 2n ** 54n + 1n,
      "timestamp[ns]": new Date(18_014_398_509),
      "timestamp[ms]": NO_DATE,
      "timestamp[s]": NO_DATE,
    },
  ],
  ["10^400 as a bigint", 10n ** 400n, {}],
  ["NaN", Number.NaN, { float32: Number.NaN, float64: Number.NaN }],
  ["Infinity", Infinity, { float32: Infinity, float64: Infinity }],
  ["a text", "x", { string: "x" }],
  ["a text of digits", "5", { string: "5", "decimal(6, 2)": "5.00" }],
  ["half a surrogate pair", "a\ud800", {}],
  [
    "a Date at midnight",
    new Date("2024-02-29"),
    instants("2024-02-29", ["date", "timestamp[s]", "timestamp[ms]", "timestamp[ns]"]),
  ],
  [
    "a Date with seconds",
    new Date(1000),
    instants(1000, ["timestamp[s]", "timestamp[ms]", "timestamp[ns]"]),
  ],
  ["a Date with milliseconds", new Date(1), instants(1, ["timestamp[ms]", "timestamp[ns]"])],
  ["an invalid Date", new Date(Number.NaN), {}],
  [
    "a Date of the year 2500",
    new Date("2500-01-01"),
    instants("2500-01-01", ["date", "timestamp[s]", "timestamp[ms]"]),
  ],
  ["an array", [1], {}],
  ["an object", {}, {}],
  ["a function", () => 1, {}],
  ["a symbol", Symbol("x"), {}],
  ["a boxed number", new Number(1), {}],
];

function ones(value: number): Partial<Record<Name, unknown>> {
  const ints = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
  ];
  const whole = Object.fromEntries(ints.map((name) => [name, value]));
  return { ...whole, ...temporal(value), "decimal(6, 2)": `${value}.00` };
}
function wide(value: number): Partial<Record<Name, unknown>> {
  const names = ["int32", "int64", "uint32", "uint64", "float32", "float64"];
  return { ...Object.fromEntries(names.map((name) => [name, value])), ...temporal(value) };
}
/** Whole numbers are days, units of time and units of a duration. */
function temporal(value: number): Partial<Record<Name, unknown>> {
  return {
    date: new Date(value * 86_400_000),
    "timestamp[s]": new Date(value * 1000),
    "timestamp[ms]": new Date(value),
    // A Date has milliseconds; the column has all digits.
    "timestamp[ns]": new Date(Math.floor(value / 1e6)),
    "duration[s]": value,
  };
}
function instants(value: string | number, names: readonly Name[]): Partial<Record<Name, unknown>> {
  return Object.fromEntries(names.map((name) => [name, new Date(value)]));
}
function without(
  expected: Partial<Record<Name, unknown>>,
  ...names: readonly Name[]
): Partial<Record<Name, unknown>> {
  return Object.fromEntries(
    Object.entries(expected).filter(([name]) => !names.includes(name as Name)),
  );
}

describe.each(VALUES)("%s", (_, value, expected) => {
  test.each(DTYPES)("as %s", async (dtype) => {
    const frame = () =>
      session().fromColumns({ c: [null, value] } as never, { schema: { c: dtype } } as never);
    if (!Object.hasOwn(expected, dtype)) {
      const error = thrown(frame);
      expect([CastError, TypeMismatchError]).toContain((error as DataFrameError).constructor);
      expect(error).toMatchObject({ column: "c", row: 1, hint: expect.any(String) });
      return;
    }
    const column = (await frame().compute()).column("c" as never);
    const wanted = expected[dtype];
    if (wanted === NO_DATE) {
      expect(thrown(() => column.toArray())).toBeInstanceOf(UnsafeIntegerError);
      return;
    }
    const [first, second] = column.toArray(typeof wanted === "bigint" ? { int64: "bigint" } : {});
    expect(first).toBeNull();
    expect(second).toEqual(wanted);
  });

  test("without a dtype", () => {
    const frame = () => session().fromColumns({ c: [null, value] } as never);
    const kinds = ["boolean", "number", "bigint", "string"];
    const isValue = kinds.includes(typeof value) || value instanceof Date;
    const fits =
      !(value instanceof Date && Number.isNaN(value.getTime())) &&
      value !== 10n ** 400n &&
      value !== "a\ud800";
    if (isValue && fits) expect(frame).not.toThrow();
    else expect(thrown(frame)).toMatchObject({ column: "c", row: 1, hint: expect.any(String) });
  });
});

describe("lists of values", () => {
  const lists: readonly (readonly [string, () => unknown, string])[] = [
    ["a Set", () => new Set([1, 2]), "int64"],
    [
      "the values of a Map",
      () =>
        new Map([
          ["x", 1],
          ["y", 2],
        ]).values(),
      "int64",
    ],
    [
      "a generator",
      () =>
        (function* () {
          yield 1;
          yield 2;
        })(),
      "int64",
    ],
    ["a Uint8ClampedArray", () => Uint8ClampedArray.of(1, 2), "uint8"],
    ["a Buffer", () => Buffer.from([1, 2]), "uint8"],
    ["holes", () => Object.assign(new Array(3), { 0: 1, 2: 2 }), "int64"],
  ];
  test.each(lists)("%s", async (_, values, dtype) => {
    const table = await session()
      .fromColumns({ c: values() } as never)
      .compute();
    expect(table.schema.field(0).dtype.kind).toBe(dtype);
    expect(
      table
        .column("c" as never)
        .toArray()
        .filter((value) => value !== null),
    ).toEqual([1, 2]);
  });
  test("a list of rows may be any iterable", async () => {
    const table = await session()
      .fromRows(new Set([{ a: 1 }, { a: 2 }]))
      .compute();
    expect(table.column("a").toArray()).toEqual([1, 2]);
  });

  const refused: readonly (readonly [string, unknown])[] = [
    ["a string", "abc"],
    ["a number", 5],
    ["null", null],
    ["undefined", undefined],
    ["an object", {}],
    ["what only has a length", { length: 2 }],
    ["a Promise", Promise.resolve([1])],
    [
      "an async generator",
      (async function* () {
        yield 1;
      })(),
    ],
    ["a DataView", new DataView(new ArrayBuffer(8))],
    ["an ArrayBuffer", new ArrayBuffer(8)],
    ["a function", () => [1]],
  ];
  test.each(refused)("%s is no column", (_, values) => {
    const error = thrown(() => session().fromColumns({ a: [1], c: values } as never));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect(error).toMatchObject({ operator: "fromColumns", column: "c", hint: expect.any(String) });
  });
  test("a Map is no column: its items are pairs", () => {
    const error = thrown(() => session().fromColumns({ c: new Map([[1, 2]]) } as never));
    expect(error).toMatchObject({ code: "TYPE_MISMATCH", column: "c", row: 0 });
  });
  test.each([null, undefined, "ab", 5, [[1]], new Map([["a", [1]]])])(
    "%o is no frame",
    (columns) => {
      expect(thrown(() => session().fromColumns(columns as never))).toBeInstanceOf(
        InvalidArgumentError,
      );
    },
  );
  test.each([null, undefined, "ab", 5, {}])("%o is no list of rows", (rows) => {
    expect(thrown(() => session().fromRows(rows as never))).toBeInstanceOf(InvalidArgumentError);
  });
  test.each([null, undefined, "ab", 5, [1], new Map(), Promise.resolve({})])(
    "%o is no row",
    (row) => {
      const error = thrown(() => session().fromRows([{ a: 1 }, row] as never));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({ row: 1 });
    },
  );
  test.each([
    null,
    { schema: null },
    { schema: new Map([["a", "int8"]]) },
    { schema: { a: null } },
    { schema: { a: undefined } },
    { schema: { a: {} } },
    { schema: { a: "int128" } },
  ])("%o are no options", (options) => {
    expect(thrown(() => session().fromColumns({ a: [1] }, options as never))).toBeInstanceOf(
      InvalidArgumentError,
    );
    expect(thrown(() => session().fromRows([{ a: 1 }], options as never))).toBeInstanceOf(
      InvalidArgumentError,
    );
  });
});

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(DataFrameError);
    return error;
  }
  throw new Error("nothing was thrown");
}
