// The exact building blocks of aggregates. Contract of each, states included: kernels/aggregate/README.md.

/** The bits that an exact sum keeps: a two's complement integer of 32 * limbs bits, in units of 2^lowExponent. */
export interface ExactWindow {
  readonly lowExponent: number;
  readonly limbs: number;
}

/** The exact, associative building blocks of aggregates; each gives one state column. */
export type Monoid =
  | { readonly kind: "count" }
  | { readonly kind: "countValues"; readonly column: number }
  /** Sum of x^power, exactly. In phases partial and final the window is set and the same for all partitions. */
  | {
      readonly kind: "sum";
      readonly column: number;
      readonly power: 1 | 2;
      readonly window: ExactWindow | null;
    }
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
  | {
      readonly kind: "variance";
      readonly sum: number;
      readonly sumOfSquares: number;
      readonly count: number;
      readonly ddof: number;
      readonly squareRoot: boolean;
      readonly scale?: number;
    }
  /** Holistic: needs all rows of a group at once, so only in phase complete. */
  | {
      readonly kind: "quantile";
      readonly column: number;
      readonly q: number;
      readonly interpolation: Interpolation;
    }
  | { readonly kind: "nUnique"; readonly column: number };
