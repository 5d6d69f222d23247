// Questions about expression trees and rewrites of them. All are pure; a rewrite gives back the same object where
// nothing changed, so that identity says "unchanged".

import { assertNever, shortKey } from "../base/index.ts";
import { dtypeName } from "../dtype/index.ts";
import type { ExprNode, LiteralValue, Options, OptionValue } from "./node.ts";
import { aggregateNode, aliasNode, callNode, castNode, whenNode } from "./nodes.ts";

/** The direct inputs of a node, in order of evaluation. */
export function childrenOf(node: ExprNode): readonly ExprNode[] {
  switch (node.kind) {
    case "column":
    case "literal":
      return [];
    case "call":
    case "aggregate":
      return node.args;
    case "cast":
    case "alias":
      return [node.input];
    case "when": {
      const children = node.branches.flatMap(({ condition, value }) => [condition, value]);
      return node.otherwise === null ? children : [...children, node.otherwise];
    }
    default:
      return assertNever(node);
  }
}

/** The same node over other children (as many as it has). */
export function withChildren(node: ExprNode, children: readonly ExprNode[]): ExprNode {
  const before = childrenOf(node);
  if (before.every((child, index) => child === children[index])) return node;
  const child = (index: number) => children[index] as ExprNode;
  switch (node.kind) {
    case "column":
    case "literal":
      return node;
    case "call":
      return callNode(node.function, children, node.options);
    case "aggregate":
      return aggregateNode(node.function, children, node.options);
    case "cast":
      return castNode(child(0), node.dtype, node.strict);
    case "alias":
      return aliasNode(child(0), node.name);
    case "when": {
      const branches = node.branches.map((_, index) => ({
        condition: child(2 * index),
        value: child(2 * index + 1),
      }));
      return whenNode(branches, node.otherwise === null ? null : child(2 * branches.length));
    }
    default:
      return assertNever(node);
  }
}

function isLeaf({ kind }: ExprNode): boolean {
  return kind === "column" || kind === "literal";
}

/** Rewrites from the leaves up. A node that stands in several places is rewritten once. */
export function rewriteExpr(node: ExprNode, rewrite: (node: ExprNode) => ExprNode): ExprNode {
  // Wide frames have thousands of these.
  const children = childrenOf(node);
  if (children.every(isLeaf)) return rewrite(withChildren(node, children.map(rewrite)));
  const rewritten = new Map<ExprNode, ExprNode>();
  const visit = (inner: ExprNode): ExprNode => {
    const known = rewritten.get(inner);
    if (known !== undefined) return known;
    const after = rewrite(withChildren(inner, childrenOf(inner).map(visit)));
    rewritten.set(inner, after);
    return after;
  };
  return visit(node);
}

/** Puts expressions in the place of columns. A name that is not in the map stays. */
export function substituteColumns(
  node: ExprNode,
  replacements: ReadonlyMap<string, ExprNode>,
): ExprNode {
  return rewriteExpr(node, (inner) =>
    inner.kind === "column" ? (replacements.get(inner.name) ?? inner) : inner,
  );
}

/** The names of the columns that an expression reads, in order of first appearance. */
export function columnsOf(...nodes: readonly ExprNode[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<ExprNode>();
  const visit = (node: ExprNode) => {
    if (node.kind === "column") names.add(node.name);
    // Wide frames have thousands of these.
    if (isLeaf(node)) return;
    const children = childrenOf(node);
    if (!children.every(isLeaf)) {
      if (seen.has(node)) return;
      seen.add(node);
    }
    for (const child of children) visit(child);
  };
  for (const node of nodes) visit(node);
  return names;
}

const aggregating = new WeakMap<ExprNode, boolean>();

/** Found out once a node. */
export function containsAggregate(node: ExprNode): boolean {
  if (isLeaf(node)) return false;
  const known = aggregating.get(node);
  if (known !== undefined) return known;
  const contains = node.kind === "aggregate" || childrenOf(node).some(containsAggregate);
  aggregating.set(node, contains);
  return contains;
}

/** The expression below its names: `col("a").as("b")` without the `as`. */
export function withoutAlias(node: ExprNode): ExprNode {
  return node.kind === "alias" ? withoutAlias(node.input) : node;
}

const sizes = new WeakMap<ExprNode, number>();

/** How many nodes a tree has, counting a node again wherever it stands. Counted once a node. */
export function exprSize(node: ExprNode): number {
  const known = sizes.get(node);
  if (known !== undefined) return known;
  const size = childrenOf(node).reduce((sum, child) => sum + exprSize(child), 1);
  sizes.set(node, size);
  return size;
}

const keys = new WeakMap<ExprNode, string>();

/** A text that two expressions share exactly when they are structurally equal. Made once a node. */
export function exprKey(node: ExprNode): string {
  const known = keys.get(node);
  if (known !== undefined) return known;
  const key = shortKey(`(${describe(node)} ${childrenOf(node).map(exprKey).join(" ")})`);
  keys.set(node, key);
  return key;
}

function describe(node: ExprNode): string {
  switch (node.kind) {
    case "column":
      return `column ${JSON.stringify(node.name)}`;
    case "literal":
      return `literal ${valueKey(node.value)} ${node.dtype === null ? "" : dtypeName(node.dtype)}`;
    case "call":
    case "aggregate":
      return `${node.kind} ${node.function} ${optionsKey(node.options)}`;
    case "cast":
      return `cast ${dtypeName(node.dtype)} ${node.strict}`;
    case "when":
      return `when ${node.branches.length} ${node.otherwise !== null}`;
    case "alias":
      return `alias ${JSON.stringify(node.name)}`;
    default:
      return assertNever(node);
  }
}

function optionsKey(options: Options): string {
  const entries = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, value]) => `${name}=${optionKey(value)}`).join(",");
}

function optionKey(value: OptionValue): string {
  if (value instanceof RegExp) return `regexp ${String(value)}`;
  if (isList(value)) return `[${value.map(valueKey).join(",")}]`;
  return valueKey(value);
}

function isList(value: OptionValue): value is readonly LiteralValue[] {
  return Array.isArray(value);
}

/** Tells apart what JSON does not: -0 and 0, NaN and null, 1 and 1n. */
function valueKey(value: LiteralValue): string {
  if (value === null) return "null";
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Object.is(value, -0) ? "number -0" : `number ${value}`;
  return `${typeof value} ${value}`;
}
