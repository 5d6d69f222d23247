// Conversions between lanes, and whether they fit, as WGSL expressions.

import { assertNever } from "../../base/index.ts";
import type { Lane, NarrowLane, NumericLane } from "../../ir/index.ts";

export function convertText(from: Lane, to: Lane, a: string): string {
  if (from === to) return a;
  if (to === "bool") return toBool(from, a);
  switch (from) {
    case "bool":
      return fromBool(to, a);
    case "i32":
      return fromInteger32("i32", to, a);
    case "u32":
      return fromInteger32("u32", to, a);
    case "i64":
    case "u64":
      return fromInteger64(from, to, a);
    case "i128":
      return fromInteger128(to, a);
    case "f32":
      return to === "f64" ? `f64FromF32(${a})` : fromF64(to, `f64FromF32(${a})`);
    case "f64":
      return fromF64(to, a);
    case "string":
      return refuse(from, to);
    default:
      return assertNever(from);
  }
}

function toBool(from: Lane, a: string): string {
  switch (from) {
    case "i32":
      return `(${a} != 0i)`;
    case "u32":
      return `(${a} != 0u)`;
    case "i64":
    case "u64":
      return `!isZero64(${a})`;
    case "i128":
      return `!isZero128(${a})`;
    case "f32":
      return `!isZeroF32(${a})`;
    case "f64":
      return `!isZeroF64(${a})`;
    default:
      return refuse(from, "bool");
  }
}

function fromBool(to: Lane, a: string): string {
  switch (to) {
    case "i32":
      return `select(0i, 1i, ${a})`;
    case "u32":
      return `select(0u, 1u, ${a})`;
    case "i64":
    case "u64":
      return `vec2<u32>(select(0u, 1u, ${a}), 0u)`;
    case "i128":
      return `vec4<u32>(select(0u, 1u, ${a}), 0u, 0u, 0u)`;
    case "f32":
      return `select(0u, 0x3f800000u, ${a})`;
    case "f64":
      return `vec2<u32>(0u, select(0u, 0x3ff00000u, ${a}))`;
    default:
      return refuse("bool", to);
  }
}

function fromInteger32(from: "i32" | "u32", to: Lane, a: string): string {
  const suffix = from === "i32" ? "I32" : "U32";
  switch (to) {
    case "i32":
    case "u32":
      return `bitcast<${to}>(${a})`;
    case "i64":
    case "u64":
      return from === "u32"
        ? `vec2<u32>(${a}, 0u)`
        : `vec2<u32>(bitcast<u32>(${a}), bitcast<u32>(${a} >> 31u))`;
    case "i128":
      return fromInteger64(from === "i32" ? "i64" : "u64", to, fromInteger32(from, "i64", a));
    case "f32":
    case "f64":
      return `${to}From${suffix}(${a})`;
    default:
      return refuse(from, to);
  }
}

function fromInteger64(from: "i64" | "u64", to: Lane, a: string): string {
  switch (to) {
    case "i32":
      return `bitcast<i32>(${a}.x)`;
    case "u32":
      return `${a}.x`;
    case "i64":
    case "u64":
      return a;
    case "i128":
      return from === "i64" ? `extend128(${a})` : `vec4<u32>(${a}, 0u, 0u)`;
    case "f32":
    case "f64":
      return `${to}From${from === "i64" ? "I64" : "U64"}(${a})`;
    default:
      return refuse(from, to);
  }
}

function fromInteger128(to: Lane, a: string): string {
  switch (to) {
    case "i32":
      return `bitcast<i32>(${a}.x)`;
    case "u32":
      return `${a}.x`;
    case "i64":
    case "u64":
      return `${a}.xy`;
    case "f32":
    case "f64":
      return `${to}FromI128(${a})`;
    default:
      return refuse("i128", to);
  }
}

function fromF64(to: Lane, a: string): string {
  switch (to) {
    case "f32":
    case "i32":
    case "u32":
    case "i64":
    case "u64":
    case "i128":
      return `${to}FromF64(${a})`;
    default:
      return refuse("f64", to);
  }
}

