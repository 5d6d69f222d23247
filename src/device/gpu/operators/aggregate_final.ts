// Phase final: the states of several partitions, merged by folding their columns as those of rows are.

import { assertNever } from "../../../base/index.ts";
import { INT64 } from "../../../dtype/index.ts";
import type { Monoid } from "../../../ir/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import type { GpuColumn } from "../resident.ts";
import type { AggregateTask } from "./aggregate_states.ts";
import { integerSumColumn } from "./aggregate_sums.ts";
import { monoidColumn } from "./aggregate_values.ts";

/** A count of rows fits 64 bits, which wrap around to it whatever was added before. */
const COUNT_WINDOW = { lowExponent: 0, limbs: 2 } as const;

/** The monoids over the state columns that give what `operation` wants of the rows. */
export function overStates(operation: AggregateOperation): AggregateOperation {
  if (operation.phase !== "final") return operation;
  const { keys, monoids } = operation;
  return {
    ...operation,
    monoids: monoids.map((monoid, index) => overState(monoid, keys.length + index)),
  };
}

function overState(monoid: Monoid, column: number): Monoid {
  switch (monoid.kind) {
    case "count":
    case "countValues":
      return { kind: "sum", column, power: 1, window: COUNT_WINDOW };
    case "sum":
      // The column holds words, which are added as they are: sum_state.wesl.
      return { kind: "sum", column, power: 1, window: monoid.window };
    case "min":
    case "max":
    case "any":
    case "all":
    case "first":
    case "last":
      return { ...monoid, column };
    default:
      return assertNever(monoid);
  }
}

/** The value of a merged monoid. What was a count is a sum now, and never null. */
export function mergedColumn(task: AggregateTask, monoid: Monoid): GpuColumn {
  if (monoid.kind !== "sum") return monoidColumn(task, monoid);
  return { ...integerSumColumn(task, monoid, INT64).column, validity: null, nullCount: 0 };
}
