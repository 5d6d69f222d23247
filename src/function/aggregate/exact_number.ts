// Builds the exact numbers of a ratio: polynomials over counts and sums, equal steps once.

import type { ExactStep, RatioCall } from "../../ir/index.ts";

/** A step's position. */
export type Exact = number;

export interface ExactNumbers {
  readonly steps: readonly ExactStep[];
  /** Of a small integer. */
  readonly constant: (value: number) => Exact;
  readonly state: (monoid: number) => Exact;
  readonly add: (left: Exact, right: Exact) => Exact;
  readonly subtract: (left: Exact, right: Exact) => Exact;
  /** The product of all. */
  readonly multiply: (first: Exact, ...others: Exact[]) => Exact;
  readonly powerOfTen: (power: number) => Exact;
}

export function exactNumbers(): ExactNumbers {
  const steps: ExactStep[] = [];
  const positions = new Map<string, number>();
  const step = (wanted: ExactStep): Exact => {
    const key = JSON.stringify(wanted);
    const position = positions.get(key) ?? steps.push(wanted) - 1;
    positions.set(key, position);
    return position;
  };
  const constant = (value: number) => step({ op: "constant", value });
  const multiply = (first: Exact, ...others: Exact[]) =>
    others.reduce((left, right) => step({ op: "multiply", left, right }), first);
  return {
    steps,
    constant,
    state: (monoid) => step({ op: "state", monoid }),
    add: (left, right) => step({ op: "add", left, right }),
    subtract: (left, right) => step({ op: "subtract", left, right }),
    multiply,
    powerOfTen: (power) => {
      // Constants are int32.
      const whole = Array.from({ length: Math.floor(power / 9) }, () => constant(10 ** 9));
      return multiply(constant(10 ** (power % 9)), ...whole);
    },
  };
}

/** What a ratio is made of; without `root` the quotient itself. */
export interface RatioParts {
  readonly numerator: Exact;
  readonly denominator: Exact;
  readonly root?: { readonly sign: Exact };
  readonly count: number;
  readonly least: number;
}

export function ratio({ steps }: ExactNumbers, parts: RatioParts): RatioCall {
  return { kind: "ratio", steps, ...parts, root: parts.root ?? null };
}
