// Can an expression raise an error for some row? A predicate that can must not move to where it sees rows that another
// operator kept from it: `b < 100` may be the filter that keeps `b.cast("int8")` from failing.
//
// The question is asked of the bound expression, whose implicit conversions are casts that can be seen. The answer is a
// list of what certainly cannot fail; a function that is not on it is taken to be fallible.

import { assertNever } from "../base/index.ts";
import {
  type DType,
  integerLimits,
  isFloat,
  isInteger,
  type Schema,
  sameDType,
} from "../dtype/index.ts";
import type { ExprNode } from "../expr/index.ts";
import { type BoundExpr, bindExpression } from "../function/index.ts";
import { wordSet } from "./word_set.ts";

const INFALLIBLE: ReadonlySet<string> = wordSet(`
  eq ne lt le gt ge between isIn and or not isNull isNotNull fillNull coalesce
  isNan isFinite min max div str.length str.byteLength str.upper str.lower str.trim
  str.trimStart str.trimEnd str.reverse str.slice str.split str.replace str.contains
  str.startsWith str.endsWith str.like str.matches dt.year dt.month dt.day dt.hour
  dt.minute dt.second dt.weekday dt.dayOfYear dt.millisecond dt.microsecond dt.nanosecond
  dt.quarter dt.isoWeek dt.daysInMonth dt.isLeapYear dt.toTimezone dt.date
  dt.totalDays dt.totalHours dt.totalMinutes dt.totalSeconds
`);

/** Checked on integers, IEEE on floats. */
const FAIL_ON_INTEGERS: ReadonlySet<string> = wordSet(`
  add sub mul floorDiv mod rem neg abs floor ceil trunc
`);

export function isFallible(node: ExprNode, schema: Schema): boolean {
  return fails(bindExpression(node, schema, "optimizer"));
}

const failing = new WeakMap<BoundExpr, boolean>();

function fails(node: BoundExpr): boolean {
  if (node.kind === "column" || node.kind === "literal") return false;
  const known = failing.get(node);
  if (known !== undefined) return known;
  const answer = someFails(node);
  failing.set(node, answer);
  return answer;
}

function someFails(node: Exclude<BoundExpr, { kind: "column" | "literal" }>): boolean {
  switch (node.kind) {
    case "call": {
      const safe =
        (INFALLIBLE.has(node.function) && !overflows(node)) ||
        (FAIL_ON_INTEGERS.has(node.function) && isFloat(node.dtype));
      return !safe || node.args.some(fails);
    }
    case "cast":
      return (node.strict && !widens(node.input.dtype, node.dtype)) || fails(node.input);
    case "when": {
      const { branches, otherwise } = node;
      const parts = branches.flatMap(({ condition, value }) => [condition, value]);
      return parts.some(fails) || (otherwise !== null && fails(otherwise));
    }
    case "aggregate":
      return true;
    default:
      return assertNever(node);
  }
}

/** Quotients of durations, and fields of instants in seconds, whose years go beyond int32. */
function overflows(node: Extract<BoundExpr, { kind: "call" }>): boolean {
  const [first] = node.args;
  if (node.function === "div") return node.args.some(({ dtype }) => dtype.kind === "duration");
  const isField = node.function.startsWith("dt.");
  return isField && first?.dtype.kind === "timestamp" && first.dtype.unit === "s";
}

/** Does a strict cast of any value succeed? Integers to floats round, as arithmetic does. */
function widens(from: DType, to: DType): boolean {
  if (sameDType(from, to) || from.kind === "bool" || to.kind === "bool") return true;
  if (to.kind === "string") return true;
  if (isInteger(from) && isInteger(to)) {
    const [inner, outer] = [integerLimits(from), integerLimits(to)];
    return outer.min <= inner.min && inner.max <= outer.max;
  }
  if (from.kind === "decimal" && isFloat(to)) return true;
  return (isInteger(from) && isFloat(to)) || (from.kind === "float32" && to.kind === "float64");
}
