// The exact building blocks of aggregates. Contract of each, states included: kernels/aggregate/README.md.

/** The bits that an exact sum keeps: a two's complement integer of 32 * limbs bits, in units of 2^lowExponent. */
export interface ExactWindow {
  readonly lowExponent: number;
  readonly limbs: number;
}

/**
 * Sum of x^power, or of x^power * y^other.power over the rows where both are there, exactly. In phases partial and final
 * the window is set and the same for all partitions.
 */
export interface SumMonoid {
  readonly kind: "sum";
  readonly column: number;
  readonly power: 1 | 2 | 3 | 4;
  /** Power 0 only asks that y is not null. */
  readonly other?: { readonly column: number; readonly power: 0 | 1 };
  readonly window: ExactWindow | null;
}

/** The columns that a sum multiplies, and how often. */
export function factorsOf({
  column,
  power,
  other,
}: SumMonoid): readonly { readonly column: number; readonly power: number }[] {
  return other && other.power > 0 ? [{ column, power }, other] : [{ column, power }];
}

/** The exact, associative building blocks of aggregates; each gives one state column. */
export type Monoid =
  | { readonly kind: "count" }
  /** Number of rows where `column` (and `beside`) are not null. */
  | { readonly kind: "countValues"; readonly column: number; readonly beside?: number }
  | SumMonoid
  | { readonly kind: "min" | "max"; readonly column: number }
  /** The value of the lowest (highest) row. `skip`: of those that are not null; `keep`: whatever that row holds. */
  | {
      readonly kind: "first" | "last";
      readonly column: number;
      readonly nulls: "skip" | "keep";
    }
  | { readonly kind: "any" | "all"; readonly column: number };

export type Interpolation = "linear" | "lower" | "higher" | "nearest" | "midpoint";

/** One output column of an aggregate. The numbers index `monoids`. */
export type AggregateCall =
  | { readonly kind: "value"; readonly monoid: number }
  | { readonly kind: "sum"; readonly sum: number }
  /** `scale`: the values are units of 10^-scale, as decimals are; absent: 0. */
  | {
      readonly kind: "mean";
      readonly sum: number;
      readonly count: number;
      readonly scale?: number;
    }
  | RatioCall
  /** Holistic: needs all rows of a group at once, so only in phase complete. */
  | {
      readonly kind: "quantile";
      readonly column: number;
      readonly q: number;
      readonly interpolation: Interpolation;
    }
  | { readonly kind: "nUnique"; readonly column: number }
  /** The most frequent value; of equally frequent ones the lowest. */
  | { readonly kind: "mode"; readonly column: number }
  /** The place in its group of the first row with the lowest value; `upper`: with the highest. */
  | { readonly kind: "argExtreme"; readonly column: number; readonly upper: boolean };

/** Whether a call needs all rows of its groups at once, and no monoids: only phase complete has it. */
export function isHolistic(
  call: AggregateCall,
): call is Extract<AggregateCall, { readonly column: number }> {
  return "column" in call;
}

/**
 * A number made exactly of counts and sums. Steps name earlier ones by position, so that a polynomial's common parts are
 * computed once.
 */
export type ExactStep =
  | { readonly op: "constant"; readonly value: number }
  /** A count, or a sum with its power of two. */
  | { readonly op: "state"; readonly monoid: number }
  | { readonly op: "add" | "subtract" | "multiply"; readonly left: number; readonly right: number };

/**
 * steps[numerator] / steps[denominator] of exact numbers, rounded once to float64. With `root` the square root of the
 * quotient, negative where steps[root.sign] is: the numerator is a square then, or not negative for other reasons.
 * Null where fewer than `least` values came; NaN where a sum has a flag, or the denominator is zero.
 */
export interface RatioCall {
  readonly kind: "ratio";
  readonly steps: readonly ExactStep[];
  readonly numerator: number;
  readonly denominator: number;
  readonly root: { readonly sign: number } | null;
  /** The monoid that counts the values. */
  readonly count: number;
  readonly least: number;
}
