// Can an expression raise an error for some row? A predicate that can must not move to where it sees rows that another
// operator kept from it: `b != 0` may be the filter that keeps `a.cast("int8")` from failing.
//
// The answer is a list of what certainly cannot fail; a function that it does not know is taken to be fallible.

import {
  type DType,
  dtypeName,
  isFloat,
  isInteger,
  isUnsigned,
  type Schema,
  sameDType,
} from "../dtype/index.ts";
import { childrenOf, type ExprNode } from "../expr/index.ts";
import { bindExpression } from "../function/index.ts";

const INFALLIBLE: ReadonlySet<string> = new Set([
  ...["eq", "ne", "lt", "le", "gt", "ge", "between", "isIn", "and", "or", "not"],
  ...["isNull", "isNotNull", "fillNull", "coalesce", "isNan", "isFinite", "min", "max", "div"],
  ...["str.length", "str.upper", "str.lower", "str.trim", "str.contains", "str.startsWith"],
  ...["str.endsWith", "str.like", "str.matches"],
  ...["dt.year", "dt.month", "dt.day", "dt.hour", "dt.minute", "dt.second", "dt.weekday"],
  "dt.dayOfYear",
]);

/** Checked on integers, IEEE on floats. */
const FAIL_ON_INTEGERS: ReadonlySet<string> = new Set([
  ...["add", "sub", "mul", "floorDiv", "mod", "rem", "neg", "abs"],
  ...["floor", "ceil", "trunc"],
]);

export function isFallible(node: ExprNode, schema: Schema): boolean {
  return ownFallible(node, schema) || childrenOf(node).some((child) => isFallible(child, schema));
}

function ownFallible(node: ExprNode, schema: Schema): boolean {
  switch (node.kind) {
    case "call":
      if (INFALLIBLE.has(node.function)) return false;
      return !(FAIL_ON_INTEGERS.has(node.function) && isFloat(dtypeOf(node, schema)));
    case "cast":
      return node.strict && !widens(dtypeOf(node.input, schema), node.dtype);
    default:
      return false;
  }
}

function dtypeOf(node: ExprNode, schema: Schema): DType {
  return bindExpression(node, schema, "optimizer").dtype;
}

/** Does every value of `from` exist in `to`? */
function widens(from: DType, to: DType): boolean {
  if (sameDType(from, to)) return true;
  if (isInteger(from) && isInteger(to)) {
    const grows = bitsOf(to) > bitsOf(from);
    return isUnsigned(from) ? grows : grows && !isUnsigned(to);
  }
  if (isInteger(from) && to.kind === "float64") return bitsOf(from) <= 32;
  return from.kind === "float32" && to.kind === "float64";
}

function bitsOf(dtype: DType): number {
  return Number(/\d+$/.exec(dtypeName(dtype))?.[0]);
}
