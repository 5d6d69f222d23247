// The operators of the GPU.

import { assert } from "../../../base/index.ts";
import type { DType } from "../../../dtype/index.ts";
import type { Operation, OperationKind, Support } from "../../../physical/index.ts";
import type { GpuContext } from "../context.ts";
import type { GpuResident } from "../resident.ts";
import { aggregate } from "./aggregate.ts";
import { concat } from "./concat.ts";
import { evaluate } from "./evaluate.ts";
import { exponentRange } from "./exponent_range.ts";
import { groupRows } from "./group_rows.ts";
import { join } from "./join.ts";
import type { GpuOperator } from "./operator.ts";
import { slice } from "./slice.ts";
import { sort } from "./sort.ts";

/** What no GPU runs, and why: the planner sends it to a host. */
interface Missing {
  readonly missing: string;
}

type OperatorTable = {
  readonly [K in OperationKind]: GpuOperator<Extract<Operation, { readonly kind: K }>> | Missing;
};

const OPERATORS: OperatorTable = {
  evaluate,
  aggregate,
  exponentRange,
  join,
  sort,
  groupRows,
  slice,
  concat,
  numberRows: { missing: "rows are numbered where they are exchanged: in host memory" },
  sample: { missing: "rows are sampled where they are exchanged: in host memory" },
};

export function operatorSupports(
  operation: Operation,
  inputs: readonly (readonly DType[])[],
): Support {
  const operator = operatorOf(operation);
  if ("missing" in operator) return { ok: false, reason: operator.missing };
  return operator.supports(operation, inputs);
}

export async function runOperator(
  context: GpuContext,
  operation: Operation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const operator = operatorOf(operation);
  assert(!("missing" in operator), "the planner sends a GPU what it supports");
  return operator.run(context, operation, inputs);
}

/** The table pairs each kind with its own operator; TypeScript cannot follow that through an index. */
function operatorOf({ kind }: Operation): GpuOperator<Operation> | Missing {
  return OPERATORS[kind] as GpuOperator<Operation> | Missing;
}
