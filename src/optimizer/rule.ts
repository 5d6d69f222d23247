// A rule of the optimizer: a plan to a plan that means the same.

import type { LogicalPlan } from "../plan/index.ts";

export interface Rule {
  /** Stable: options and explain() name rules by it. */
  readonly name: string;
  /**
   * Gives a plan with the same schema, the same rows and the same order of rows, or the same object where it has nothing
   * to do. It may remove work whose only effect could be an error; it never adds an error.
   */
  apply(plan: LogicalPlan): LogicalPlan;
}
