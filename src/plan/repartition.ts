// The same rows in the same order, cut into so many partitions of about equal size.

import type { Schema } from "../dtype/index.ts";
import { checkCount } from "./derive.ts";
import type { LogicalPlan } from "./logical_plan.ts";

export interface Repartition {
  readonly kind: "repartition";
  readonly schema: Schema;
  readonly input: LogicalPlan;
  readonly partitions: number;
}

export function repartition(input: LogicalPlan, partitions: number): Repartition {
  checkCount(partitions, "the number of partitions", "repartition", 1);
  return Object.freeze({ kind: "repartition", schema: input.schema, input, partitions });
}

export function repartitionText({ partitions }: Repartition): string {
  return `repartition into ${partitions}`;
}
