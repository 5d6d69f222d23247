// float64 and float32 in integers, through the WGSL of every adapter, against the doubles of this processor. Berkeley
// TestFloat's vectors: test/lattice/testfloat.test.ts.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { testDevices } from "./adapters.ts";
import { applyFunction, type SharedFunction, type WgslType } from "./apply.ts";
import { f32, f32Bits, f64, f64Bits, words } from "./bits.ts";

const F64: WgslType = "vec2<u32>";

function fn(module: string, name: string, operands: WgslType[], result: WgslType): SharedFunction {
  return { module, name, operands, result };
}

const unary = (name: string, of: (a: number) => number): Computed => [
  "float64_functions",
  name,
  of,
];
type Computed = [module: string, name: string, of: (a: number, b: number) => number];
const COMPUTED: Computed[] = [
  ["float64", "addF64", (a, b) => a + b],
  ["float64", "subF64", (a, b) => a - b],
  ["float64", "mulF64", (a, b) => a * b],
  ["float64", "divF64", (a, b) => a / b],
  ["float64_functions", "remF64", (a, b) => a % b],
  ["float64_functions", "modF64", (a, b) => floorDivMod(a, b)[1]],
  ["float64_functions", "floorDivF64", (a, b) => floorDivMod(a, b)[0]],
  unary("sqrtF64", Math.sqrt),
  unary("floorF64", Math.floor),
  unary("ceilF64", Math.ceil),
  unary("truncF64", Math.trunc),
  unary("roundF64", roundHalfAway),
];

describe.each(testDevices)("$name", ({ open }) => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await open();
  });
  afterAll(() => context.destroy());

  const pairs = doubles(words(20240601), 60_000);
  test.each(COMPUTED)("%s %s against this processor", async (module, name, of) => {
    const operands = of.length === 1 ? [pairs[0]] : pairs;
    const shared = fn(
      module,
      name,
      operands.map(() => F64),
      F64,
    );
    const expected = pairs[0].map((_, row) => {
      const [a, b] = pairs.map((values) => f64(at(values, row))) as [number, number];
      return f64Bits(of(a, b));
    });
    expect(mismatches(operands, expected, await applyFunction(context, shared, operands))).toEqual(
      [],
    );
  });

  const singles = floats(words(7), 30_000);
  test.each([
    ["modF32", (a: number, b: number) => floorDivMod(a, b, Math.fround)[1]],
    ["floorDivF32", (a: number, b: number) => floorDivMod(a, b, Math.fround)[0]],
    ["remF32", (a: number, b: number) => a % b],
  ] as const)("float32 %s against this processor", async (name, of) => {
    const shared = fn("float32", name, ["u32", "u32"], "u32");
    const expected = singles[0].map((a, row) => f32Bits(of(f32(a), f32(at(singles[1], row)))));
    expect(mismatches(singles, expected, await applyFunction(context, shared, singles))).toEqual(
      [],
    );
  });

  test.each([
    ["eqF64", (a: number, b: number) => order(a, b) === 0],
    ["ltF64", (a: number, b: number) => order(a, b) < 0],
  ] as const)("%s is the engine's order", async (name, of) => {
    const shared = fn("float64_functions", name, [F64, F64], "bool");
    const expected = pairs[0].map((a, row) => BigInt(of(f64(a), f64(at(pairs[1], row)))));
    expect(mismatches(pairs, expected, await applyFunction(context, shared, pairs))).toEqual([]);
  });
});

/** The first few rows that differ. */
function mismatches(
  operands: readonly (readonly bigint[])[],
  expected: readonly bigint[],
  actual: readonly bigint[],
): string[] {
  const found: string[] = [];
  const hex = (bits: bigint) => bits.toString(16);
  for (const [row, bits] of expected.entries()) {
    if (bits === actual[row]) continue;
    const inputs = operands.map((values) => hex(at(values, row))).join(" ");
    found.push(`${inputs} -> ${hex(actual[row] ?? 0n)}, not ${hex(bits)}`);
    if (found.length === 5) break;
  }
  return found;
}

/** Pairs whose exponents are anything, close together, near the ends, or whose values are special or small integers. */
function doubles(next: () => number, count: number): [bigint[], bigint[]] {
  const special = [
    0,
    -0,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    -(2 ** -1022),
    1,
    -1,
    0.5,
    2 ** 53,
    Number.MAX_VALUE,
  ];
  const any = () => (BigInt(next()) << 32n) | BigInt(next());
  const one = (exponent: number): bigint => {
    const kind = next() % 8;
    if (kind === 0) return f64Bits(at(special, next() % special.length));
    if (kind === 1) return f64Bits((next() % 2000) - 1000);
    if (kind === 2) return f64Bits(((next() % 4000) - 2000) / 2);
    if (kind === 3) return any();
    const field = BigInt(Math.min(2046, Math.max(0, exponent + (next() % 60) - 30)));
    const sparse = next() % 2 === 0 ? any() : any() & any() & any() & any();
    return (BigInt(next() & 1) << 63n) | (field << 52n) | (sparse & 0xfffffffffffffn);
  };
  const pairs: [bigint[], bigint[]] = [[], []];
  for (let row = 0; row < count; row++) {
    const exponent = at([1023, 1023, 20, 2030, next() % 2047], next() % 5);
    pairs[0].push(one(exponent));
    pairs[1].push(one(exponent));
  }
  return pairs;
}

function floats(next: () => number, count: number): [bigint[], bigint[]] {
  const one = () => {
    const kind = next() % 4;
    if (kind === 0) return BigInt(next());
    if (kind === 1) return f32Bits(((next() % 4000) - 2000) / 2);
    return f32Bits(
      f32(BigInt(((next() % 80) + 90) << 23)) * (1 + next() / 2 ** 32) * (next() & 1 ? 1 : -1),
    );
  };
  return [Array.from({ length: count }, one), Array.from({ length: count }, one)];
}

function order(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** CPython's float_divmod, every step rounded. */
function floorDivMod(a: number, b: number, round = (value: number) => value): [number, number] {
  if (b === 0) return [round(a / b), Number.NaN];
  let rest = a % b;
  let quotient = round(round(a - rest) / b);
  if (rest === 0) {
    rest = b < 0 ? -0 : 0;
  } else if (b < 0 !== rest < 0) {
    rest = round(rest + b);
    quotient = round(quotient - 1);
  }
  if (quotient === 0) {
    const negative = Object.is(a, -0) || a < 0 ? b > 0 : b < 0;
    return [negative ? -0 : 0, rest];
  }
  const below = Math.floor(quotient);
  return [round(quotient - below) > 0.5 ? round(below + 1) : below, rest];
}

function roundHalfAway(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}
