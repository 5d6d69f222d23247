// The part of nodejs-polars that the benchmark uses. Written out because the package is installed
// apart (bench/package.json), and the benchmark must compile without it.

export interface PolarsExpr {
  alias(name: string): PolarsExpr;
  sum(): PolarsExpr;
  mean(): PolarsExpr;
  median(): PolarsExpr;
  std(): PolarsExpr;
  min(): PolarsExpr;
  max(): PolarsExpr;
  sub(other: PolarsExpr): PolarsExpr;
  pow(exponent: number): PolarsExpr;
  lt(other: number): PolarsExpr;
  eq(other: number): PolarsExpr;
  and(other: PolarsExpr): PolarsExpr;
  cast(dtype: unknown): PolarsExpr;
  sort(options: { descending: boolean }): PolarsExpr;
  head(length: number): PolarsExpr;
}

export interface PolarsLazyFrame {
  groupBy(keys: string[]): { agg(...aggregates: PolarsExpr[]): PolarsLazyFrame };
  join(
    other: PolarsLazyFrame,
    options: { on: string; how: "inner" | "left"; suffix: string },
  ): PolarsLazyFrame;
  filter(predicate: PolarsExpr): PolarsLazyFrame;
  sort(by: string[]): PolarsLazyFrame;
  explode(column: string): PolarsLazyFrame;
  collect(): Promise<PolarsDataFrame>;
}

export interface PolarsDataFrame {
  readonly height: number;
  lazy(): PolarsLazyFrame;
  select(expr: PolarsExpr): PolarsDataFrame;
  withColumns(...exprs: PolarsExpr[]): PolarsDataFrame;
  row(index: number): (number | bigint | null)[];
  getColumn(name: string): { readonly dtype: unknown; get(row: number): number | bigint | null };
}

export interface PolarsModule {
  readonly Int32: unknown;
  readonly Int64: unknown;
  readonly Float64: unknown;
  readonly String: unknown;
  readonly Categorical: unknown;
  readonly version: () => string;
  col(name: string): PolarsExpr;
  len(): PolarsExpr;
  pearsonCorr(a: string, b: string): PolarsExpr;
  readCSV(path: string, options?: { schema?: Record<string, unknown> }): PolarsDataFrame;
}
