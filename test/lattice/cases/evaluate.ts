// evaluate: every IR operation on every lane, every scalar function on every dtype, predicates, checks, sizes.
import { columnFromValues } from "../../../src/column/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  decimal,
  dtypeName,
  FLOAT32,
  FLOAT64,
  INT8,
  INT32,
  INT64,
  isFloat,
  isInteger,
  Schema,
  STRING,
  timestamp,
  UINT32,
  UINT64,
} from "../../../src/dtype/index.ts";
import { type AnyExpr, coalesce, col, lit, max, min, when } from "../../../src/expr/index.ts";
import { ProgramBuilder } from "../../../src/function/builder.ts";
import { bindExpression, exprText, lowerProgram } from "../../../src/function/index.ts";
import { isCastable } from "../../../src/function/lower_cast.ts";
import {
  type ArithmeticOp,
  laneOf,
  narrowLaneOf,
  type UnaryOp,
  type ValueId,
} from "../../../src/ir/index.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../dtypes.ts";
import type { LatticeCase } from "../lattice.ts";
import { type ColumnShape, HOSTILE_TEXTS, randomBatch } from "../random.ts";
import { decimalCases, fractionFunctions } from "./decimal.ts";
import { textCases } from "./text.ts";

const INTEGER_OPS: readonly ArithmeticOp[] = [
  "add",
  "sub",
  "mul",
  "shl",
  "shr",
  "bitAnd",
  "bitOr",
  "bitXor",
];
const DIVISIONS: readonly ArithmeticOp[] = ["div", "rem", "floorDiv", "mod"];
const FLOAT_OPS: readonly ArithmeticOp[] = ["add", "sub", "mul", "div", "rem", "floorDiv", "mod"];
const FLOAT_UNARY: readonly UnaryOp[] = ["neg", "abs", "sqrt", "floor", "ceil", "trunc", "round"];
const NUMERIC: readonly DType[] = [INT32, UINT32, INT64, UINT64, decimal(38, 10), FLOAT32, FLOAT64];

type Emit = (
  builder: ProgramBuilder,
  a: ValueId,
  b: ValueId,
) => readonly { dtype: DType; value: ValueId }[];

/** A program over two columns of the dtype, null where either is. */
function rawCase(name: string, dtype: DType, rows: number, emit: Emit): LatticeCase {
  const builder = new ProgramBuilder([dtype, dtype]);
  const [a, b] = [builder.column(0), builder.column(1)];
  const validity = builder.allValid([a, b]);
  const outputs = emit(builder, a.value, b.value).map((output) => ({ ...output, validity }));
  return {
    name: `IR ${name} on ${dtypeName(dtype)}`,
    operation: { kind: "evaluate", program: builder.finish(outputs, null) },
    inputs: [
      randomBatch(21, rows, [
        { dtype, nullRatio: 0.05 },
        { dtype, nullRatio: 0.05 },
      ]),
    ],
  };
}

const rawArithmetic = NUMERIC.map((dtype) =>
  rawCase("arithmetic", dtype, 1500, (builder, a, b) => {
    const lane = laneOf(dtype);
    const output = (value: ValueId) => ({ dtype, value });
    if (isFloat(dtype)) {
      return [
        ...FLOAT_OPS.map((op) => output(builder.arithmetic(op, lane, a, b))),
        ...FLOAT_UNARY.map((op) => output(builder.unary(op, lane, a))),
      ];
    }
    // The quotient by zero is unspecified.
    const isZero = builder.compare("eq", lane, b, builder.constant(lane, 0));
    const divided = DIVISIONS.map((op) =>
      builder.select(lane, isZero, a, builder.arithmetic(op, lane, a, b)),
    );
    const signed = lane.startsWith("i");
    const unary = signed ? [builder.unary("neg", lane, a), builder.unary("abs", lane, a)] : [];
    return [
      ...INTEGER_OPS.map((op) => builder.arithmetic(op, lane, a, b)),
      ...divided,
      ...unary,
    ].map(output);
  }),
);

const rawComparison = ALL_DTYPES.map((dtype) =>
  rawCase("comparison", dtype, 600, (builder, a, b) =>
    (["eq", "ne", "lt", "le"] as const).map((op) => ({
      dtype: BOOL,
      value: builder.compare(op, laneOf(dtype), a, b),
    })),
  ),
);

