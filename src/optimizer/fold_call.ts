// The value of a function of literals, for the functions whose result JavaScript computes exactly as the engine does:
// float64 arithmetic is IEEE 754 in both, int64 arithmetic is done in bigint.

import { isTemporal, type Schema } from "../dtype/index.ts";
import { type CallNode, type ExprNode, type LiteralNode, literalNode } from "../expr/index.ts";
import { bindExpression } from "../function/index.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Null when an argument is no literal, or the function is not folded. */
export function foldCall(node: CallNode, schema: Schema): LiteralNode | null {
  const args = literals(node.args);
  if (args === null) return null;
  const [a, b] = args;
  if (a === undefined) return null;
  switch (node.function) {
    case "isNull":
      return literalNode(a.value === null);
    case "isNotNull":
      return literalNode(a.value !== null);
    case "not":
      return typeof a.value === "boolean" ? literalNode(!a.value) : null;
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return b === undefined ? null : foldComparison(node.function, a, b);
    case "add":
    case "sub":
    case "mul":
    case "neg":
      return foldArithmetic(node, args, schema);
    default:
      return null;
  }
}

function literals(args: readonly ExprNode[]): LiteralNode[] | null {
  const found = args.filter((arg) => arg.kind === "literal");
  return found.length === args.length ? found : null;
}

/** Numbers only: strings compare by bytes, and instants and durations by their units. A NaN is above every number and equals itself. */
function foldComparison(name: string, a: LiteralNode, b: LiteralNode): LiteralNode | null {
  const left = a.value;
  const right = b.value;
  if (!isNumber(left) || !isNumber(right)) return null;
  if ([a, b].some(({ dtype }) => dtype !== null && isTemporal(dtype))) return null;
  const leftNan = Number.isNaN(left);
  const rightNan = Number.isNaN(right);
  const order =
    leftNan || rightNan
      ? Number(leftNan) - Number(rightNan)
      : left < right
        ? -1
        : Number(left > right);
  switch (name) {
    case "eq":
      return literalNode(order === 0);
    case "ne":
      return literalNode(order !== 0);
    case "lt":
      return literalNode(order < 0);
    case "le":
      return literalNode(order <= 0);
    case "gt":
      return literalNode(order > 0);
    default:
      return literalNode(order >= 0);
  }
}

function foldArithmetic(
  node: CallNode,
  args: readonly LiteralNode[],
  schema: Schema,
): LiteralNode | null {
  const values = args.map(({ value }) => value);
  if (!values.every(isNumber)) return null;
  const { dtype } = bindExpression(node, schema, "optimizer");
  if (dtype.kind === "float64") {
    const [a, b] = values.map(Number);
    // An integer beyond 2^53 would be rounded here and again by the operation.
    if (values.some((value) => typeof value === "bigint" && BigInt(Number(value)) !== value)) {
      return null;
    }
    return literalNode(compute(node.function, a ?? 0, b ?? 0));
  }
  if (dtype.kind !== "int64" || values.some((value) => !Number.isInteger(Number(value)))) {
    return null;
  }
  const [a, b] = values.map((value) => BigInt(value));
  const exact = computeExactly(node.function, a ?? 0n, b ?? 0n);
  return exact < INT64_MIN || exact > INT64_MAX ? null : literalNode(exact);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compute(name: string, a: number, b: number): number {
  if (name === "neg") return -a;
  return name === "add" ? a + b : name === "sub" ? a - b : a * b;
}

function computeExactly(name: string, a: bigint, b: bigint): bigint {
  if (name === "neg") return -a;
  return name === "add" ? a + b : name === "sub" ? a - b : a * b;
}
