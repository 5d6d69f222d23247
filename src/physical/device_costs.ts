// What work costs on a device, and what an operation's work is: plain numbers that `execution/` measures. They choose
// where work goes; no result depends on them.

import { assertNever } from "../base/index.ts";
import type { Operation, OperationKind } from "./operation.ts";

/** What a task does, as far as its speed is concerned: an operation, decoding a file, or dealing rows out anew. */
export type KernelKind = OperationKind | "csv" | "split" | "exchange";

export interface DeviceCosts {
  /** Of every task, however small: JavaScript, submit, a round trip. */
  readonly launchMs: number;
  /** From host memory. Infinity where the device works in host memory. */
  readonly uploadBytesPerMs: number;
  readonly downloadBytesPerMs: number;
  /** Units of `workOf` a millisecond. */
  readonly unitsPerMs: Readonly<Record<KernelKind, number>>;
}

/** Rows and bytes of a partition, known or estimated. */
export interface DataSize {
  readonly rows: number;
  readonly bytes: number;
}

/** One unit is about one value that is read, computed or written. */
const VALUE_BYTES = 8;
/** Values that a hashed or sorted key counts for: it is read several times and lands in random places. */
const HASHED_KEY = 4;
const SORTED_KEY = 8;

export function workOf(operation: Operation, inputs: readonly DataSize[]): number {
  const first = inputs[0] ?? { rows: 0, bytes: 0 };
  switch (operation.kind) {
    case "evaluate": {
      const { instructions, outputs } = operation.program;
      return first.rows * (instructions.length + outputs.length);
    }
    case "aggregate":
      return first.rows * (1 + HASHED_KEY * operation.keys.length + operation.monoids.length);
    case "join": {
      const rows = inputs.reduce((sum, input) => sum + input.rows, 0);
      const outputs = operation.leftOutputs.length + operation.rightOutputs.length;
      return rows * HASHED_KEY * operation.leftKeys.length + first.rows * outputs;
    }
    case "sort":
      return first.rows * SORTED_KEY * operation.keys.length + first.bytes / VALUE_BYTES;
    case "groupRows": {
      const keys = HASHED_KEY * operation.keys.length + SORTED_KEY * operation.order.length;
      return first.rows * (1 + keys) + first.bytes / VALUE_BYTES;
    }
    case "slice":
      return Math.min(first.rows, operation.length);
    case "concat":
      return inputs.reduce((sum, input) => sum + input.bytes, 0) / VALUE_BYTES;
    case "exponentRange":
      return first.rows * operation.columns.length;
    case "numberRows":
      return first.rows;
    case "sample":
      return Math.min(first.rows, operation.count);
    default:
      return assertNever(operation);
  }
}

/** Without looking at the data: half of the rows pass a predicate, groups grow with the square root of the rows. */
export function estimateOutput(operation: Operation, inputs: readonly DataSize[]): DataSize {
  const first = inputs[0] ?? { rows: 0, bytes: 0 };
  const sized = (rows: number, columns: number) => ({ rows, bytes: rows * columns * VALUE_BYTES });
  const share = (rows: number) => ({
    rows,
    bytes: first.rows === 0 ? 0 : (first.bytes * rows) / first.rows,
  });
  switch (operation.kind) {
    case "evaluate": {
      const { outputs, predicate } = operation.program;
      return sized(predicate === null ? first.rows : first.rows / 2, outputs.length);
    }
    case "aggregate": {
      const states = operation.phase === "partial" ? operation.monoids : operation.calls;
      const groups =
        operation.keys.length === 0 ? 1 : Math.min(first.rows, 10 * Math.sqrt(first.rows));
      return sized(groups, operation.keys.length + states.length);
    }
    case "join": {
      const kept = operation.how === "semi" || operation.how === "anti" ? 0.5 : 1;
      const outputs = operation.leftOutputs.length + operation.rightOutputs.length;
      return sized(first.rows * kept, outputs);
    }
    case "sort":
      return share(Math.min(first.rows, operation.limit ?? first.rows));
    case "groupRows":
      return share(Math.min(first.rows, 10 * Math.sqrt(first.rows) * operation.count));
    case "slice":
      return share(Math.max(0, Math.min(first.rows - operation.offset, operation.length)));
    case "concat":
      return {
        rows: inputs.reduce((sum, input) => sum + input.rows, 0),
        bytes: inputs.reduce((sum, input) => sum + input.bytes, 0),
      };
    case "exponentRange":
      return sized(1, 2 * operation.columns.length);
    case "numberRows":
      return { rows: first.rows, bytes: first.bytes + first.rows * VALUE_BYTES };
    case "sample":
      return share(Math.min(first.rows, operation.count));
    default:
      return assertNever(operation);
  }
}

export function computeMs(costs: DeviceCosts, kernel: KernelKind, work: number): number {
  return costs.launchMs + work / costs.unitsPerMs[kernel];
}
