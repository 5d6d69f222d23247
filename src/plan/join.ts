// Rows of two inputs whose keys are equal. Output: the left columns, then the right ones; a right column whose name the
// left side has too gets the suffix. Order of rows: kernels/join/README.md.
//
// With `coalesceKeys` (the keys are columns of the same names on both sides) the output has one column a key, in the
// left column's place: the left key's value; for `right` the right key's; for `full` whichever is not null. Its dtype is
// that of the key expressions, which are cast to a common one here.

import { InvalidArgumentError, TypeMismatchError } from "../base/index.ts";
import { dtypeName, type Field, Schema } from "../dtype/index.ts";
import { columnNode, type ExprNode, withoutAlias } from "../expr/index.ts";
import { exprText } from "../function/index.ts";
import { listText, nameText, scalarField } from "./derive.ts";
import { commonKeys } from "./join_keys.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export type LogicalJoinHow = "inner" | "left" | "right" | "full" | "semi" | "anti" | "cross";
/** How often a key may occur, left side first. */
export type JoinValidation = "1:1" | "1:m" | "m:1";

export interface Join {
  readonly kind: "join";
  readonly schema: Schema;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly how: LogicalJoinHow;
  /** Keys pair up by position and have equal dtypes; empty for `cross`. */
  readonly leftOn: readonly ExprNode[];
  readonly rightOn: readonly ExprNode[];
  /** The keys as they were given, before the casts to common dtypes. */
  readonly givenKeys: JoinKeys;
  readonly suffix: string;
  readonly coalesceKeys: boolean;
  /** A null key matches a null key. */
  readonly nullEquals: boolean;
  readonly validate: JoinValidation | null;
  /** Which side to hash; a hint of the optimizer, on which no result depends. */
  readonly buildSide: "auto" | "left" | "right";
  /** The output columns that are wanted; null: all. They keep their order and names. */
  readonly outputs: readonly string[] | null;
}

export interface JoinKeys {
  readonly leftOn: readonly ExprNode[];
  readonly rightOn: readonly ExprNode[];
}

export interface JoinOptions extends JoinKeys {
  readonly how?: LogicalJoinHow;
  readonly suffix?: string;
  readonly coalesceKeys?: boolean;
  readonly nullEquals?: boolean;
  readonly validate?: JoinValidation | null;
  readonly buildSide?: "auto" | "left" | "right";
  readonly outputs?: readonly string[] | null;
}

const HOWS: readonly LogicalJoinHow[] = ["inner", "left", "right", "full", "semi", "anti", "cross"];
const VALIDATIONS: readonly JoinValidation[] = ["1:1", "1:m", "m:1"];

export function join(left: LogicalPlan, right: LogicalPlan, options: JoinOptions): Join {
  const how = oneOf(options.how ?? "inner", HOWS, "how");
  const validate = options.validate ?? null;
  if (validate !== null) oneOf(validate, VALIDATIONS, "validate");
  checkKeyCount(how, options);
  const coalesceKeys = options.coalesceKeys ?? false;
  if (coalesceKeys) checkSameNames(options);
  const keys = options.leftOn.map((leftKey, index) => {
    const rightKey = options.rightOn[index] as ExprNode;
    const leftType = scalarField({ name: "", expr: leftKey }, left.schema, "join").dtype;
    const rightType = scalarField({ name: "", expr: rightKey }, right.schema, "join").dtype;
    const common = commonKeys(leftKey, leftType, rightKey, rightType);
    if (common !== null) return common;
    throw new TypeMismatchError(
      `join keys of different dtypes: ${exprText(leftKey)} is ${dtypeName(leftType)}, ` +
        `${exprText(rightKey)} is ${dtypeName(rightType)}`,
      { operator: "join", hint: "Cast one of them: leftOn: col(NAME).cast(DTYPE)." },
    );
  });
  const node = {
    kind: "join" as const,
    left,
    right,
    how,
    leftOn: Object.freeze(keys.map((key) => key.left)),
    rightOn: Object.freeze(keys.map((key) => key.right)),
    givenKeys: Object.freeze({
      leftOn: Object.freeze([...options.leftOn]),
      rightOn: Object.freeze([...options.rightOn]),
    }),
    suffix: options.suffix ?? "_right",
    coalesceKeys,
    nullEquals: options.nullEquals ?? false,
    validate,
    buildSide: options.buildSide ?? "auto",
    outputs: options.outputs == null ? null : Object.freeze([...options.outputs]),
  };
  const outputs = outputsOf(node);
  const plan = Object.freeze({ ...node, schema: new Schema(outputs.map(({ field }) => field)) });
  knownOutputs.set(plan, outputs);
  return plan;
}

/** The same join, which hashes that side: no output depends on it. */
export function withBuildSide(join: Join, buildSide: "left" | "right"): Join {
  const plan = Object.freeze({ ...join, buildSide });
  knownOutputs.set(plan, joinOutputs(join));
  return plan;
}

/** What builds the same join over other inputs: the keys as they were given, so that their casts are chosen anew. */
export function joinOptions({ givenKeys, ...rest }: Join): Required<JoinOptions> {
  return { ...rest, ...givenKeys };
}

/** Where an output column of a join comes from. */
export interface JoinOutput {
  readonly field: Field;
  readonly side: "left" | "right" | "key";
  /** The column's name in its side's schema; for `key`, in both. */
  readonly source: string;
}

const knownOutputs = new WeakMap<Join, readonly JoinOutput[]>();

