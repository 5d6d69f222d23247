// What the capability table asks of every device for every dtype: all functions, aggregates and operators.

import { atOnce } from "../base/index.ts";
import { type DType, dtypeName, INT32, Schema } from "../dtype/index.ts";
import { type AnyExpr, coalesce, col, max, min, when } from "../expr/index.ts";
import { bindExpression, lowerProgram, planAggregates } from "../function/index.ts";
import type { JoinHow, Operation } from "../physical/index.ts";

/** An operation on columns of one dtype. */
export interface CapabilityQuestion {
  readonly operation: Operation;
  readonly inputs: readonly (readonly DType[])[];
}

/** @throws TypeMismatchError, InvalidArgumentError where the dtype has no such operation. */
export type Asks = (dtype: DType) => CapabilityQuestion;

const [x, y]: readonly [AnyExpr, AnyExpr] = [col("x"), col("y")];
/** A column of counts, for shifts. */
const n: AnyExpr = col("n");

const [CALENDAR, CLOCK, SPAN] = [
  ["year", "quarter", "month", "day", "weekday", "dayOfYear", "isoYear", "isoWeek", "daysInMonth"],
  ["hour", "minute", "second", "millisecond", "microsecond", "nanosecond"],
  ["totalDays", "totalHours", "totalMinutes", "totalSeconds", "totalMilliseconds"],
] as const;
const DATE_PARTS = [
  ...CALENDAR,
  "isLeapYear",
  "date",
  "monthStart",
  "monthEnd",
  ...CLOCK,
  ...SPAN,
  "totalMicroseconds",
  "totalNanoseconds",
] as const;

const SCALARS: Readonly<Record<string, AnyExpr>> = {
  eq: x.eq(y),
  ne: x.ne(y),
  lt: x.lt(y),
  le: x.le(y),
  gt: x.gt(y),
  ge: x.ge(y),
  between: x.between(y, y),
  // An empty list would be answered without a look at the values.
  isIn: x.isIn([null]),
  isNull: x.isNull(),
  isNotNull: x.isNotNull(),
  fillNull: x.fillNull(y),
  coalesce: coalesce(x, y),
  when: when(x.eq(y)).then(x).otherwise(y),
  min: min(x, y),
  max: max(x, y),
  add: x.add(y),
  sub: x.sub(y),
  mul: x.mul(y),
  div: x.div(y),
  floorDiv: x.floorDiv(y),
  mod: x.mod(y),
  rem: x.rem(y),
  neg: x.neg(),
  abs: x.abs(),
  sign: x.sign(),
  bitAnd: x.bitAnd(y),
  bitOr: x.bitOr(y),
  bitXor: x.bitXor(y),
  bitNot: x.bitNot(),
  shiftLeft: x.shiftLeft(n),
  shiftRight: x.shiftRight(n),
  and: x.and(y),
  or: x.or(y),
  not: x.not(),
  isNan: x.isNan(),
  isFinite: x.isFinite(),
  floor: x.floor(),
  ceil: x.ceil(),
  trunc: x.trunc(),
  round: x.round(1),
  sqrt: x.sqrt(),
  ...functionsOf(
    ["exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos"],
    (name) => x[name](),
  ),
  ...functionsOf(["atan", "sinh", "cosh", "tanh", "cbrt", "degrees", "radians"], (name) =>
    x[name](),
  ),
  ...functionsOf(["pow", "atan2", "hypot"], (name) => x[name](y)),
  "str.length": x.str.length(),
  "str.byteLength": x.str.byteLength(),
  "str.upper": x.str.upper(),
  "str.lower": x.str.lower(),
  "str.trim": x.str.trim(),
  "str.trimStart": x.str.trimStart(),
  "str.trimEnd": x.str.trimEnd(),
  "str.reverse": x.str.reverse(),
  "str.slice": x.str.slice(1, 2),
  "str.split": x.str.split(",", 0),
  "str.replace": x.str.replace(/a+/, "b"),
  "str.padStart": x.str.padStart(4),
  "str.padEnd": x.str.padEnd(4),
  "str.repeat": x.str.repeat(2),
  "str.contains": x.str.contains("a"),
  "str.startsWith": x.str.startsWith("a"),
  "str.endsWith": x.str.endsWith("a"),
  "str.like": x.str.like("a%"),
  "str.matches": x.str.matches(/a+b/),
  "str.toInteger": x.str.toInteger(),
  "str.toFloat": x.str.toFloat(),
  "str.toTimestamp": x.str.toTimestamp("%Y-%m-%d"),
  "str.toDate": x.str.toDate("%Y-%m-%d"),
  "str.concat": x.str.concat("-", y),
  ...Object.fromEntries(DATE_PARTS.map((name) => [`dt.${name}`, x.dt[name]()])),
  "dt.truncate": x.dt.truncate("1w"),
  "dt.epoch": x.dt.epoch("s"),
  "dt.offsetBy": x.dt.offsetBy("1mo"),
  "dt.toTimezone": x.dt.toTimezone("Europe/Zurich"),
  "dt.replaceTimezone": x.dt.replaceTimezone("Europe/Zurich"),
  "dt.format": x.dt.format("%Y"),
};

