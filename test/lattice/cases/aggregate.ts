// aggregate: every monoid and call over every dtype it takes, every kind of key, and sizes.
import { atOnce } from "../../../src/base/index.ts";
import { columnFromValues } from "../../../src/column/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  decimal,
  dtypeName,
  duration,
  FLOAT32,
  FLOAT64,
  INT32,
  INT64,
  isFloat,
  isNumeric,
  isUnsigned,
  STRING,
  UINT64,
} from "../../../src/dtype/index.ts";
import { planAggregates } from "../../../src/function/index.ts";
import type { AggregateCall, Interpolation, Monoid } from "../../../src/ir/index.ts";
import type { AggregateOperation } from "../../../src/physical/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, randomBatch } from "../random.ts";

/** Everything that can be asked of a column of the dtype. */
export function callsOn(
  column: number,
  dtype: DType,
): Pick<AggregateOperation, "monoids" | "calls" | "dtypes"> {
  const builder = new CallList();
  const any = (monoid: Monoid, result: DType) =>
    builder.add({ kind: "value", monoid: builder.monoid(monoid) }, result);
  any({ kind: "count" }, INT64);
  any({ kind: "countValues", column }, INT64);
  for (const kind of ["first", "last"] as const) {
    any({ kind, column, nulls: "skip" }, dtype);
    any({ kind, column, nulls: "keep" }, dtype);
  }
  if (dtype !== BOOL) {
    any({ kind: "min", column }, dtype);
    any({ kind: "max", column }, dtype);
  } else {
    any({ kind: "any", column }, BOOL);
    any({ kind: "all", column }, BOOL);
  }
  builder.add({ kind: "nUnique", column }, INT64);
  builder.add({ kind: "mode", column }, dtype);
  builder.add({ kind: "argExtreme", column, upper: false }, INT64);
  builder.add({ kind: "argExtreme", column, upper: true }, INT64);
  if (isNumeric(dtype) || dtype.kind === "duration") addNumeric(builder, column, dtype);
  return builder;
}

function addNumeric(builder: CallList, column: number, dtype: DType): void {
  const sum = builder.monoid({ kind: "sum", column, power: 1, window: null });
  builder.plan("mean", [column], [dtype]);
  for (const ddof of [0, 1]) {
    builder.plan("var", [column], [dtype], { ddof });
    builder.plan("std", [column], [dtype], { ddof });
  }
  for (const bias of [false, true]) {
    builder.plan("skew", [column], [dtype], { bias });
    builder.plan("kurtosis", [column], [dtype], { bias });
  }
  if (dtype.kind === "decimal") {
    // Quantiles of decimals are those of floats; 20 digits and more do not add up.
    if (dtype.precision <= 18) builder.plan("sum", [column], [dtype]);
    return;
  }
  const ways: readonly Interpolation[] = ["linear", "lower", "higher", "nearest", "midpoint"];
  for (const [index, interpolation] of ways.entries()) {
    const q = [0.5, 0.25, 0.9, 0.5, 1][index] as number;
    builder.add({ kind: "quantile", column, q, interpolation }, FLOAT64);
  }
  // The extremes of durations do not add up: cases of their own sum tame ones.
  if (isFloat(dtype)) builder.add({ kind: "sum", sum }, dtype);
}

/** Monoids and calls as they are asked for. */
export class CallList {
  readonly monoids: Monoid[] = [];
  readonly calls: AggregateCall[] = [];
  readonly dtypes: DType[] = [];

  monoid(monoid: Monoid): number {
    const text = JSON.stringify(monoid);
    const known = this.monoids.findIndex((other) => JSON.stringify(other) === text);
    return known >= 0 ? known : this.monoids.push(monoid) - 1;
  }

  add(call: AggregateCall, dtype: DType): void {
    this.calls.push(call);
    this.dtypes.push(dtype);
  }

  /** What an aggregate function plans for columns of these dtypes. */
  plan(name: string, columns: readonly number[], inputs: readonly DType[], options = {}): void {
    const dtypes = Object.assign([], Object.fromEntries(columns.map((c, i) => [c, inputs[i]])));
    const request = { function: name, argColumns: columns, options, text: name };
    this.addAll(atOnce(planAggregates([request], dtypes)));
  }

  addAll({
    monoids,
    calls,
    dtypes,
  }: Pick<AggregateOperation, "monoids" | "calls" | "dtypes">): void {
    for (const [index, call] of calls.entries()) {
      const moved = withMonoids(call, (monoid) => this.monoid(monoids[monoid] as Monoid));
      this.add(moved, dtypes[index] as DType);
    }
  }
}

