// The states of monoids: folding rows into one, merging several, and their columns (kernels/aggregate/README.md).

import { assert, assertNever, decompose } from "../../base/index.ts";
import { type DType, INT64, isFloat } from "../../dtype/index.ts";
import type { ExactWindow, Monoid } from "../../ir/index.ts";
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

/** The state of some rows. `values` are those of the monoid's column, in row order. */
export function fold(monoid: Monoid, dtype: DType | null, values: readonly Value[]): State {
  const present = values.filter((value) => value !== null) as Scalar[];
  switch (monoid.kind) {
    case "count":
      return BigInt(values.length);
    case "countValues":
      return BigInt(present.length);
    case "sum":
      return foldSum(monoid, dtype as DType, present);
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

type SumMonoid = Extract<Monoid, { kind: "sum" }>;

function foldSum(monoid: SumMonoid, dtype: DType, present: readonly Scalar[]): SumState | null {
  if (present.length === 0) return null;
  const exponent = monoid.window?.lowExponent ?? naturalExponent(dtype) * monoid.power;
  let flags = 0;
  let total = 0n;
  for (const value of present) {
    if (typeof value === "number" && !Number.isFinite(value))
      flags |= specialFlag(value, monoid.power);
    else total += scaledPower(value as number | bigint, monoid.power, exponent);
  }
  return { flags, total, exponent };
}

/** Every finite value of the dtype is a multiple of 2^this. */
function naturalExponent(dtype: DType): number {
  if (!isFloat(dtype)) return 0;
  return dtype.kind === "float64" ? -1074 : -149;
}

function specialFlag(value: number, power: 1 | 2): number {
  if (Number.isNaN(value)) return NAN_FLAG;
  return value > 0 || power === 2 ? POSITIVE_INFINITY_FLAG : NEGATIVE_INFINITY_FLAG;
}

/** value^power in units of 2^unit. */
function scaledPower(value: number | bigint, power: 1 | 2, unit: number): bigint {
  const { mantissa, exponent } =
    typeof value === "bigint" ? { mantissa: value, exponent: 0 } : decompose(value);
  const raised = mantissa ** BigInt(power);
  const shift = raised === 0n ? 0 : exponent * power - unit;
  assert(shift >= 0, "the window of a sum reaches down to the lowest bit of every value");
  return raised << BigInt(shift);
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
