// The bytes that structure a CSV file. What they mean is in kernels/csv/README.md.

export interface CsvDialect {
  readonly delimiter: number;
  /** Null: no byte quotes. */
  readonly quote: number | null;
  /** Equal to `quote`: a doubled quote is a quote. */
  readonly escape: number | null;
  readonly comment: number | null;
}

export const LF = 10;
export const CR = 13;