/** The output columns in order. The physical planner, pushdown and pruning all read this one definition. */
export function joinOutputs(join: Join): readonly JoinOutput[] {
  const outputs = knownOutputs.get(join) ?? outputsOf(join);
  knownOutputs.set(join, outputs);
  return outputs;
}

function outputsOf(join: Omit<Join, "schema">): JoinOutput[] {
  const wanted = join.outputs === null ? null : new Set(join.outputs);
  return allOutputs(join).filter(({ field }) => wanted === null || wanted.has(field.name));
}

function allOutputs(join: Omit<Join, "schema">): JoinOutput[] {
  const keyTypes = new Map(
    join.coalesceKeys
      ? join.leftOn.map((key) => {
          const dtype = scalarField({ name: "", expr: key }, join.left.schema, "join").dtype;
          return [keyName(key) as string, dtype] as const;
        })
      : [],
  );
  const outputs: JoinOutput[] = join.left.schema.fields.map((field) => {
    const dtype = keyTypes.get(field.name);
    return dtype === undefined
      ? { field, side: "left", source: field.name }
      : { field: { name: field.name, dtype }, side: "key", source: field.name };
  });
  if (join.how === "semi" || join.how === "anti") {
    return outputs.map((output) => ({ ...output, field: leftField(join, output), side: "left" }));
  }
  // Whether a column gets the suffix depends on the left side alone, not on the right columns before it: what nobody
  // reads can be pruned without renaming the rest.
  const taken = new Set(join.left.schema.names);
  for (const field of join.right.schema.fields) {
    if (keyTypes.has(field.name)) continue;
    const name = join.left.schema.has(field.name) ? field.name + join.suffix : field.name;
    if (taken.has(name)) throw clash(field.name, name);
    taken.add(name);
    outputs.push({ field: { name, dtype: field.dtype }, side: "right", source: field.name });
  }
  return outputs;
}

export function joinText(join: Join): string {
  const pairs = join.leftOn.map((left, index) => {
    const right = join.rightOn[index] as ExprNode;
    return join.coalesceKeys && keyName(left) === keyName(right)
      ? exprText(withoutCast(left))
      : `${exprText(left)} = ${exprText(right)}`;
  });
  const on = pairs.length === 0 ? "" : ` on ${pairs.join(" and ")}`;
  const flags = [
    join.nullEquals ? "nulls equal" : "",
    join.validate === null ? "" : `validate ${join.validate}`,
    join.buildSide === "auto" ? "" : `build ${join.buildSide}`,
    join.outputs === null ? "" : `columns ${listText(join.outputs.map(nameText))}`,
  ].filter((flag) => flag !== "");
  return `${join.how} join${on}${flags.map((flag) => `, ${flag}`).join("")}`;
}

/** The column that a key is, below a cast to the common dtype; null for any other expression. */
export function keyName(key: ExprNode): string | null {
  const inner = withoutCast(key);
  return inner.kind === "column" ? inner.name : null;
}

function withoutCast(key: ExprNode): ExprNode {
  const inner = withoutAlias(key);
  return inner.kind === "cast" ? withoutAlias(inner.input) : inner;
}

function leftField(join: Omit<Join, "schema">, output: JoinOutput): Field {
  return join.left.schema.field(join.left.schema.indexOf(output.source));
}

function oneOf<T extends string>(value: T, allowed: readonly T[], option: string): T {
  if (allowed.includes(value)) return value;
  throw new InvalidArgumentError(`${option}: ${JSON.stringify(value)} is unknown`, {
    operator: "join",
    hint: `It is one of ${allowed.map((name) => JSON.stringify(name)).join(", ")}.`,
  });
}

function checkKeyCount(how: LogicalJoinHow, { leftOn, rightOn }: JoinOptions): void {
  if (how === "cross") {
    if (leftOn.length + rightOn.length === 0) return;
    throw new InvalidArgumentError("a cross join has no keys", { operator: "join" });
  }
  if (leftOn.length === 0 || leftOn.length !== rightOn.length) {
    throw new InvalidArgumentError(
      leftOn.length === rightOn.length
        ? "a join needs keys"
        : `${leftOn.length} left keys and ${rightOn.length} right keys do not pair up`,
      {
        operator: "join",
        hint: 'Write { on: "id" }, or { leftOn: "origin", rightOn: "iata" }; every pair of rows: how: "cross".',
      },
    );
  }
}

function checkSameNames({ leftOn, rightOn }: JoinOptions): void {
  const names = leftOn.map((key, index) => {
    const name = keyName(key);
    return name !== null && name === keyName(rightOn[index] as ExprNode) ? name : null;
  });
  if (names.includes(null) || new Set(names).size !== names.length) {
    throw new InvalidArgumentError("`on` takes distinct names of columns that both sides have", {
      operator: "join",
      hint: "For expressions use leftOn and rightOn.",
    });
  }
}

function clash(name: string, suffixed: string): Error {
  return new InvalidArgumentError(
    `both sides of the join have ${JSON.stringify(name)}, and ${JSON.stringify(suffixed)} is taken too`,
    {
      operator: "join",
      column: name,
      hint: "Give another suffix, or rename a column before the join.",
    },
  );
}

/** Keys by name on both sides, as `on` means them. */
export function keysOn(
  names: readonly string[],
): Pick<JoinOptions, "leftOn" | "rightOn" | "coalesceKeys"> {
  const keys = names.map(columnNode);
  return { leftOn: keys, rightOn: keys, coalesceKeys: true };
}