/** The call with `place` of every monoid that it names. */
function withMonoids(call: AggregateCall, place: (monoid: number) => number): AggregateCall {
  switch (call.kind) {
    case "value":
      return { ...call, monoid: place(call.monoid) };
    case "sum":
      return { ...call, sum: place(call.sum) };
    case "mean":
      return { ...call, sum: place(call.sum), count: place(call.count) };
    case "ratio": {
      const steps = call.steps.map((step) =>
        step.op === "state" ? { ...step, monoid: place(step.monoid) } : step,
      );
      return { ...call, steps, count: place(call.count) };
    }
    default:
      return call;
  }
}

export function aggregateOperation(
  keys: readonly number[],
  { monoids, calls, dtypes }: Pick<AggregateOperation, "monoids" | "calls" | "dtypes">,
  dropNullKeys = false,
): AggregateOperation {
  const texts = calls.map(({ kind }, index) => `${kind} ${index}`);
  return {
    kind: "aggregate",
    phase: "complete",
    keys,
    monoids,
    calls,
    dtypes,
    texts,
    dropNullKeys,
  };
}

function sumOf(column: number, dtype: DType): CallList {
  const list = new CallList();
  list.add(
    { kind: "sum", sum: list.monoid({ kind: "sum", column, power: 1, window: null }) },
    dtype,
  );
  return list;
}

type Family =
  | "folds"
  | "decimal mean"
  | "variance"
  | "moments"
  | "quantile"
  | "nUnique"
  | "ordered";

/** Calls that executors may support apart from each other. */
function familyOf(call: AggregateCall, { monoids }: AggregateOperation): Family {
  switch (call.kind) {
    case "quantile":
    case "nUnique":
      return call.kind;
    case "mode":
    case "argExtreme":
      return "ordered";
    case "ratio":
      return call.steps.some((step) => step.op === "state" && isProduct(monoids[step.monoid]))
        ? "moments"
        : "variance";
    case "mean":
      return call.scale ? "decimal mean" : "folds";
    default:
      return "folds";
  }
}

function isProduct(monoid: Monoid | undefined): boolean {
  return monoid?.kind === "sum" && (monoid.power > 2 || monoid.other !== undefined);
}

/** One case a family, so that an executor that lacks variances is still tested on sums. */
export function byFamily(entry: LatticeCase): LatticeCase[] {
  const operation = entry.operation as AggregateOperation;
  const families = [...new Set(operation.calls.map((call) => familyOf(call, operation)))];
  if (families.length <= 1) return [entry];
  return families.map((family) => ({
    ...entry,
    name: `${entry.name}: ${family}`,
    operation: onlyCalls(operation, (call) => familyOf(call, operation) === family),
  }));
}

/** The operation with some of its calls, and the monoids that these need. */
export function onlyCalls(
  operation: AggregateOperation,
  keep: (call: AggregateCall) => boolean,
): AggregateOperation {
  const list = new CallList();
  const kept = [...operation.calls.keys()].filter((index) =>
    keep(operation.calls[index] as AggregateCall),
  );
  list.addAll({
    monoids: operation.monoids,
    calls: kept.map((index) => operation.calls[index] as AggregateCall),
    dtypes: kept.map((index) => operation.dtypes[index] as DType),
  });
  return {
    ...aggregateOperation(operation.keys, list, operation.dropNullKeys),
    phase: operation.phase,
    mask: operation.mask,
  };
}

const aggregateCase = (
  name: string,
  inputs: LatticeCase["inputs"],
  operation: AggregateOperation,
): LatticeCase => ({ name: `aggregate ${name}`, operation, inputs });

const keyed = (keys: readonly ColumnShape[], value: ColumnShape, rows: number, seed = 5) =>
  randomBatch(seed, rows, [...keys, value]);

const everyValue = ALL_DTYPES.flatMap((dtype) => {
  const name = dtypeName(dtype);
  const group: ColumnShape = { dtype: INT32, distinct: 7, tame: true };
  return [
    aggregateCase(
      `${name}, no keys`,
      [randomBatch(11, 300, [{ dtype }])],
      aggregateOperation([], callsOn(0, dtype)),
    ),
    aggregateCase(
      `${name} by group`,
      [keyed([group], { dtype }, 700)],
      aggregateOperation([0], callsOn(1, dtype)),
    ),
    aggregateCase(
      `tame ${name} by group`,
      [keyed([group], { dtype, tame: true }, 900)],
      aggregateOperation([0], callsOn(1, dtype)),
    ),
    aggregateCase(
      `null ${name} by group`,
      [keyed([group], { dtype, nullRatio: 1 }, 50)],
      aggregateOperation([0], callsOn(1, dtype)),
    ),
  ];
});

