// 64-bit integers in two words, and what WGSL's 32-bit integers lack, against BigInt, through the WGSL of every adapter.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { testDevices } from "./adapters.ts";
import { applyFunction, type WgslType } from "./apply.ts";
import { words } from "./bits.ts";

type Of = (a: bigint, b: bigint) => bigint | boolean;
const truncate = (a: bigint, b: bigint) => a / b;
const floorDivide = (a: bigint, b: bigint) => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
const floorModulo = (a: bigint, b: bigint) => a - floorDivide(a, b) * b;

/** [function, signed, result, definition]; a result that does not fit wraps. */
const BINARY: [string, boolean, "value" | "bool", Of][] = [
  ["add", true, "value", (a, b) => a + b],
  ["sub", true, "value", (a, b) => a - b],
  ["mul", true, "value", (a, b) => a * b],
  ["divI", true, "value", truncate],
  ["remI", true, "value", (a, b) => a % b],
  ["floorDivI", true, "value", floorDivide],
  ["modI", true, "value", floorModulo],
  ["divU", false, "value", truncate],
  ["remU", false, "value", (a, b) => a % b],
  ["ltI", true, "bool", (a, b) => a < b],
  ["ltU", false, "bool", (a, b) => a < b],
];
/** [function, signed, definition of the exact result]: does it overflow? */
const OVERFLOW: [string, boolean, (a: bigint, b: bigint) => bigint][] = [
  ["addOverflowsI", true, (a, b) => a + b],
  ["subOverflowsI", true, (a, b) => a - b],
  ["mulOverflowsI", true, (a, b) => a * b],
  ["divOverflowsI", true, truncate],
  ["addOverflowsU", false, (a, b) => a + b],
  ["mulOverflowsU", false, (a, b) => a * b],
];

describe.each(testDevices)("$name", ({ open }) => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await open();
  });
  afterAll(() => context.destroy());

  async function run(name: string, width: 32 | 64, signed: boolean, bool: boolean, of: Of) {
    const type: WgslType = width === 64 ? "vec2<u32>" : signed ? "i32" : "u32";
    const interpret = (bits: bigint) =>
      signed ? BigInt.asIntN(width, bits) : BigInt.asUintN(width, bits);
    const operands = pairs(width);
    const shared = {
      module: `int${width}`,
      name: `${name}${/^(add|sub|mul)$/.test(name) || /[IU]$/.test(name) ? width : ""}`,
      operands: [type, type],
      result: bool ? ("bool" as const) : type,
    };
    const actual = await applyFunction(context, shared, operands);
    const wrong = operands[0].flatMap((bits, row) => {
      const [a, b] = [interpret(bits), interpret(at(operands[1], row))];
      const expected = BigInt.asUintN(bool ? 1 : width, BigInt(of(a, b)));
      return expected === actual[row]
        ? []
        : [`${name}(${a}, ${b}): ${actual[row]}, not ${expected}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  }

  test.each(BINARY)("%s 64", (name, signed, result, of) =>
    run(name, 64, signed, result === "bool", of),
  );
  test.each(BINARY.filter(([name]) => /^(div|rem|floorDiv|mod)I$/.test(name)))(
    "%s 32",
    (name, signed, result, of) => run(name, 32, signed, result === "bool", of),
  );
  for (const width of [32, 64] as const) {
    test.each(OVERFLOW)(`%s ${width}`, (name, signed, of) => {
      const wrapped = (value: bigint) =>
        signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
      return run(name, width, signed, true, (a, b) => of(a, b) !== wrapped(of(a, b)));
    });
  }

  test.each(["shl64", "shrU64", "shrI64"])("%s by 0 to 63", async (name) => {
    const values = pairs(64)[0].slice(0, 64);
    const counts = values.map((_, row) => BigInt(row));
    const shared = {
      module: "int64",
      name,
      operands: ["vec2<u32>" as const, "u32" as const],
      result: "vec2<u32>" as const,
    };
    const actual = await applyFunction(context, shared, [values, counts]);
    const expected = values.map((bits, row) => {
      const count = BigInt(row);
      if (name === "shl64") return BigInt.asUintN(64, bits << count);
      return BigInt.asUintN(64, (name === "shrI64" ? BigInt.asIntN(64, bits) : bits) >> count);
    });
    expect(actual).toEqual(expected);
  });
});

/** Every pair of the values where carries and signs change, then random ones of all lengths. No divisor is 0. */
function pairs(width: 32 | 64): [bigint[], bigint[]] {
  const edges: bigint[] = [];
  for (const power of [0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 62, 63].filter((p) => p < width)) {
    const value = 1n << BigInt(power);
    for (const near of [value - 1n, value, value + 1n]) edges.push(near, -near);
  }
  const next = words(99);
  const any = () =>
    BigInt.asUintN(width, ((BigInt(next()) << 32n) | BigInt(next())) >> BigInt(next() % width));
  const out: [bigint[], bigint[]] = [[], []];
  const push = (a: bigint, b: bigint) => {
    out[0].push(BigInt.asUintN(width, a));
    out[1].push(BigInt.asUintN(width, b) || 1n);
  };
  for (const a of edges) for (const b of edges) push(a, b);
  for (let row = 0; row < 8000; row++) push(row % 2 ? any() : -any(), row % 3 ? any() : -any());
  return out;
}
