// The ratio call: exact numbers of BigInts and powers of two, rounded once (kernels/aggregate/README.md).

import { assert, assertNever, at, roundRatio, roundSquareRoot } from "../../base/index.ts";
import type { ExactStep, RatioCall } from "../../ir/index.ts";
import { isSumState, type State } from "./monoids.ts";

/** mantissa * 2^exponent */
interface ExactNumber {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export function finishRatio(call: RatioCall, states: readonly State[]): number | null {
  if ((states[call.count] as bigint) < BigInt(call.least)) return null;
  if (call.steps.some((step) => hasFlags(step, states))) return Number.NaN;
  const numbers: ExactNumber[] = [];
  for (const step of call.steps) numbers.push(compute(step, numbers, states));
  const numerator = at(numbers, call.numerator);
  const denominator = at(numbers, call.denominator);
  if (denominator.mantissa === 0n) return Number.NaN;
  assert(denominator.mantissa > 0n, "the denominator of a ratio is not negative");
  const exponent = numerator.exponent - denominator.exponent;
  if (call.root === null) return roundRatio(numerator.mantissa, denominator.mantissa, exponent);
  const root = roundSquareRoot(numerator.mantissa, denominator.mantissa, exponent);
  return at(numbers, call.root.sign).mantissa < 0n ? -root : root;
}

function hasFlags(step: ExactStep, states: readonly State[]): boolean {
  if (step.op !== "state") return false;
  const state = states[step.monoid] as State;
  return isSumState(state) && state.flags !== 0;
}

function compute(
  step: ExactStep,
  numbers: readonly ExactNumber[],
  states: readonly State[],
): ExactNumber {
  switch (step.op) {
    case "constant":
      return { mantissa: BigInt(step.value), exponent: 0 };
    case "state": {
      const state = states[step.monoid] as State;
      if (!isSumState(state)) return { mantissa: (state ?? 0n) as bigint, exponent: 0 };
      return { mantissa: state.total, exponent: state.exponent };
    }
    case "multiply": {
      const [left, right] = [at(numbers, step.left), at(numbers, step.right)];
      return {
        mantissa: left.mantissa * right.mantissa,
        exponent: left.exponent + right.exponent,
      };
    }
    case "add":
      return sum(at(numbers, step.left), at(numbers, step.right), 1n);
    case "subtract":
      return sum(at(numbers, step.left), at(numbers, step.right), -1n);
    default:
      return assertNever(step);
  }
}

/** left + sign * right, in the smaller of their units. */
function sum(left: ExactNumber, right: ExactNumber, sign: 1n | -1n): ExactNumber {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = ({ mantissa, exponent: own }: ExactNumber) => mantissa << BigInt(own - exponent);
  return { mantissa: scaled(left) + sign * scaled(right), exponent };
}
