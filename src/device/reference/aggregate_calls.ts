// The calls of an aggregate: from states, or from all values of a group, to the result (kernels/aggregate/README.md).

import {
  assert,
  assertNever,
  at,
  BINARY32,
  BINARY64,
  IntegerOverflowError,
  roundRatio,
} from "../../base/index.ts";
import { type DType, dtypeName, integerLimits, isFloat } from "../../dtype/index.ts";
import type { AggregateCall } from "../../ir/index.ts";
import {
  isSumState,
  NAN_FLAG,
  NEGATIVE_INFINITY_FLAG,
  POSITIVE_INFINITY_FLAG,
  type State,
  type SumState,
} from "./monoids.ts";
import { quantile } from "./quantile.ts";
import { finishRatio } from "./ratio.ts";
import { canonical, compareKeys, keyText, type Scalar, type Value } from "./values.ts";

/** One group: the states of the monoids, and for the holistic calls the values of any input column. */
export interface GroupView {
  readonly states: readonly State[];
  readonly valuesOf: (column: number) => readonly Value[];
  /** First row of the group, for errors. */
  readonly row: number;
}

/** @throws IntegerOverflowError naming `text` for an integer sum outside its dtype. */
export function callResult(
  call: AggregateCall,
  group: GroupView,
  dtype: DType,
  text: string,
): Value {
  switch (call.kind) {
    case "value": {
      const state = group.states[call.monoid] as State;
      assert(!isSumState(state), "a sum is no plain value");
      return state;
    }
    case "sum": {
      const state = group.states[call.sum] as SumState | null;
      return state === null ? null : finishSum(state, dtype, text, group.row);
    }
    case "mean": {
      const state = group.states[call.sum] as SumState | null;
      if (state === null) return null;
      const count = group.states[call.count] as bigint;
      const divisor = count * 10n ** BigInt(call.scale ?? 0);
      return specialOf(state.flags) ?? roundRatio(state.total, divisor, state.exponent);
    }
    case "ratio":
      return finishRatio(call, group.states);
    case "quantile":
      return quantile(group.valuesOf(call.column), call.q, call.interpolation);
    case "nUnique": {
      const present = group.valuesOf(call.column).filter((value) => value !== null);
      return BigInt(new Set(present.map((value) => keyText([value]))).size);
    }
    case "mode":
      return mode(group.valuesOf(call.column));
    case "argExtreme":
      return argExtreme(group.valuesOf(call.column), call.upper);
    default:
      return assertNever(call);
  }
}

function mode(values: readonly Value[]): Value {
  const sorted = (values.filter((value) => value !== null) as Scalar[]).sort(compareKeys);
  let [best, most, count]: [Value, number, number] = [null, 0, 0];
  for (const [index, value] of sorted.entries()) {
    const again = index > 0 && compareKeys(at(sorted, index - 1), value) === 0;
    count = again ? count + 1 : 1;
    if (count > most) [best, most] = [value, count];
  }
  return canonical(best);
}

function argExtreme(values: readonly Value[], upper: boolean): bigint | null {
  let best: number | null = null;
  for (const [place, value] of values.entries()) {
    if (value === null) continue;
    const order = best === null ? -1 : compareKeys(value as Scalar, values[best] as Scalar);
    if ((upper && best !== null ? -order : order) < 0) best = place;
  }
  return best === null ? null : BigInt(best);
}

/** What a sum with special values is; null if there are none. */
function specialOf(flags: number): number | null {
  if (flags === 0) return null;
  const both = POSITIVE_INFINITY_FLAG | NEGATIVE_INFINITY_FLAG;
  if ((flags & NAN_FLAG) !== 0 || (flags & both) === both) return Number.NaN;
  return flags === POSITIVE_INFINITY_FLAG ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function finishSum(state: SumState, dtype: DType, text: string, row: number): Scalar {
  if (isFloat(dtype)) {
    const format = dtype.kind === "float32" ? BINARY32 : BINARY64;
    return specialOf(state.flags) ?? roundRatio(state.total, 1n, state.exponent, format);
  }
  const { min, max } = integerLimits(dtype);
  if (state.total >= min && state.total <= max) return state.total;
  throw new IntegerOverflowError(
    `${text} is ${state.total}, which does not fit ${dtypeName(dtype)}`,
    {
      row,
      hint: 'Cast the column to "float64" before summing.',
    },
  );
}