const INTEGER_BITS: Readonly<
  Record<Exclude<NarrowLane, "f32" | "f64">, readonly [boolean, number]>
> = {
  i8: [true, 8],
  i16: [true, 16],
  i32: [true, 32],
  i64: [true, 64],
  i128: [true, 128],
  u8: [false, 8],
  u16: [false, 16],
  u32: [false, 32],
  u64: [false, 64],
};

export function fitsText(from: NumericLane, to: NarrowLane, a: string): string {
  if (to === "f64") return "true";
  if (from === "f64" && to === "f32") {
    return `(isFiniteF32(f32FromF64(${a})) || !isFiniteF64(${a}))`;
  }
  if (to === "f32") return "true";
  const [signed, bits] = INTEGER_BITS[to];
  switch (from) {
    case "f32":
      return floatFits(`f64FromF32(${a})`, signed, bits);
    case "f64":
      return floatFits(a, signed, bits);
    case "i32":
      return int32Fits(a, signed, bits);
    case "u32":
      return bits >= (signed ? 64 : 32) ? "true" : `(${a} <= ${maximum(signed, bits)}u)`;
    case "i64":
      return int64Fits(a, signed, bits);
    case "i128":
      return int128Fits(a, signed, bits);
    case "u64":
      if (bits > 64) return "true";
      if (bits === 64) return signed ? `!isNegative64(${a})` : "true";
      return `(${a}.y == 0u && ${a}.x <= ${maximum(signed, bits)}u)`;
    default:
      return assertNever(from);
  }
}

function maximum(signed: boolean, bits: number): number {
  return 2 ** (signed ? bits - 1 : bits) - 1;
}

function int32Fits(a: string, signed: boolean, bits: number): string {
  if (!signed)
    return bits >= 32 ? `(${a} >= 0i)` : `(bitcast<u32>(${a}) <= ${maximum(false, bits)}u)`;
  if (bits >= 32) return "true";
  const limit = maximum(true, bits);
  return `(${a} >= ${-limit - 1}i && ${a} <= ${limit}i)`;
}

function int64Fits(a: string, signed: boolean, bits: number): string {
  if (bits > 64) return "true";
  if (bits === 64) return signed ? "true" : `!isNegative64(${a})`;
  if (!signed) return `(${a}.y == 0u && ${a}.x <= ${maximum(false, bits)}u)`;
  // The value is the sign extension of its low `bits` bits.
  const low = `extractBits(bitcast<i32>(${a}.x), 0u, ${bits}u)`;
  return `all(${a} == vec2<u32>(bitcast<u32>(${low}), bitcast<u32>(${low} >> 31u)))`;
}

function int128Fits(a: string, signed: boolean, bits: number): string {
  if (bits === 128) return "true";
  if (!signed) {
    const low = bits === 64 ? "" : ` && ${a}.y == 0u && ${a}.x <= ${maximum(false, bits)}u`;
    return `((${a}.z | ${a}.w) == 0u${low})`;
  }
  return `(eq128(${a}, extend128(${a}.xy)) && ${int64Fits(`${a}.xy`, true, bits)})`;
}

/** NaN is above every number, so the upper bound excludes it. */
function floatFits(a: string, signed: boolean, bits: number): string {
  const above = 2 ** (signed ? bits - 1 : bits);
  // The largest double below the range: from 64 bits on the integer below is none.
  const below = !signed ? -1 : -above - Math.max(1, above / 2 ** 52);
  return `(ltF64(${f64Text(below)}, ${a}) && ltF64(${a}, ${f64Text(above)}))`;
}

function f64Text(value: number): string {
  const words = new Uint32Array(Float64Array.of(value).buffer);
  return `vec2<u32>(${words[0]}u, ${words[1]}u)`;
}

function refuse(from: Lane, to: Lane): never {
  throw new Error(`no conversion from ${from} to ${to}`);
}
