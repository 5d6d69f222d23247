// Expressions as text, for errors, explain() and column names.

import { assertNever } from "../base/index.ts";
import { dtypeName } from "../dtype/index.ts";
import type { ExprNode, LiteralValue, Options, OptionValue } from "../expr/index.ts";

const INFIX: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  floorDiv: "//",
  mod: "%",
  rem: "rem",
  pow: "**",
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  and: "and",
  or: "or",
};
const LONGEST_TEXT = 60;
/** Nobody reads more, and an expression that holds itself twice, again and again, has a text of any length. */
const LONGEST_EXPRESSION = 10_000;

const texts = new WeakMap<ExprNode, string>();

/**
 * `(delay + 1)`, `str.contains(name, pattern="x")`, `sum(cast(a as int64))`. Names given by `as` are left out. Made once
 * a node: binding asks for the text of every part of an expression, and of every operator above a projection. The middle of
 * a long one is left out.
 */
export function exprText(node: ExprNode): string {
  const known = texts.get(node);
  if (known !== undefined) return known;
  const text = shortened(makeText(node));
  texts.set(node, text);
  return text;
}

function shortened(text: string): string {
  const half = LONGEST_EXPRESSION / 2;
  return text.length > LONGEST_EXPRESSION
    ? `${text.slice(0, half)} ... ${text.slice(-half)}`
    : text;
}

function makeText(node: ExprNode): string {
  switch (node.kind) {
    case "column":
      return columnText(node.name);
    case "literal":
      return literalText(node.value);
    case "call": {
      const infix = INFIX[node.function];
      const args = node.args.map(exprText);
      if (infix !== undefined && args.length === 2) return `(${args[0]} ${infix} ${args[1]})`;
      if (node.function === "neg") return `-${args[0]}`;
      if (node.function === "not") return `not ${args[0]}`;
      return callText(node.function, args, node.options);
    }
    case "aggregate":
      return callText(node.function, node.args.map(exprText), node.options);
    case "cast":
      return `${node.strict ? "cast" : "tryCast"}(${exprText(node.input)} as ${dtypeName(node.dtype)})`;
    case "when": {
      const branches = node.branches.map(
        ({ condition, value }) => `when ${exprText(condition)} then ${exprText(value)}`,
      );
      const otherwise = node.otherwise === null ? "" : ` otherwise ${exprText(node.otherwise)}`;
      return `(${branches.join(" ")}${otherwise})`;
    }
    case "alias":
      return exprText(node.input);
    default:
      return assertNever(node);
  }
}

/** The name of an output column: that of `as`, else of the first column that the expression reads. */
export function outputName(node: ExprNode): string {
  switch (node.kind) {
    case "alias":
    case "column":
      return node.name;
    case "literal":
      return "literal";
    case "cast":
      return outputName(node.input);
    case "call":
    case "aggregate":
      return node.args[0] === undefined ? node.function : outputName(node.args[0]);
    case "when":
      return node.branches[0] === undefined ? "when" : outputName(node.branches[0].value);
    default:
      return assertNever(node);
  }
}

function columnText(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `col(${quoted(name)})`;
}

function callText(name: string, args: readonly string[], options: Options): string {
  const named = Object.entries(options).map(([key, value]) => `${key}=${optionText(value)}`);
  return `${name}(${[...args, ...named].join(", ")})`;
}

function optionText(value: OptionValue): string {
  if (value instanceof RegExp) return String(value);
  if (!isList(value)) return literalText(value);
  const shown = value.slice(0, 5).map(literalText);
  const rest = value.length - shown.length;
  return `[${shown.join(", ")}${rest > 0 ? `, ${rest} more` : ""}]`;
}

function isList(value: OptionValue): value is readonly LiteralValue[] {
  return Array.isArray(value);
}

export function literalText(value: LiteralValue): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "string") return quoted(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

function quoted(text: string): string {
  return JSON.stringify(
    text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3)}...` : text,
  );
}
