// Random expressions that bind: a typed grammar over the columns of `EXPRESSION_SCHEMA`.
import fc from "fast-check";
import {
  BOOL,
  DATE,
  FLOAT64,
  INT32,
  INT64,
  isUnsigned,
  Schema,
  STRING,
  timestamp,
} from "../../src/dtype/index.ts";
import { type AnyExpr, coalesce, col, lit, max, min, when } from "../../src/expr/index.ts";
import { bindExpression } from "../../src/function/index.ts";

export const EXPRESSION_SCHEMA = new Schema([
  { name: "i", dtype: INT32 },
  { name: "l", dtype: INT64 },
  { name: "f", dtype: FLOAT64 },
  { name: "g", dtype: FLOAT64 },
  { name: "b", dtype: BOOL },
  { name: "s", dtype: STRING },
  { name: "d", dtype: DATE },
  { name: "t", dtype: timestamp("us") },
]);

const column = (...names: string[]) => fc.constantFrom(...names).map((name): AnyExpr => col(name));
const literal = (...values: (number | string | boolean | bigint)[]) =>
  fc.constantFrom(...values).map((value): AnyExpr => lit(value));

interface Grammar {
  readonly number: AnyExpr;
  readonly bool: AnyExpr;
  readonly text: AnyExpr;
  readonly instant: AnyExpr;
}

type TextStep = (text: AnyExpr) => AnyExpr;
const TEXT_FUNCTIONS: readonly TextStep[] = [
  (x) => x.str.upper(),
  (x) => x.str.lower(),
  (x) => x.str.trim(),
  (x) => x.str.reverse(),
  (x) => x.str.slice(1, 2),
  (x) => x.str.slice(-2),
  (x) => x.str.split("a", 1),
  (x) => x.str.replace("b", "ab"),
  (x) => x.str.replace(/(.)(\w)?/, "$2$1"),
  (x) => x.str.padStart(4, "0"),
];

/** What can be negated. */
function signed(x: AnyExpr): AnyExpr {
  const { dtype } = bindExpression(x.node, EXPRESSION_SCHEMA, "neg");
  return dtype !== null && isUnsigned(dtype) ? x.cast("int64") : x;
}

/** What a tree may hold: everything, or what means the same in DuckDB (sql.ts prints it). */
export type Dialect = "all" | "sql";

/** Trees of at most a few levels; every kind of node can stand under every other that takes its dtype. */
export const expressions = grammar("all");
export const sqlExpressions = grammar("sql");

function grammar(dialect: Dialect): fc.LetrecValue<Grammar> {
  return fc.letrec((tie: fc.LetrecTypedTie<Grammar>) => productions(tie, dialect));
}

function productions(tie: fc.LetrecTypedTie<Grammar>, dialect: Dialect) {
  const own = <T>(...values: readonly T[]): readonly T[] => (dialect === "all" ? values : []);
  const numbers = fc.tuple(tie("number"), tie("number"));
  const bools = fc.tuple(tie("bool"), tie("bool"));
  const branch = (value: fc.Arbitrary<AnyExpr>) =>
    fc.tuple(tie("bool"), value, value).map(([p, x, y]): AnyExpr => when(p).then(x).otherwise(y));
  return {
    number: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      column("i", "l", "f", "g"),
      literal(0, 1, -1, 7, 0.5, 2n ** 40n, ...own(-0, 1e300)),
      fc
        .tuple(
          fc.constantFrom("add", "sub", "mul", ...own("div", "floorDiv", "mod", "rem")),
          numbers,
        )
        .map(([op, [x, y]]): AnyExpr => x[op as "add"](y)),
      fc
        .tuple(
          fc.constantFrom(
            "neg",
            "abs",
            "floor",
            "ceil",
            "trunc",
            "round",
            ...own("sqrt", "sign", "exp"),
          ),
          tie("number"),
        )
        .map(([op, x]): AnyExpr => (op === "neg" ? signed(x) : x)[op as "neg"]()),
      numbers.map(([x, y]): AnyExpr => min(x, y)),
      numbers.map(([x, y]): AnyExpr => max(x, y)),
      numbers.map(([x, y]): AnyExpr => coalesce(x, y)),
      branch(tie("number")),
      fc
        .tuple(
          tie("number"),
          fc.constantFrom("float64", ...own("int32", "int64", "float32", "int8", "uint32")),
        )
        .map(([x, dtype]): AnyExpr => x.cast(dtype as "int32", { strict: false })),
      ...own(
        fc
          .tuple(
            fc.constantFrom("bitAnd", "bitOr", "bitXor", "shiftLeft", "shiftRight"),
            column("i", "l"),
            column("i", "l"),
          )
          .map(([op, x, y]): AnyExpr => x[op as "bitAnd"](y)),
        tie("text").map((x): AnyExpr => x.cast("float64", { strict: false })),
        tie("text").map((x): AnyExpr => x.str.length()),
      ),
      fc
        .tuple(fc.constantFrom("year", "month", "day", "weekday", "dayOfYear"), tie("instant"))
        .map(([field, x]): AnyExpr => x.dt[field as "year"]()),
    ),
    bool: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      column("b"),
      fc
        .tuple(fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge"), numbers)
        .map(([op, [x, y]]): AnyExpr => x[op as "eq"](y)),
      fc
        .tuple(fc.constantFrom("and", "or"), bools)
        .map(([op, [x, y]]): AnyExpr => x[op as "and"](y)),
      tie("bool").map((x): AnyExpr => x.not()),
      fc.oneof(tie("number"), tie("text"), tie("instant")).map((x): AnyExpr => x.isNull()),
      tie("number").map((x): AnyExpr => x.isIn([0, 1, 7, ...own(0.5, Number.NaN)])),
      tie("text").map((x): AnyExpr => x.isIn(["", "a", "ab"])),
      tie("text").map((x): AnyExpr => x.str.like("a%")),
      ...own(
        tie("text").map((x): AnyExpr => x.str.matches(/^[a-c]+$|\d\b/)),
        tie("text").map((x): AnyExpr => x.str.matches(/(a|ab)(b|$)|_\W/i)),
      ),
      fc.tuple(tie("text"), tie("text")).map(([x, y]): AnyExpr => x.lt(y)),
      fc.tuple(tie("instant"), tie("instant")).map(([x, y]): AnyExpr => x.le(y)),
      branch(tie("bool")),
    ),
    text: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      column("s"),
      literal("", "a", "__proto__"),
      fc.tuple(tie("text"), tie("text")).map(([x, y]): AnyExpr => x.fillNull(y)),
      ...own(
        fc
          .tuple(tie("text"), fc.nat(TEXT_FUNCTIONS.length - 1))
          .map(([x, index]): AnyExpr => (TEXT_FUNCTIONS[index] as TextStep)(x)),
      ),
      branch(tie("text")),
    ),
    instant: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      column("d", "t"),
      branch(column("d", "t")),
      tie("instant").map((x): AnyExpr => x.cast("date", { strict: false })),
    ),
  };
}
