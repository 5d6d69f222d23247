// Functions of decimals, for the cases of evaluate.
import type { DType } from "../../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../../src/expr/index.ts";
import { exprText } from "../../../src/function/index.ts";
import type { ColumnShape } from "../random.ts";

interface DecimalCase {
  readonly outputs: readonly AnyExpr[];
  readonly rows?: number;
  readonly shape?: Partial<ColumnShape>;
}

const [a, b]: readonly [AnyExpr, AnyExpr] = [col("a"), col("b")];

/** What numbers with fractions have. */
export const fractionFunctions = [
  a.add(b),
  a.sub(b),
  a.mul(b),
  a.div(b),
  a.floorDiv(b),
  a.mod(b),
  a.rem(b),
  a.neg(),
  a.abs(),
  a.floor(),
  a.ceil(),
  a.trunc(),
  a.round(),
  a.isNan(),
] as readonly AnyExpr[];

/** None of them can fail on up to 18 digits. */
const decimalFunctions = [
  ...fractionFunctions,
  a.abs().sqrt(),
  a.round(1),
  a.round(-2),
  a.isIn([0, 1, 0.5, -1.25]),
  a.mul(0.5).add(1),
] as readonly AnyExpr[];

/** Of two columns of the dtype; none for other dtypes. */
export function decimalCases(dtype: DType): [name: string, DecimalCase][] {
  if (dtype.kind !== "decimal") return [];
  if (dtype.precision <= 18) return [["functions", { outputs: decimalFunctions, rows: 1000 }]];
  const fallible = [a.add(b), a.mul(2), a.round(-9), a.floorDiv(b), a.mod(b), a.trunc()];
  const tame = [a.add(b), a.sub(b), a.mul(b), a.div(b), a.round(2), a.round(-3), a.ceil()];
  return [
    ...fallible.map((expr): [string, DecimalCase] => [exprText(expr.node), { outputs: [expr] }]),
    ["tame functions", { outputs: tame, shape: { tame: true } }],
  ];
}
