// The rows of all inputs, one input after the other. All have the same columns.

import { at, ColumnNotFoundError, InvalidArgumentError, TypeMismatchError } from "../base/index.ts";
import { dtypeName, type Schema, sameDType } from "../dtype/index.ts";
import { keepColumn } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { project } from "./project.ts";

export interface Concat {
  readonly kind: "concat";
  readonly schema: Schema;
  readonly inputs: readonly LogicalPlan[];
}

/** Columns pair up by name; inputs that have them in another order are reordered to that of the first. */
export function concat(inputs: readonly LogicalPlan[]): Concat {
  if (inputs.length === 0) {
    throw new InvalidArgumentError("concat() needs at least one input", { operator: "concat" });
  }
  const { schema } = at(inputs, 0);
  const ordered = inputs.map((input, index) => inOrder(input, schema, index));
  return Object.freeze({ kind: "concat", schema, inputs: Object.freeze(ordered) });
}

export function concatText({ inputs }: Concat): string {
  return `concat of ${inputs.length}`;
}

function inOrder(input: LogicalPlan, schema: Schema, index: number): LogicalPlan {
  for (const { name, dtype } of schema.fields) {
    const own = input.schema.dtypeOf(name, "concat");
    if (sameDType(own, dtype)) continue;
    throw new TypeMismatchError(
      `column ${JSON.stringify(name)} is ${dtypeName(dtype)} in the first input of concat, ` +
        `${dtypeName(own)} in input ${index + 1}`,
      {
        operator: "concat",
        column: name,
        hint: "Cast one of them first: df.cast({ NAME: DTYPE }).",
      },
    );
  }
  for (const { name } of input.schema.fields) {
    if (schema.has(name)) continue;
    throw new ColumnNotFoundError(
      `input ${index + 1} of concat has ${JSON.stringify(name)}, which the first has not`,
      { operator: "concat", column: name, hint: "Select the same columns on both sides." },
    );
  }
  const same = schema.names.every((name, position) => input.schema.field(position).name === name);
  return same ? input : project(input, schema.names.map(keepColumn), "concat");
}
