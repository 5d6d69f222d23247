// A predicate as the list of its parts that must all be true, and back.

import { callNode, type ExprNode, withoutAlias } from "../expr/index.ts";
import { wordSet } from "./word_set.ts";

export function conjunctsOf(predicate: ExprNode): ExprNode[] {
  const parts: ExprNode[] = [];
  const left = [predicate];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const node = withoutAlias(next);
    if (node.kind === "call" && node.function === "and") left.push(...[...node.args].reverse());
    else parts.push(node);
  }
  return parts;
}

const MOST_IN_A_ROW = 64;

/** Null for no parts: every row passes. */
export function conjunction(parts: readonly ExprNode[]): ExprNode | null {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? null;
  // Of many parts each is as deep as the other.
  const middle = parts.length > MOST_IN_A_ROW ? parts.length >> 1 : parts.length - 1;
  const halves = [parts.slice(0, middle), parts.slice(middle)];
  return callNode(
    "and",
    halves.map((half) => conjunction(half) as ExprNode),
  );
}

const KEY_FUNCTIONS: ReadonlySet<string> = wordSet(`
  eq ne lt le gt ge between isIn and or not isNull isNotNull isNan isFinite
`);

/**
 * Is the predicate the same for values that are equal as keys? -0 and 0 are, and all NaNs, and a group shows one of
 * them; arithmetic could tell them apart (1 / -0), comparisons cannot.
 */
export function respectsKeyEquality(node: ExprNode): boolean {
  switch (node.kind) {
    case "column":
    case "literal":
      return true;
    case "call":
      return KEY_FUNCTIONS.has(node.function) && node.args.every(respectsKeyEquality);
    default:
      return false;
  }
}

const NULL_IN_NULL_OUT: ReadonlySet<string> = wordSet(`
  eq ne lt le gt ge between isIn not add sub mul div floorDiv mod rem neg abs
  isNan isFinite str.length str.byteLength str.upper str.lower str.trim
  str.trimStart str.trimEnd str.reverse str.slice str.split str.replace str.contains
  str.startsWith str.endsWith str.like str.matches str.toInteger str.toFloat str.concat
`);

/** Is the predicate certain not to be true where all of these columns are null? */
export function rejectsNulls(predicate: ExprNode, columns: ReadonlySet<string>): boolean {
  if (predicate.kind !== "call") return isNullWith(predicate, columns);
  switch (predicate.function) {
    case "and":
      return predicate.args.some((arg) => rejectsNulls(arg, columns));
    case "or":
      return predicate.args.every((arg) => rejectsNulls(arg, columns));
    case "isNotNull":
      return predicate.args.every((arg) => isNullWith(arg, columns));
    default:
      return isNullWith(predicate, columns);
  }
}

/** Is the expression certain to be null where all of these columns are? */
function isNullWith(node: ExprNode, columns: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case "column":
      return columns.has(node.name);
    case "cast":
    case "alias":
      return isNullWith(node.input, columns);
    case "call":
      return (
        NULL_IN_NULL_OUT.has(node.function) && node.args.some((arg) => isNullWith(arg, columns))
      );
    default:
      return false;
  }
}