const rawConversion = NUMERIC.map((from) =>
  rawCase("conversion", from, 1000, (builder, a) =>
    ALL_DTYPES.filter((to) => isInteger(to) || isFloat(to)).flatMap((to) => {
      const fits = builder.fits(laneOf(from), narrowLaneOf(to), a);
      const zero = builder.constant(laneOf(to), 0);
      const value = builder.select(
        laneOf(to),
        fits,
        builder.convert(laneOf(from), laneOf(to), a),
        zero,
      );
      return [
        { dtype: BOOL, value: fits },
        { dtype: to, value },
      ];
    }),
  ),
);

const names = ["a", "b", "c", "k"] as const;

export interface ExpressionCase {
  readonly dtypes: readonly DType[];
  readonly outputs: readonly AnyExpr[];
  readonly predicate?: AnyExpr;
  readonly rows?: number;
  readonly shape?: Partial<ColumnShape>;
}

export function expressionCase(
  name: string,
  { dtypes, outputs, predicate, rows = 400, shape = {} }: ExpressionCase,
): LatticeCase {
  const schema = new Schema(
    dtypes.map((dtype, index) => ({ name: names[index] as string, dtype })),
  );
  const bind = (expr: AnyExpr) => bindExpression(expr.node, schema, "test");
  const program = lowerProgram(
    dtypes,
    outputs.map(bind),
    predicate === undefined ? null : bind(predicate),
  );
  const batch = randomBatch(
    31 + rows,
    rows,
    dtypes.map((dtype) => ({ dtype, ...shape })),
  );
  return { name: `evaluate ${name}`, operation: { kind: "evaluate", program }, inputs: [batch] };
}

const [a, b, c, k] = names.map((name): AnyExpr => col(name)) as [
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
];