const AGGREGATES: Readonly<Record<string, AnyExpr>> = {
  count: x.count(),
  nUnique: x.nUnique(),
  min: x.min(),
  max: x.max(),
  first: x.first(),
  last: x.last(),
  argMin: x.argMin(),
  argMax: x.argMax(),
  mode: x.mode(),
  any: x.any(),
  all: x.all(),
  sum: x.sum(),
  mean: x.mean(),
  var: x.var(),
  std: x.std(),
  skew: x.skew(),
  kurtosis: x.kurtosis(),
  cov: x.cov(y),
  corr: x.corr(y),
  median: x.median(),
  quantile: x.quantile(0.9, { interpolation: "nearest" }),
};

const JOINS: readonly JoinHow[] = ["inner", "left", "right", "full", "semi", "anti"];

/** Every question, by the name under which it is printed. `casts`: the dtypes that are cast to. */
export function capabilityQuestions(
  casts: readonly DType[],
): readonly (readonly [name: string, asks: Asks])[] {
  return [
    ["filter", evaluated([], x.eq(y))],
    ...Object.entries(SCALARS).map(([name, expr]) => [name, evaluated([expr])] as const),
    ...casts.map((to) => {
      const cast = evaluated([x.cast(to, { strict: false }), x.cast(to)]);
      return [`cast to ${dtypeName(to)}`, cast] as const;
    }),
    ["group key", aggregated(x.count(), true)],
    ...Object.entries(AGGREGATES).map(
      ([name, expr]) => [`${name}()`, aggregated(expr, false)] as const,
    ),
    ...JOINS.map((how) => [`${how} join key`, joined(how)] as const),
    ["sort key", sorted(null)],
    ["top rows by", sorted(10)],
    ["head of groups by", headOfGroups],
    [
      "slice",
      (dtype) => ({ operation: { kind: "slice", offset: 0, length: 1 }, inputs: [[dtype]] }),
    ],
    ["concat", (dtype) => ({ operation: { kind: "concat" }, inputs: [[dtype], [dtype]] })],
  ];
}

function functionsOf<N extends string>(
  names: readonly N[],
  of: (name: N) => AnyExpr,
): Record<string, AnyExpr> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

function schemaOf(dtype: DType): Schema {
  return new Schema([
    { name: "x", dtype },
    { name: "y", dtype },
    { name: "n", dtype: INT32 },
  ]);
}

function evaluated(outputs: readonly AnyExpr[], predicate: AnyExpr | null = null): Asks {
  return (dtype) => {
    const schema = schemaOf(dtype);
    const dtypes = schema.fields.map((field) => field.dtype);
    const bind = ({ node }: AnyExpr) => bindExpression(node, schema, "doctor");
    const program = lowerProgram(dtypes, outputs.map(bind), predicate && bind(predicate));
    return { operation: { kind: "evaluate", program }, inputs: [dtypes] };
  };
}

/** Of the dtype's values in groups of int32, or with `isKey` in groups of the dtype. */
function aggregated({ node }: AnyExpr, isKey: boolean): Asks {
  return (dtype) => {
    const bound = bindExpression(node, schemaOf(dtype), "doctor");
    if (bound.kind !== "aggregate") throw new Error("invariant violated: an aggregate");
    // As a query does: what an argument is converted to is computed by a program before the aggregate.
    const dtypes = [isKey ? dtype : INT32, ...bound.args.map((arg) => arg.dtype)];
    const argColumns = bound.args.map((_, index) => index + 1);
    const { function: name, options, text } = bound;
    const request = { function: name, argColumns, options, text: text ?? name };
    const planned = atOnce(planAggregates([request], dtypes));
    const operation = {
      kind: "aggregate",
      phase: "complete",
      keys: [0],
      ...planned,
      dropNullKeys: false,
    } as const;
    return { operation, inputs: [dtypes] };
  };
}

function joined(how: JoinHow): Asks {
  return (dtype) => {
    const operation = {
      kind: "join",
      how,
      leftKeys: [0],
      rightKeys: [0],
      nullEquals: false,
      buildSide: "right",
      leftOutputs: [0],
      rightOutputs: how === "semi" || how === "anti" ? [] : [0],
    } as const;
    return { operation, inputs: [[dtype], [dtype]] };
  };
}

function sorted(limit: number | null): Asks {
  const keys = [{ column: 0, descending: false, nulls: "last" as const }];
  return (dtype) => ({ operation: { kind: "sort", keys, limit }, inputs: [[dtype]] });
}

function headOfGroups(dtype: DType): CapabilityQuestion {
  const order = [{ column: 0, descending: false, nulls: "last" as const }];
  const operation = {
    kind: "groupRows",
    keys: [1],
    order,
    count: 2,
    end: "first",
    dropNullKeys: false,
  } as const;
  return { operation, inputs: [[dtype, INT32]] };
}
