// A rule of the optimizer: a plan to a plan that means the same.

import type { LogicalPlan } from "../plan/index.ts";

export interface Rule {
  /** Stable: options and explain() name rules by it. */
  readonly name: string;
  /** Operators of which a plan must have one for the rule to find something to do. Absent: any may do. */
  readonly concerns?: readonly LogicalPlan["kind"][];
  /**
   * Gives a plan with the same schema, the same rows and the same order of rows, or the same object where it has nothing
   * to do. It may remove work whose only effect could be an error; it never adds an error.
   */
  apply(plan: LogicalPlan): LogicalPlan;
}