/** What every dtype can be asked, and never fails. */
const universal = [
  a.eq(b),
  a.ne(b),
  a.lt(b),
  a.le(b),
  a.gt(b),
  a.ge(b),
  a.between(b, c),
  a.isNull(),
  a.isNotNull(),
  a.fillNull(b),
  coalesce(a, b, c),
  min(a, b, c),
  max(a, b),
  when(k).then(a).otherwise(b),
  when(k).then(a),
] as readonly AnyExpr[];
const floatFunctions = [
  ...fractionFunctions,
  a.sqrt(),
  a.round(2),
  a.round(-3),
  a.isFinite(),
  a.isIn([0, 1, NaN, 0.1]),
  a.add(1).mul(b).sub(c),
] as readonly AnyExpr[];
const integerFunctions = [
  a.div(b),
  a.mod(b),
  a.rem(b),
  a.sqrt(),
  a.round(),
  a.isIn([0, 1, 2, 100]),
  a.isNan(),
  a.bitAnd(b),
  a.bitOr(b).bitXor(c),
  a.bitNot(),
  a.shiftLeft(3),
  a.shiftRight(40),
  a.shiftLeft(b),
  a.shiftRight(b.bitAnd(15)),
  a.gt(-1),
  a.le(2n ** 63n),
] as readonly AnyExpr[];
const failing = [
  a.add(b),
  a.sub(b),
  a.mul(b),
  a.floorDiv(b),
  a.abs(),
  a.round(-2),
  a.round(-19),
  a.add(b).mul(c),
] as readonly AnyExpr[];
const mixedComparisons = [
  a.eq(b),
  a.lt(b),
  b.le(a),
  a.between(b, b),
  a.shiftRight(b),
] as readonly AnyExpr[];
const dateFields = [
  a.dt.year(),
  a.dt.month(),
  a.dt.day(),
  a.dt.weekday(),
  a.dt.dayOfYear(),
] as readonly AnyExpr[];
const clockFields = [
  a.dt.hour(),
  a.dt.minute(),
  a.dt.second(),
  a.dt.epoch("s"),
  a.dt.epoch("ms"),
] as readonly AnyExpr[];
const stringFunctions = [
  a.str.contains("a"),
  a.str.contains(""),
  a.str.startsWith("ab"),
  a.str.endsWith("\0"),
  a.str.like("%a_"),
  a.str.like("\\%"),
  a.str.like("_"),
  a.isIn([...HOSTILE_TEXTS]),
  a.isIn(["absent"]),
  a.eq("__proto__"),
  a.lt("b"),
  a.cast("int32", { strict: false }),
  a.cast("float64", { strict: false }),
  a.cast("date", { strict: false }),
  a.cast("bool", { strict: false }),
  a.cast("timestamp", { strict: false }),
  a.fillNull("none"),
  when(k).then("yes").otherwise(a),
  a.cast("int64", { strict: false }).add(1n).cast("string"),
] as readonly AnyExpr[];
const everyDType = ALL_DTYPES.flatMap((dtype) => {
  const name = dtypeName(dtype);
  const dtypes = [dtype, dtype, dtype, BOOL];
  const cases = [
    expressionCase(`common functions of ${name}`, { dtypes, outputs: universal }),
    expressionCase(`common functions of tame ${name}`, {
      dtypes,
      outputs: universal,
      shape: { distinct: 9, tame: true },
    }),
    expressionCase(`the columns of ${name} under a predicate`, {
      dtypes,
      outputs: [a, b],
      predicate: a.le(b).or(k),
    }),
  ];
  if (isFloat(dtype))
    cases.push(
      expressionCase(`float functions of ${name}`, { dtypes, outputs: floatFunctions, rows: 2000 }),
    );
  if (isInteger(dtype)) {
    cases.push(
      expressionCase(`integer functions of ${name}`, {
        dtypes,
        outputs: integerFunctions,
        rows: 1000,
      }),
    );
    for (const expr of failing) {
      cases.push(expressionCase(`${exprText(expr.node)} of ${name}`, { dtypes, outputs: [expr] }));
      cases.push(
        expressionCase(`${exprText(expr.node)} of tame ${name}`, {
          dtypes: [dtype, dtype, dtype],
          outputs: [expr],
          shape: { distinct: 5, tame: true },
        }),
      );
    }
  }
  for (const [what, shape] of decimalCases(dtype)) {
    cases.push(expressionCase(`${what} of ${name}`, { dtypes: [dtype, dtype], ...shape }));
  }
  const inUtc = dtype.kind === "timestamp" && dtype.timezone === null;
  if (dtype === DATE || inUtc)
    cases.push(expressionCase(`fields of ${name}`, { dtypes, outputs: dateFields, rows: 1000 }));
  if (dtype === STRING) {
    cases.push(expressionCase("string functions", { dtypes, outputs: stringFunctions, rows: 800 }));
    cases.push(...textCases.map(([name, shape]) => expressionCase(name, { dtypes, ...shape })));
    cases.push(
      expressionCase("string functions of plain strings", {
        dtypes,
        outputs: stringFunctions,
        shape: { plain: true },
      }),
    );
  }
  return cases;
});

const acrossSigns = [INT8, INT32, INT64].map((signed) =>
  expressionCase(`uint64 beside ${dtypeName(signed)}`, {
    dtypes: [UINT64, signed],
    outputs: mixedComparisons,
    predicate: a.ne(b),
    rows: 1000,
  }),
);

const casts = ALL_DTYPES.flatMap((from) => {
  const targets = ALL_DTYPES.filter((to) => isCastable(from, to) && to !== STRING);
  return [
    expressionCase(`lenient casts of ${dtypeName(from)}`, {
      dtypes: [from],
      outputs: targets.map((to) => a.cast(to, { strict: false })),
      rows: 600,
    }),
    ...targets.map((to) =>
      expressionCase(`cast of ${dtypeName(from)} to ${dtypeName(to)}`, {
        dtypes: [from],
        outputs: [a.cast(to)],
        rows: 300,
      }),
    ),
    expressionCase(`text of ${dtypeName(from)}`, {
      dtypes: [from],
      outputs: [a.cast("string")],
      rows: 300,
    }),
  ];
});

