// What the constructors of several operators share: named expressions, and their checks against an input's schema.

import { InvalidArgumentError, shownValue, TypeMismatchError } from "../base/index.ts";
import { type DType, dtypeName, type Field, type Schema } from "../dtype/index.ts";
import { childrenOf, columnNode, containsAggregate, type ExprNode } from "../expr/index.ts";
import { bindExpression, exprText } from "../function/index.ts";

/** An output column: its name and how it is computed. The expression's own aliases no longer count. */
export interface NamedExpr {
  readonly name: string;
  readonly expr: ExprNode;
}

export function freezeColumns(columns: readonly NamedExpr[]): readonly NamedExpr[] {
  return Object.freeze(columns.map(({ name, expr }) => Object.freeze({ name, expr })));
}

/** A column under its own name. */
export function keepColumn(name: string): NamedExpr {
  return { name, expr: columnNode(name) };
}

/** The field that a row-wise expression gives; raises what is wrong with it, aggregates included. */
export function scalarField({ name, expr }: NamedExpr, input: Schema, operator: string): Field {
  // Most columns of a wide projection stay as they are.
  if (expr.kind === "column") return { name, dtype: input.dtypeOf(expr.name, operator) };
  if (containsAggregate(expr)) {
    throw new InvalidArgumentError(
      `${exprText(expr)} is an aggregate, and ${operator} works row by row`,
      {
        operator,
        column: name,
        hint: "Aggregate with groupBy(...).agg(...) or agg(...), then join or select.",
      },
    );
  }
  return { name, dtype: bindExpression(expr, input, operator).dtype };
}

/** The field that an expression over aggregates gives: every column stands inside exactly one aggregate. */
export function aggregateField({ name, expr }: NamedExpr, input: Schema, operator: string): Field {
  checkAggregated(expr, operator);
  return { name, dtype: bindExpression(expr, input, operator).dtype };
}

function checkAggregated(whole: ExprNode, operator: string): void {
  const seen = new Set<ExprNode>();
  const check = (node: ExprNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "column") {
      throw new InvalidArgumentError(
        `${exprText(whole)} reads ${JSON.stringify(node.name)} outside of an aggregate`,
        {
          operator,
          column: node.name,
          hint: `Say which value of the group: col(${JSON.stringify(node.name)}).first(), .max(), ..., or group by it.`,
        },
      );
    }
    if (node.kind !== "aggregate") {
      childrenOf(node).forEach(check);
      return;
    }
    if (!childrenOf(node).some(containsAggregate)) return;
    throw new InvalidArgumentError(`${exprText(whole)} has an aggregate inside an aggregate`, {
      operator,
      hint: "Aggregate twice: a second groupBy() over the result of the first.",
    });
  };
  check(whole);
}

export function checkBool(expr: ExprNode, dtype: DType, operator: string): void {
  if (dtype.kind === "bool") return;
  throw new TypeMismatchError(
    `${operator} needs a bool, and ${exprText(expr)} is ${dtypeName(dtype)}`,
    { operator, hint: "Compare it with something, such as .gt(0) or .isNotNull()." },
  );
}

export function checkCount(value: number, what: string, operator: string, least = 0): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(
    `${operator}(): ${what} is a whole number of at least ${least}, not ${shownValue(value)}`,
    {
      operator,
    },
  );
}

/** `state, day = dt.truncate(date)`: a column under its own name prints once. */
export function columnsText(columns: readonly NamedExpr[]): string {
  const texts = columns.map(({ name, expr }) => {
    const text = exprText(expr);
    return expr.kind === "column" && expr.name === name ? text : `${nameText(name)} = ${text}`;
  });
  return listText(texts);
}

export function nameText(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : JSON.stringify(name);
}

export function listText(texts: readonly string[], most = 12): string {
  if (texts.length <= most) return texts.join(", ");
  return `${texts.slice(0, most).join(", ")}, ... ${texts.length - most} more`;
}
