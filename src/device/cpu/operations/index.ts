// One file an operation: arguments to the addon's form, the call, and the result back.

import { assertNever, at } from "../../../base/index.ts";
import type { Batch } from "../../../column/index.ts";
import type { Mask, Operation } from "../../../physical/index.ts";
import { keepMasked } from "../../masked_rows.ts";
import type { CpuContext } from "../context.ts";
import { aggregate } from "./aggregate.ts";
import { concat } from "./concat.ts";
import { evaluate } from "./evaluate.ts";
import { numberRows, sample } from "./exchange.ts";
import { exponentRange } from "./exponent_range.ts";
import { groupRows } from "./group_rows.ts";
import { join } from "./join.ts";
import { slice } from "./slice.ts";
import { sort } from "./sort.ts";

export { exchange } from "./exchange.ts";

/** Compacted: folds that skip rows would read those that they skip (kernels/aggregate/README.md has the figures). */
async function keptRows(context: CpuContext, mask: Mask, batch: Batch): Promise<Batch> {
  if (mask === undefined) return batch;
  const dtypes = batch.columns.map(({ dtype }) => dtype);
  return evaluate(context, keepMasked(dtypes, mask), batch);
}

export async function runOperation(
  context: CpuContext,
  operation: Operation,
  inputs: readonly Batch[],
): Promise<Batch> {
  const input = at(inputs, 0);
  switch (operation.kind) {
    case "evaluate":
      return evaluate(context, operation, input);
    case "join":
      return join(context, operation, input, at(inputs, 1));
    case "sort":
      return sort(context, operation, input);
    case "groupRows":
      return groupRows(context, operation, input);
    case "slice":
      return slice(context, operation, input);
    case "concat":
      return concat(context, inputs);
    case "aggregate":
      return aggregate(context, operation, await keptRows(context, operation.mask, input));
    case "exponentRange":
      return exponentRange(context, operation, await keptRows(context, operation.mask, input));
    case "numberRows":
      return numberRows(operation, input);
    case "sample":
      return sample(context, operation, input);
    default:
      return assertNever(operation);
  }
}
