// Binding: names become positions, every node gets its dtype, implicit conversions become casts. What is wrong with an
// expression is raised here, at the call that made it wrong, before any data is touched.

import {
  assertNever,
  InvalidArgumentError,
  NotSupportedError,
  TypeMismatchError,
} from "../base/index.ts";
import { BOOL, type DType, dtypeName, type Schema } from "../dtype/index.ts";
import type { AggregateNode, CallNode, CastNode, ExprNode, WhenNode } from "../expr/index.ts";
import { aggregateFunction } from "./aggregate/index.ts";
import type { BoundAggregate, BoundExpr } from "./bound.ts";
import { typedLiteral } from "./literal.ts";
import { isCastable } from "./lower_cast.ts";
import { convertOperand, meet, type Operand } from "./operand.ts";
import { exprText } from "./print.ts";
import { scalarFunction } from "./scalar/index.ts";

interface BindContext {
  readonly schema: Schema;
  /** The method that the expression was given to, for errors: "filter". */
  readonly operator: string;
  readonly bound: WeakMap<ExprNode, Operand>;
}

/**
 * Parts that are bound already: inlining puts one node in many places, and rules of the optimizer join parts of predicates
 * anew, each of which binds the whole.
 */
const boundOver = new WeakMap<Schema, WeakMap<ExprNode, Operand>>();

/**
 * The expression over the columns of `schema`.
 * @throws ColumnNotFoundError, TypeMismatchError, InvalidArgumentError, CastError (a literal), NotSupportedError
 */
export function bindExpression(expr: ExprNode, schema: Schema, operator: string): BoundExpr {
  const bound = boundOver.get(schema) ?? new WeakMap<ExprNode, Operand>();
  boundOver.set(schema, bound);
  return close(bindOperand(expr, { schema, operator, bound }), operator);
}

/** An operand that stands alone: an open literal takes its natural dtype, null is a bool. */
function close(operand: Operand, operator: string): BoundExpr {
  if (operand.kind === "typed") return operand.expr;
  const dtype = meet([operand]);
  return convertOperand(operand, dtype === null || dtype === "open" ? BOOL : dtype, operator);
}

function bindOperand(node: ExprNode, context: BindContext): Operand {
  // Wide frames have thousands of these.
  if (node.kind === "column" || node.kind === "literal") return bindNode(node, context);
  const known = context.bound.get(node);
  if (known !== undefined) return known;
  const operand = bindNode(node, context);
  context.bound.set(node, operand);
  return operand;
}

function bindNode(node: ExprNode, context: BindContext): Operand {
  const text = exprText(node);
  const typed = (expr: BoundExpr): Operand => ({ kind: "typed", expr, text });
  switch (node.kind) {
    case "column": {
      const index = context.schema.indexOf(node.name, context.operator);
      return typed({ kind: "column", index, dtype: context.schema.field(index).dtype });
    }
    case "literal": {
      if (node.dtype === null) return { kind: "open", value: node.value, text };
      const value = typedLiteral(node.value, node.dtype, context.operator);
      return typed({ kind: "literal", value, dtype: node.dtype });
    }
    case "call":
      return typed(bindCall(node, text, context));
    case "cast":
      return typed(bindCast(node, text, context));
    case "when":
      return typed(bindWhen(node, text, context));
    case "aggregate":
      return typed(bindAggregate(node, context));
    case "alias":
      return bindOperand(node.input, context);
    default:
      return assertNever(node);
  }
}

function bindCall(node: CallNode, text: string, context: BindContext): BoundExpr {
  const { operator } = context;
  const definition = scalarFunction(node.function);
  if (definition === null) {
    throw new NotSupportedError(`${text}: ${node.function} is not supported yet`, { operator });
  }
  checkArity(definition.arity, node.args.length, text, operator);
  const operands = node.args.map((arg) => bindOperand(arg, context));
  const { options } = node;
  const { args, dtype } = definition.bind({
    name: node.function,
    operands,
    options,
    text,
    operator,
  });
  return {
    kind: "call",
    function: node.function,
    args: operands.map((operand, index) => convertOperand(operand, args[index] as DType, operator)),
    options,
    dtype,
    text,
  };
}

function checkArity(
  arity: number | { readonly least: number },
  given: number,
  text: string,
  operator: string,
): void {
  const fits = typeof arity === "number" ? given === arity : given >= arity.least;
  if (fits) return;
  const takes = typeof arity === "number" ? String(arity) : `at least ${arity.least}`;
  throw new InvalidArgumentError(`${text} has ${given} arguments and takes ${takes}`, { operator });
}

function bindCast(node: CastNode, text: string, context: BindContext): BoundExpr {
  const { operator } = context;
  const input = close(bindOperand(node.input, context), operator);
  if (isNullLiteral(input)) return { ...input, dtype: node.dtype };
  if (!isCastable(input.dtype, node.dtype)) {
    throw new TypeMismatchError(
      `${text}: a ${dtypeName(input.dtype)} cannot be cast to ${dtypeName(node.dtype)}`,
      { operator, hint: "Go through a dtype that both have a cast for, such as int64 or string." },
    );
  }
  return { kind: "cast", input, dtype: node.dtype, strict: node.strict, text };
}

function isNullLiteral(expr: BoundExpr): expr is Extract<BoundExpr, { kind: "literal" }> {
  return expr.kind === "literal" && expr.value === null;
}

function bindWhen(node: WhenNode, text: string, context: BindContext): BoundExpr {
  const { operator } = context;
  const conditions = node.branches.map(({ condition }) => bindCondition(condition, text, context));
  const values = node.branches.map(({ value }) => bindOperand(value, context));
  const otherwise = node.otherwise === null ? null : bindOperand(node.otherwise, context);
  const met = meet(otherwise === null ? values : [...values, otherwise]);
  if (met === null) {
    throw new TypeMismatchError(`${text}: the branches have dtypes that do not meet`, {
      operator,
      hint: "Cast the branches to one dtype.",
    });
  }
  const dtype = met === "open" ? BOOL : met;
  return {
    kind: "when",
    branches: values.map((value, index) => ({
      condition: conditions[index] as BoundExpr,
      value: convertOperand(value, dtype, operator),
    })),
    otherwise: otherwise === null ? null : convertOperand(otherwise, dtype, operator),
    dtype,
  };
}

function bindCondition(node: ExprNode, text: string, context: BindContext): BoundExpr {
  const condition = close(bindOperand(node, context), context.operator);
  if (condition.dtype === BOOL) return condition;
  throw new TypeMismatchError(
    `${text}: a condition is a bool, and ${exprText(node)} is ${dtypeName(condition.dtype)}`,
    { operator: context.operator, hint: "Compare it with something, as in .gt(0)." },
  );
}

function bindAggregate(node: AggregateNode, context: BindContext): BoundAggregate {
  const { operator } = context;
  const text = exprText(node);
  const definition = aggregateFunction(node.function);
  if (definition === null) {
    throw new NotSupportedError(`${text}: ${node.function} is not supported yet`, { operator });
  }
  checkArity(definition.arity, node.args.length, text, operator);
  const operands = node.args.map((arg) => bindOperand(arg, context));
  const inputs = operands.map((operand) => close(operand, operator).dtype);
  const { args, dtype } = definition.bind({ inputs, options: node.options, text, operator });
  return {
    kind: "aggregate",
    function: node.function,
    args: operands.map((operand, index) => convertOperand(operand, args[index] as DType, operator)),
    options: node.options,
    dtype,
    text,
    node,
  };
}
