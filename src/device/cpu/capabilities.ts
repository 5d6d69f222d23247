// What the CPU runs. It is asked while a query is planned, and again before it runs.

import { type DType, dtypeName } from "../../dtype/index.ts";
import { type Operation, SUPPORTED, type Support, unsupported } from "../../physical/index.ts";

export function supports(operation: Operation, inputs: readonly (readonly DType[])[]): Support {
  if (operation.kind === "evaluate") {
    const wide = operation.program.instructions.some(({ lane }) => lane === "i128");
    if (wide) return unsupported("decimal arithmetic is not supported yet");
  }
  const decimal = inputs.flat().find((dtype) => dtype.kind === "decimal");
  return decimal === undefined
    ? SUPPORTED
    : unsupported(`${dtypeName(decimal)} columns are not supported yet`);
}