const instants = (["s", "ms", "us", "ns"] as const).flatMap((unit) => {
  const dtypes = [timestamp(unit)];
  const shape = { tame: true };
  return [
    expressionCase(`clock of timestamp[${unit}]`, {
      dtypes,
      outputs: [...dateFields, ...clockFields],
      shape,
    }),
    expressionCase(`month and clock of extreme timestamp[${unit}]`, {
      dtypes,
      outputs: [a.dt.month(), a.dt.hour(), a.dt.weekday()],
    }),
    ...["15m", "6h", "1d", "1w", "1mo", "1q", "10y"].flatMap((every) => [
      expressionCase(`truncate timestamp[${unit}] to ${every}`, {
        dtypes,
        outputs: [a.dt.truncate(every)],
        shape,
      }),
      expressionCase(`truncate extreme timestamp[${unit}] to ${every}`, {
        dtypes,
        outputs: [a.dt.truncate(every)],
      }),
    ]),
  ];
});

const mixed: [string, ExpressionCase][] = [
  ["int32 with float64", { dtypes: [INT32, FLOAT64], outputs: [a.mul(b), a.lt(b), max(a, b)] }],
  ["int64 with float64", { dtypes: [INT64, FLOAT64], outputs: [a.add(b), a.eq(b), a.div(b)] }],
  [
    "a date with an instant",
    { dtypes: [DATE, timestamp()], outputs: [a.lt(b), coalesce(a, b)], shape: { tame: true } },
  ],
  [
    "a filter of a computed column",
    {
      dtypes: [FLOAT64, FLOAT64, INT64],
      outputs: [a.mul(b), c.cast("string"), lit("x")],
      predicate: a.mul(b).gt(1).and(c.mod(2).eq(0)),
    },
  ],
  [
    "decimals with other numbers",
    {
      dtypes: [decimal(9, 2), INT32, FLOAT64],
      outputs: [a.add(b), a.mul(b), b.sub(a), a.lt(b), a.mul(c), a.ge(c), max(a, b)],
    },
  ],
  [
    "decimals of two scales",
    {
      dtypes: [decimal(9, 2), decimal(12, 5)],
      outputs: [a.add(b), a.mul(b), a.div(b), a.lt(b), coalesce(a, b), min(a, b)],
      predicate: a.mul(b).gt(-1),
    },
  ],
  ["a filter without outputs", { dtypes: [INT32], outputs: [], predicate: a.gt(0) }],
  ["no outputs", { dtypes: [INT32], outputs: [] }],
  [
    "literals only",
    {
      dtypes: [INT32],
      outputs: [lit(1), lit("é\0"), lit(null), lit(-0), lit(2n ** 63n), lit(new Date(5))],
    },
  ],
  [
    "a predicate that is never true",
    { dtypes: [STRING, INT64], outputs: [a, b], predicate: b.lt(b) },
  ],
  ["a predicate of nulls", { dtypes: [INT64], outputs: [a], predicate: a.gt(null) }],
  [
    "a check behind a predicate",
    {
      dtypes: [INT32, INT32],
      outputs: [a.mul(b)],
      predicate: a.between(-1000, 1000).and(b.between(-1000, 1000)),
    },
  ],
  [
    "a check behind a branch",
    { dtypes: [INT64], outputs: [when(a.between(-9, 9)).then(a.mul(a)).otherwise(0)] },
  ],
  ["the first of two failures", { dtypes: [INT32, STRING], outputs: [a.mul(a), b.cast("int64")] }],
  [
    "a failure in the predicate",
    { dtypes: [INT32, INT32], outputs: [a], predicate: a.add(b).gt(0) },
  ],
];

const sizes = [...EDGE_COUNTS, 4097, 20_000].map((rows) =>
  expressionCase(`${rows} rows`, {
    dtypes: [FLOAT64, INT32, STRING, BOOL],
    outputs: [a.add(1).mul(b), c, k.and(a.gt(0)), b.isNull()],
    predicate: b.gt(0).or(k),
    rows,
  }),
);

const noNulls: LatticeCase = {
  ...expressionCase("columns without nulls", {
    dtypes: [INT64, STRING],
    outputs: [a.add(1), b.eq("x")],
  }),
  inputs: [
    { rowCount: 3, columns: [columnFromValues([1, 2, 3]), columnFromValues(["x", "y", "x"])] },
  ],
};

export const evaluateCases: readonly LatticeCase[] = [
  ...rawArithmetic,
  ...rawComparison,
  ...rawConversion,
  ...everyDType,
  ...acrossSigns,
  ...casts,
  ...instants,
  ...mixed.map(([name, shape]) => expressionCase(name, shape)),
  ...sizes,
  noNulls,
];
