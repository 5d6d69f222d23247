// The operators of the GPU. One that is missing says so here, and the planner places it elsewhere.

import type { DType } from "../../../dtype/index.ts";
import type { Operation, OperationKind, Support } from "../../../physical/index.ts";
import type { GpuContext } from "../context.ts";
import type { GpuResident } from "../resident.ts";
import { aggregate } from "./aggregate.ts";
import { concat } from "./concat.ts";
import { evaluate } from "./evaluate.ts";
import { exponentRange } from "./exponent_range.ts";
import { join } from "./join.ts";
import type { GpuOperator } from "./operator.ts";
import { slice } from "./slice.ts";
import { sort } from "./sort.ts";

type OperatorTable = {
  readonly [K in OperationKind]: GpuOperator<Extract<Operation, { readonly kind: K }>> | Missing;
};
interface Missing {
  readonly missing: string;
}

const OPERATORS: OperatorTable = {
  evaluate,
  aggregate,
  exponentRange,
  join,
  sort,
  groupRows: { missing: "rows of each group are chosen on the CPU" },
  slice,
  concat,
  numberRows: { missing: "rows are numbered where they are exchanged: in host memory" },
  sample: { missing: "rows are sampled where they are exchanged: in host memory" },
};

type AnyOperator = GpuOperator<Operation> | Missing;

export function operatorSupports(
  operation: Operation,
  inputs: readonly (readonly DType[])[],
): Support {
  // The table pairs each kind with its own operator; TypeScript cannot follow that through an index.
  const operator = OPERATORS[operation.kind] as AnyOperator;
  return "missing" in operator
    ? { ok: false, reason: operator.missing }
    : operator.supports(operation, inputs);
}

export async function runOperator(
  context: GpuContext,
  operation: Operation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const operator = OPERATORS[operation.kind] as AnyOperator;
  if ("missing" in operator) throw new Error(operator.missing);
  return operator.run(context, operation, inputs);
}