const everyKey = ALL_DTYPES.flatMap((dtype) => {
  const name = dtypeName(dtype);
  const value: ColumnShape = { dtype: FLOAT64, tame: true };
  return [
    aggregateCase(
      `by few ${name}`,
      [keyed([{ dtype, distinct: 6 }], value, 400)],
      aggregateOperation([0], callsOn(1, FLOAT64)),
    ),
    aggregateCase(
      `by many ${name}`,
      [keyed([{ dtype }], value, 1500)],
      aggregateOperation([0], callsOn(1, FLOAT64)),
    ),
    aggregateCase(
      `by ${name} without nulls`,
      [keyed([{ dtype, distinct: 9, nullRatio: 0.4 }], value, 200)],
      aggregateOperation([0], callsOn(1, FLOAT64), true),
    ),
  ];
});

const several = [
  aggregateCase(
    "by three keys",
    [
      keyed(
        [{ dtype: STRING, distinct: 3 }, { dtype: FLOAT64, distinct: 3 }, { dtype: BOOL }],
        { dtype: INT64, tame: true },
        800,
      ),
    ],
    aggregateOperation([0, 1, 2], callsOn(3, INT64)),
  ),
  aggregateCase(
    "by two keys without nulls",
    [
      keyed(
        [
          { dtype: DATE, distinct: 3 },
          { dtype: STRING, distinct: 3, plain: true },
        ],
        { dtype: FLOAT64 },
        300,
      ),
    ],
    aggregateOperation([1, 0], callsOn(2, FLOAT64), true),
  ),
  aggregateCase(
    "keys only",
    [keyed([{ dtype: STRING, distinct: 20 }], { dtype: BOOL }, 300)],
    aggregateOperation([0], new CallList()),
  ),
  aggregateCase(
    "a plain string column",
    [keyed([{ dtype: INT32, distinct: 5 }], { dtype: STRING, plain: true }, 200)],
    aggregateOperation([0], callsOn(1, STRING)),
  ),
];

const wide = decimal(38, 2);
const mostDigits = `${"9".repeat(36)}.99`;
const decimalSums = [
  ["fits exactly", [mostDigits, "-0.01", "0.01", null]],
  ["returns from beyond its range", [mostDigits, "1", "-1", null]],
  ["overflows", ["1", mostDigits, "0.01", null]],
  ["is the minimum", [`-${mostDigits}`, null, "0", null]],
  ["overflows 128 bits", [mostDigits, mostDigits, mostDigits, mostDigits]],
].map(([what, values]) =>
  aggregateCase(
    `sum of ${dtypeName(wide)} that ${what}`,
    [
      {
        rowCount: 4,
        columns: [
          columnFromValues([1, 2, 2, 1], INT32),
          columnFromValues(values as string[], wide),
        ],
      },
    ],
    aggregateOperation([0], sumOf(1, wide)),
  ),
);

const integers = [INT32, INT64, UINT64, duration("us")].flatMap((dtype) => {
  const integer = isUnsigned(dtype) ? UINT64 : INT64;
  const result = dtype.kind === "duration" ? dtype : integer;
  const { min, max } = {
    min: isUnsigned(dtype) ? 0n : -(2n ** 63n),
    max: isUnsigned(dtype) ? 2n ** 64n - 1n : 2n ** 63n - 1n,
  };
  const ints = (values: readonly bigint[]) => columnFromValues(values, result);
  const by = columnFromValues([1, 2, 1, 2], INT32);
  return [
    aggregateCase(
      `sum of ${dtypeName(dtype)}`,
      [randomBatch(6, 500, [{ dtype, tame: true }])],
      aggregateOperation([], sumOf(0, result)),
    ),
    aggregateCase(
      `sum of ${dtypeName(result)} that returns from beyond its range`,
      [{ rowCount: 4, columns: [by, ints([max, 5n, isUnsigned(result) ? 0n : -1n, 6n])] }],
      aggregateOperation([0], sumOf(1, result)),
    ),
    aggregateCase(
      `sum of ${dtypeName(result)} that overflows in the second group`,
      [{ rowCount: 4, columns: [by, ints([1n, max, 2n, 1n])] }],
      aggregateOperation([0], sumOf(1, result)),
    ),
    aggregateCase(
      `sum of ${dtypeName(result)} that is the minimum`,
      [{ rowCount: 4, columns: [by, ints([min, 0n, 0n, 0n])] }],
      aggregateOperation([0], sumOf(1, result)),
    ),
  ];
});

