// The states of monoids: folding rows into one, merging several, and their columns (kernels/aggregate/README.md).

import { assert, assertNever, at, decompose } from "../../base/index.ts";
import { type DType, INT64, isFloat } from "../../dtype/index.ts";
import type { ExactWindow, Monoid, SumMonoid } from "../../ir/index.ts";
import { canonical, compareKeys, type Scalar, type Value } from "./values.ts";

export const NAN_FLAG = 1;
export const POSITIVE_INFINITY_FLAG = 2;
export const NEGATIVE_INFINITY_FLAG = 4;

/** An exact sum: total * 2^exponent, and what was added beside finite numbers. */
export interface SumState {
  readonly flags: number;
  readonly total: bigint;
  readonly exponent: number;
}
export type State = Scalar | SumState | null;

export function isSumState(state: State): state is SumState {
  return typeof state === "object" && state !== null;
}

/**
 * The state of some rows. `values` are those of the monoid's column in row order, null where a column beside it is null;
 * sums go through foldSum.
 */
export function fold(monoid: Exclude<Monoid, SumMonoid>, values: readonly Value[]): State {
  const present = values.filter((value) => value !== null) as Scalar[];
  switch (monoid.kind) {
    case "count":
      return BigInt(values.length);
    case "countValues":
      return BigInt(present.length);
    case "min":
    case "max":
    case "any":
    case "all":
      return foldPresent(monoid.kind, present);
    case "first":
    case "last": {
      const candidates = monoid.nulls === "skip" ? present : values;
      return (candidates.at(monoid.kind === "first" ? 0 : -1) ?? null) as Scalar | null;
    }
    default:
      return assertNever(monoid);
  }
}

/** The state of all rows of several states, given in row order. */
export function merge(monoid: Monoid, states: readonly State[]): State {
  const present = states.filter((state) => state !== null);
  switch (monoid.kind) {
    case "count":
    case "countValues":
      return present.reduce((total: bigint, state) => total + (state as bigint), 0n);
    case "sum":
      return mergeSums(present as SumState[]);
    case "min":
    case "max":
    case "any":
    case "all":
      return foldPresent(monoid.kind, present as Scalar[]);
    case "first":
    case "last": {
      const candidates = monoid.nulls === "skip" ? present : states;
      return candidates.at(monoid.kind === "first" ? 0 : -1) ?? null;
    }
    default:
      return assertNever(monoid);
  }
}

function foldPresent(
  kind: "min" | "max" | "any" | "all",
  present: readonly Scalar[],
): Scalar | null {
  const first = present[0];
  if (first === undefined) return null;
  switch (kind) {
    case "any":
      return present.includes(true);
    case "all":
      return !present.includes(false);
    case "min":
    case "max": {
      const sign = kind === "min" ? 1 : -1;
      let best = first;
      for (const value of present) if (sign * compareKeys(value, best) < 0) best = value;
      return canonical(best) as Scalar;
    }
    default:
      return assertNever(kind);
  }
}

/** A factor of a sum's addends: the values of its column in row order. */
export interface Factor {
  readonly dtype: DType;
  readonly power: number;
  readonly values: readonly Value[];
}

/** The exact sum of the products of all factors, over the rows where none is null. */
export function foldSum(monoid: SumMonoid, factors: readonly Factor[]): SumState | null {
  const rows = at(factors, 0).values.flatMap((_, row) => {
    const values = factors.map((factor) => factor.values[row] as Value);
    return values.includes(null) ? [] : [values as Scalar[]];
  });
  if (rows.length === 0) return null;
  const powers = factors.map(({ power }) => power);
  const natural = factors.reduce((sum, { dtype, power }) => sum + lowestExponent(dtype) * power, 0);
  const exponent = monoid.window?.lowExponent ?? natural;
  let flags = 0;
  let total = 0n;
  for (const values of rows) {
    const special = specialProduct(values, powers);
    if (special === null) total += scaledProduct(values, powers, exponent);
    else flags |= specialFlag(special);
  }
  return { flags, total, exponent };
}

