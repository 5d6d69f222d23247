// What the GPU executor runs, for the planner: a reason instead of a crash.

import type { DType } from "../../dtype/index.ts";
import type { Operation, Support } from "../../physical/index.ts";
import { operatorSupports } from "./operators/index.ts";

/** Honest for every operation, dtype and IR instruction: what is `ok` here runs, and gives the contract's bits. */
export function supports(operation: Operation, inputs: readonly (readonly DType[])[]): Support {
  return operatorSupports(operation, inputs);
}