const floats = (values: readonly number[], dtype: DType) => ({
  rowCount: values.length,
  columns: [columnFromValues(values, dtype)],
});
const exact: LatticeCase[] = [
  ["cancellation", [1e308, 1, -1e308, 1e-300]],
  ["passing through infinity", [1.7e308, 1.7e308, -1.7e308, -1.7e308, 3]],
  ["too large", [1.7e308, 1.7e308]],
  ["subnormals", [5e-324, 5e-324, -5e-324, 2 ** -1022]],
  ["a tie to even, up", [2 ** 53, 1, 2]],
  ["a tie to even, down", [2 ** 53, 1]],
  ["a tie broken by the least bit", [2 ** 53, 1, 5e-324]],
  ["minus zeros", [-0, -0]],
  ["infinities of both signs", [Infinity, -Infinity]],
  ["one infinity", [1, -Infinity]],
  ["a NaN", [Number.NaN, 1]],
  ["the greatest squares", [1e200, -1e200]],
  ["the least squares", [5e-324, 1e-300]],
  ["equal values", [0.1, 0.1, 0.1]],
  ["a difference in the last bit", [1, 1 + 2 ** -52]],
].map(([name, values]) =>
  aggregateCase(
    `exactly: ${name}`,
    [floats(values as number[], FLOAT64)],
    aggregateOperation([], callsOn(0, FLOAT64)),
  ),
);
const singles = aggregateCase(
  "exactly: float32 rounds once",
  [floats([2 ** 24, 1, 2 ** -30], FLOAT32)],
  aggregateOperation([], callsOn(0, FLOAT32)),
);

function pairCalls(x: number, y: number, dtypes: readonly [DType, DType]): CallList {
  const list = new CallList();
  list.plan("corr", [x, y], dtypes);
  list.plan("cov", [x, y], dtypes);
  list.plan("cov", [y, x], [dtypes[1], dtypes[0]], { ddof: 0 });
  list.plan("corr", [x, x], [dtypes[0], dtypes[0]]);
  return list;
}

const PAIRS: readonly (readonly [DType, DType])[] = [
  [FLOAT64, FLOAT64],
  [FLOAT32, FLOAT64],
  [INT32, FLOAT64],
  [INT32, INT32],
  [INT64, UINT64],
  [UINT64, FLOAT32],
];
const pairs = PAIRS.flatMap(([x, y]) =>
  [true, false].flatMap((tame) =>
    [0, 0.3].flatMap((nullRatio) => {
      const group: ColumnShape = { dtype: INT32, distinct: 9, tame: true };
      const shapes = [group, { dtype: x, tame, nullRatio }, { dtype: y, tame, nullRatio: 0.3 }];
      const name = `${tame ? "tame " : ""}${dtypeName(x)} and ${dtypeName(y)}, ${nullRatio}`;
      const inputs = [randomBatch(17, 600, shapes)];
      const calls = pairCalls(1, 2, [x, y]);
      return [
        aggregateCase(`pairs of ${name}`, inputs, aggregateOperation([], calls)),
        aggregateCase(`pairs of ${name} by group`, inputs, aggregateOperation([0], calls)),
      ];
    }),
  ),
);

const exactPairs = [
  { name: "a line", x: [1, 2, 3, 4], y: [-0.5, -1, -1.5, -2] },
  { name: "a constant", x: [0.1, 0.1, 0.1], y: [1, 2, 3] },
  { name: "one row", x: [1], y: [2] },
  { name: "cancellation", x: [1e300, 1, -1e300], y: [1e-300, 2, 3e-300] },
  { name: "subnormals", x: [5e-324, 1e-323, 0], y: [1e308, -1e308, 1] },
  { name: "a NaN", x: [1, Number.NaN, 2], y: [1, 2, 3] },
  { name: "an infinity", x: [1, 2, 3], y: [1, Number.POSITIVE_INFINITY, 2] },
  { name: "no rows", x: [], y: [] },
].map(({ name, x, y }) => {
  const columns = [x, y].map((values) => columnFromValues(values, FLOAT64));
  const calls = pairCalls(0, 1, [FLOAT64, FLOAT64]);
  const inputs = [{ rowCount: x.length, columns }];
  return aggregateCase(`exact pairs: ${name}`, inputs, aggregateOperation([], calls));
});

const sizes = [...EDGE_COUNTS, 4096, 20_000].flatMap((rows) => [
  aggregateCase(
    `of ${rows} rows by string`,
    [keyed([{ dtype: STRING, distinct: 12, tame: true }], { dtype: FLOAT64, tame: true }, rows)],
    aggregateOperation([0], callsOn(1, FLOAT64)),
  ),
  aggregateCase(
    `of ${rows} rows`,
    [randomBatch(8, rows, [{ dtype: FLOAT64 }])],
    aggregateOperation([], callsOn(0, FLOAT64)),
  ),
]);

export const aggregateCases: readonly LatticeCase[] = [
  ...everyValue,
  ...everyKey,
  ...several,
  ...integers,
  ...decimalSums,
  ...exact,
  singles,
  ...pairs,
  ...exactPairs,
  ...sizes,
].flatMap(byFamily);
