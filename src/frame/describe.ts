// describe(): count, nulls, mean, standard deviation, minimum, quartiles and maximum of every numeric column, one row a
// statistic. All rows are projections of one aggregate, which stands nine times in the plan and runs once.

import { InvalidArgumentError } from "../base/index.ts";
import { FLOAT64, isFloat, isInteger, STRING } from "../dtype/index.ts";
import { castNode, col, columnNode, count, type Expr, literalNode } from "../expr/index.ts";
import { aggregate, concat, type LogicalPlan, project } from "../plan/index.ts";

const STATISTICS: readonly { readonly name: string; readonly of: (column: Expr) => Expr }[] = [
  { name: "count", of: (column) => column.count() },
  { name: "nulls", of: (column) => count().sub(column.count()) },
  { name: "mean", of: (column) => column.mean() },
  { name: "std", of: (column) => column.std() },
  { name: "min", of: (column) => column.min() },
  { name: "25%", of: (column) => column.quantile(0.25) },
  { name: "50%", of: (column) => column.quantile(0.5) },
  { name: "75%", of: (column) => column.quantile(0.75) },
  { name: "max", of: (column) => column.max() },
];

/** Columns: `statistic`, then the numeric columns as float64. */
export function describePlan(input: LogicalPlan): LogicalPlan {
  const numeric = input.schema.fields
    .filter(({ dtype }) => isInteger(dtype) || isFloat(dtype))
    .map(({ name }) => name);
  if (numeric.length === 0) {
    throw new InvalidArgumentError("describe() needs a numeric column", {
      operator: "describe",
      hint: "Count values of other columns with groupBy(NAME).count().",
    });
  }
  // explain() shows these. No statistic has a space in its name, so no two are the same whatever the columns are called.
  const internal = (statistic: string, column: string) => `${statistic} ${column}`;
  const aggregates = STATISTICS.flatMap(({ name: statistic, of }) =>
    numeric.map((name) => ({ name: internal(statistic, name), expr: of(col(name)).node })),
  );
  const values = aggregate(input, [], aggregates);
  const label = numeric.includes("statistic") ? "statistic_name" : "statistic";
  const rows = STATISTICS.map(({ name }) =>
    project(values, [
      { name: label, expr: literalNode(name, STRING) },
      ...numeric.map((column) => ({
        name: column,
        expr: castNode(columnNode(internal(name, column)), FLOAT64, false),
      })),
    ]),
  );
  return concat(rows);
}