/** Every finite value of the dtype is a multiple of 2^this. */
function lowestExponent(dtype: DType): number {
  if (!isFloat(dtype)) return 0;
  return dtype.kind === "float64" ? -1074 : -149;
}

/** The product as IEEE 754 has it, where a NaN or an infinity is among the factors; null where all are finite. */
function specialProduct(values: readonly Scalar[], powers: readonly number[]): number | null {
  // Almost every row: asked before a list of factors is made, which took a third of this executor's aggregates.
  if (values.every((value) => typeof value === "bigint" || Number.isFinite(value))) return null;
  const factors = values.flatMap((value, index) =>
    Array.from({ length: powers[index] as number }, () => Number(value)),
  );
  if (factors.every(Number.isFinite)) return null;
  // Of a finite factor only the sign matters, and a tiny one must not underflow on the way.
  const signs = factors.map((factor) => (Number.isFinite(factor) ? Math.sign(factor) : factor));
  return signs.reduce((product, factor) => product * factor, 1);
}

function specialFlag(value: number): number {
  if (Number.isNaN(value)) return NAN_FLAG;
  return value > 0 ? POSITIVE_INFINITY_FLAG : NEGATIVE_INFINITY_FLAG;
}

/** The product of the values' powers, in units of 2^unit. */
function scaledProduct(values: readonly Scalar[], powers: readonly number[], unit: number): bigint {
  let product = 1n;
  let shift = -unit;
  for (const [index, value] of values.entries()) {
    const power = powers[index] as number;
    if (power === 0) continue;
    const { mantissa, exponent } =
      typeof value === "bigint" ? { mantissa: value, exponent: 0 } : decompose(value as number);
    product *= mantissa ** BigInt(power);
    shift += exponent * power;
  }
  if (product === 0n) return 0n;
  assert(shift >= 0, "the window of a sum reaches down to the lowest bit of every addend");
  return product << BigInt(shift);
}

function mergeSums(states: readonly SumState[]): SumState | null {
  const first = states[0];
  if (first === undefined) return null;
  const flags = states.reduce((all, state) => all | state.flags, 0);
  const total = states.reduce((all, state) => all + state.total, 0n);
  return { flags, total, exponent: first.exponent };
}

/** The dtype of a monoid's state column, given that of the input column. */
export function stateDType(monoid: Monoid, dtype: DType | null): DType {
  switch (monoid.kind) {
    case "count":
    case "countValues":
    case "sum":
      return INT64;
    default:
      return dtype as DType;
  }
}

/** Words a row of the state column; null for columns of plain values. */
export function stateWidth(monoid: Monoid): number | null {
  return monoid.kind === "sum" ? 1 + windowOf(monoid).limbs : null;
}

function windowOf(monoid: SumMonoid): ExactWindow {
  assert(monoid.window !== null, "sums in phases partial and final have a window");
  return monoid.window;
}

export function encodeState(monoid: Monoid, state: State): Value {
  if (!isSumState(state)) return state;
  assert(monoid.kind === "sum", "only sums have such a state");
  const { limbs } = windowOf(monoid);
  const words = new Uint32Array(1 + limbs);
  words[0] = state.flags;
  assert(BigInt.asIntN(32 * limbs, state.total) === state.total, "a sum fits its window");
  for (let limb = 0; limb < limbs; limb++) {
    words[1 + limb] = Number(BigInt.asUintN(32, state.total >> BigInt(32 * limb)));
  }
  return words;
}

export function decodeState(monoid: Monoid, value: Value): State {
  if (!(value instanceof Uint32Array)) return value;
  assert(monoid.kind === "sum", "only sums have such a state");
  let total = 0n;
  for (const word of [...value.subarray(1)].reverse()) total = (total << 32n) | BigInt(word);
  const { lowExponent, limbs } = windowOf(monoid);
  return {
    flags: value[0] as number,
    total: BigInt.asIntN(32 * limbs, total),
    exponent: lowExponent,
  };
}
