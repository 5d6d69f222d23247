// Which parts of a filter above a join may filter a side of it before the join.
//
// A side may be filtered where every output row holds one of its rows: then a row that fails could give no output. An
// outer join pads with nulls, and a padded row has no side row; so nothing enters the side that is padded, unless the
// part is not true for nulls, which makes the join itself an inner one (outer_join.ts).
//
//   how                  left filtered   right filtered   keys in one column (`on`)
//   inner, cross         yes             yes              both sides
//   left                 yes                              both: a right row that fails matches no left row that passes
//   right                                yes              both
//   full                                                  both
//   semi, anti           yes             (no right columns come out)

import { columnsOf, type ExprNode, substituteColumns, withoutAlias } from "../expr/index.ts";
import {
  type Join,
  type JoinOutput,
  join,
  joinOptions,
  joinOutputs,
  keyName,
  type LogicalPlan,
} from "../plan/index.ts";
import { respectsKeyEquality } from "./conjuncts.ts";
import { isFallible } from "./fallible.ts";
import { simplifyOuterJoin } from "./outer_join.ts";

export interface Pushed {
  readonly plan: LogicalPlan;
  /** The parts that could not move. */
  readonly rest: readonly ExprNode[];
}

type Descend = (side: LogicalPlan, parts: readonly ExprNode[]) => LogicalPlan;

/** Null when no part moves and the join stays as it is. */
export function pushIntoJoin(
  given: Join,
  parts: readonly ExprNode[],
  descend: Descend,
): Pushed | null {
  const node = simplifyOuterJoin(given, parts);
  const left: ExprNode[] = [];
  const right: ExprNode[] = [];
  const rest: ExprNode[] = [];
  for (const part of parts) {
    const sides = sidesOf(node, part);
    if (sides.left !== null) left.push(sides.left);
    if (sides.right !== null) right.push(sides.right);
    if (sides.left === null && sides.right === null) rest.push(part);
  }
  if (left.length + right.length === 0) return node === given ? null : { plan: node, rest };
  const below = (side: LogicalPlan, moved: readonly ExprNode[]) =>
    moved.length === 0 ? side : descend(side, moved);
  const plan = join(below(node.left, left), below(node.right, right), joinOptions(node));
  return { plan, rest };
}

interface Sides {
  readonly left: ExprNode | null;
  readonly right: ExprNode | null;
}

const NONE: Sides = { left: null, right: null };
const FILTERS_LEFT = new Set(["inner", "left", "semi", "anti", "cross"]);
const FILTERS_RIGHT = new Set(["inner", "right", "cross"]);

/** The part in terms of each side that it may filter. */
function sidesOf(node: Join, part: ExprNode): Sides {
  // A validated join has to see all rows of its sides.
  if (node.validate !== null) return NONE;
  const outputs = new Map(joinOutputs(node).map((output) => [output.field.name, output]));
  const sides = new Set([...columnsOf(part)].map((name) => outputs.get(name)?.side));
  if (sides.size === 0) return NONE;
  // The key column holds the left key's value, under `right` the right one's; the other side's key is its equal only.
  const equalEnough = !sides.has("key") || respectsKeyEquality(part);
  const leftKey = node.how === "inner" || node.how === "left" || equalEnough;
  const rightKey = node.how === "right" || equalEnough;
  const keysOnly = sides.size === 1 && sides.has("key");
  const left = !sides.has("right") && leftKey && (FILTERS_LEFT.has(node.how) || keysOnly);
  const right = !sides.has("left") && rightKey && (FILTERS_RIGHT.has(node.how) || keysOnly);
  // Under `full` a key predicate has to filter both sides or neither.
  if (node.how === "full" && !(left && right)) return NONE;
  return keepInfallible(node, {
    left: left ? substituteColumns(part, sideColumns(node, outputs, "left")) : null,
    right: right ? substituteColumns(part, sideColumns(node, outputs, "right")) : null,
  });
}

/** What each output column is in terms of a side. Keys are cast there, which is exact but counts as a cast. */
function sideColumns(
  node: Join,
  outputs: ReadonlyMap<string, JoinOutput>,
  side: "left" | "right",
): Map<string, ExprNode> {
  const columns = new Map<string, ExprNode>();
  const keys = side === "left" ? node.leftOn : node.rightOn;
  for (const [name, output] of outputs) {
    if (output.side === side) columns.set(name, { kind: "column", name: output.source });
    if (output.side !== "key") continue;
    const key = keys.find((candidate) => keyName(candidate) === output.source);
    if (key !== undefined) columns.set(name, withoutAlias(key));
  }
  return columns;
}

function keepInfallible(node: Join, { left, right }: Sides): Sides {
  const fallible =
    (left !== null && isFallible(left, node.left.schema)) ||
    (right !== null && isFallible(right, node.right.schema));
  return fallible ? NONE : { left, right };
}
