// The table of implicit conversions, pair by pair, written out: not computed from the code that it tests.
import { describe, expect, it } from "vitest";
import { commonDType, type DTypeName, dtypeName, toDType } from "../../src/dtype/index.ts";

const NAMES = [
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
  "decimal(5, 2)",
  "decimal(20, 0)",
  "decimal(38, 30)",
  "string",
  "date",
  "timestamp[ms]",
  "timestamp[us, Europe/Zurich]",
  "duration[s]",
  "duration[ns]",
] as const satisfies readonly DTypeName[];

const SHORT: Readonly<Record<string, string>> = {
  b: "bool",
  i8: "int8",
  i16: "int16",
  i32: "int32",
  i64: "int64",
  u8: "uint8",
  u16: "uint16",
  u32: "uint32",
  u64: "uint64",
  f32: "float32",
  f64: "float64",
  s: "string",
  d: "date",
  ms: "timestamp[ms]",
  us: "timestamp[us]",
  zrh: "timestamp[us, Europe/Zurich]",
  ds: "duration[s]",
  dns: "duration[ns]",
};

// One row a dtype, in the order of NAMES; the part left of the diagonal follows from symmetry. `-`: none. A decimal is
// written precision.scale.
const TABLE = `
b   -   -   -   -   -   -   -   -   -   -   -    -    -     -  -  -  -   -   -
    i8  i16 i32 i64 i16 i32 i64 -   f32 f64 5.2  20.0 38.30 -  -  -  -   -   -
        i16 i32 i64 i16 i32 i64 -   f32 f64 7.2  20.0 38.30 -  -  -  -   -   -
            i32 i64 i32 i32 i64 -   f64 f64 12.2 20.0 -     -  -  -  -   -   -
                i64 i64 i64 i64 -   f64 f64 21.2 20.0 -     -  -  -  -   -   -
                    u8  u16 u32 u64 f32 f64 5.2  20.0 38.30 -  -  -  -   -   -
                        u16 u32 u64 f32 f64 7.2  20.0 38.30 -  -  -  -   -   -
                            u32 u64 f64 f64 12.2 20.0 -     -  -  -  -   -   -
                                u64 f64 f64 22.2 20.0 -     -  -  -  -   -   -
                                    f32 f64 f64  f64  f64   -  -  -  -   -   -
                                        f64 f64  f64  f64   -  -  -  -   -   -
                                            5.2  22.2 38.30 -  -  -  -   -   -
                                                 20.0 -     -  -  -  -   -   -
                                                      38.30 -  -  -  -   -   -
                                                            s  -  -  -   -   -
                                                               d  ms zrh -   -
                                                                  ms us  -   -
                                                                     zrh -   -
                                                                         ds  dns
                                                                             dns
`;

const rows = TABLE.trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/));

const cases = NAMES.flatMap((left, i) =>
  NAMES.slice(i).map((right, offset) => {
    const cell = rows[i]?.[offset] ?? "missing";
    const decimal = /^(\d+)\.(\d+)$/.exec(cell);
    const expected =
      cell === "-" ? null : decimal ? `decimal(${decimal[1]}, ${decimal[2]})` : SHORT[cell];
    return { left, right, expected };
  }),
);

describe("two dtypes meet", () => {
  it.each(cases)("$left and $right: $expected", ({ left, right, expected }) => {
    for (const [a, b] of [
      [left, right],
      [right, left],
    ] as const) {
      const common = commonDType(toDType(a), toDType(b));
      expect(common === null ? null : dtypeName(common)).toBe(expected);
    }
  });

  it("has a row for every dtype", () => {
    expect(rows.map((row) => row.length)).toEqual(NAMES.map((_, index) => NAMES.length - index));
  });
});
