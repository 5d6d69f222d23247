// The constructors of expression nodes: they check what can be checked without a schema, and freeze.

import { InvalidArgumentError, shownValue } from "../base/index.ts";
import type { DType } from "../dtype/index.ts";
import type {
  AggregateNode,
  AliasNode,
  CallNode,
  CastNode,
  ColumnNode,
  ExprNode,
  LiteralNode,
  LiteralValue,
  Options,
  WhenNode,
} from "./node.ts";

export function columnNode(name: string): ColumnNode {
  return Object.freeze({ kind: "column", name: checkName(name, "col") });
}

/**
 * @throws InvalidArgumentError for a value that no dtype holds: undefined, an object, an invalid Date. It names the operator.
 */
export function literalNode(
  value: LiteralValue,
  dtype: DType | null = null,
  operator?: string,
): LiteralNode {
  if (!isLiteral(value)) throw noLiteral(value, operator);
  if (typeof value === "string" && HALF_SURROGATE.test(value)) throw noText(value, operator);
  // A Date can be set, an expression cannot.
  const fixed = value instanceof Date ? new Date(value) : value;
  return Object.freeze({ kind: "literal", value: fixed, dtype });
}

/** Of no pair: UTF-8 has no such thing, and would say U+FFFD instead. */
const HALF_SURROGATE = /\p{Surrogate}/u;

function noText(value: string, operator: string | undefined): InvalidArgumentError {
  const what = `${shownValue(value)} holds half of a surrogate pair, which is no text`;
  return new InvalidArgumentError(operator === undefined ? what : `${operator}(): ${what}`, {
    ...(operator === undefined ? {} : { operator }),
    hint: "Write both halves, or replace it: text.toWellFormed().",
  });
}

function noLiteral(value: unknown, operator: string | undefined): InvalidArgumentError {
  const what =
    value instanceof Date
      ? "an invalid Date is not a value"
      : `${describe(value)} is not a value that an expression can hold`;
  return new InvalidArgumentError(operator === undefined ? what : `${operator}(): ${what}`, {
    ...(operator === undefined ? {} : { operator }),
    hint: "Use null, a boolean, number, bigint, string or Date; columns are col(NAME).",
  });
}

const NO_OPTIONS: Options = Object.freeze({});

/** Options that are frozen are those of another node, or of a method that has checked them. */
function frozenOptions(operator: string, options: Options): Options {
  if (Object.isFrozen(options)) return options;
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === "string" && HALF_SURROGATE.test(value)) throw noText(value, operator);
    if (isLiteral(value) || value instanceof RegExp) continue;
    throw new InvalidArgumentError(
      `${operator}(): ${name} is a text, a number or the like, not ${describe(value)}`,
      { operator },
    );
  }
  return Object.freeze({ ...options });
}

export function callNode(
  name: string,
  args: readonly ExprNode[],
  options: Options = NO_OPTIONS,
): CallNode {
  return Object.freeze({
    kind: "call",
    function: name,
    args: Object.freeze([...args]),
    options: frozenOptions(name, options),
  });
}

export function aggregateNode(
  name: string,
  args: readonly ExprNode[],
  options: Options = NO_OPTIONS,
): AggregateNode {
  return Object.freeze({
    kind: "aggregate",
    function: name,
    args: Object.freeze([...args]),
    options: frozenOptions(name, options),
  });
}

export function castNode(input: ExprNode, dtype: DType, strict: boolean): CastNode {
  return Object.freeze({ kind: "cast", input, dtype, strict });
}

export function whenNode(
  branches: readonly { readonly condition: ExprNode; readonly value: ExprNode }[],
  otherwise: ExprNode | null,
): WhenNode {
  const frozen = branches.map(({ condition, value }) => Object.freeze({ condition, value }));
  return Object.freeze({ kind: "when", branches: Object.freeze(frozen), otherwise });
}

export function aliasNode(input: ExprNode, name: string): AliasNode {
  return Object.freeze({ kind: "alias", input, name: checkName(name, "as") });
}

function checkName(name: string, operator: string): string {
  if (typeof name === "string") return name;
  throw new InvalidArgumentError(`a column name is a string, not ${describe(name)}`, { operator });
}

function isLiteral(value: unknown): value is LiteralValue {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return true;
    case "object":
      return value === null || (value instanceof Date && !Number.isNaN(value.getTime()));
    default:
      return false;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
