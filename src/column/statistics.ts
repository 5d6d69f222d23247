// What is known of a column's values. Every field is a bound: correctness never depends on its being tight, and an
// absent field says nothing.

export interface ColumnStatistics {
  /** No non-null value is smaller. Integers, dates, timestamps: bigint; floats: number, NaN left out. */
  readonly min?: bigint | number;
  /** No non-null value is greater. */
  readonly max?: bigint | number;
  /** Floats: every finite value is an integer multiple of 2^lowExponent and smaller than 2^highExponent. */
  readonly lowExponent?: number;
  readonly highExponent?: number;
  /** Floats: false promises that no value is NaN or infinite. */
  readonly hasSpecials?: boolean;
  /** The rows are in ascending order, without nulls. */
  readonly sorted?: boolean;
}
