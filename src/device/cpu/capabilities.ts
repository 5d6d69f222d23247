// What the CPU runs: everything, on every dtype. It is asked while a query is planned, and again before it runs.

import type { DType } from "../../dtype/index.ts";
import { type Operation, SUPPORTED, type Support } from "../../physical/index.ts";

export function supports(_operation: Operation, _inputs: readonly (readonly DType[])[]): Support {
  return SUPPORTED;
}
