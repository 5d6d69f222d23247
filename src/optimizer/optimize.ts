// The optimizer: an ordered list of named rules, each run once by one wrapper that can leave it out, shows the plan after
// it, and refuses a rule that changed the schema.

import { InvalidArgumentError } from "../base/index.ts";
import { dtypeName, type Schema, sameDType } from "../dtype/index.ts";
import { type LogicalPlan, readerCounts } from "../plan/index.ts";
import { commonRewrites, commonSubplans } from "./common_subplans.ts";
import { constantFolding } from "./constant_folding.ts";
import { joinSide } from "./join_side.ts";
import { limitPushdown } from "./limit_pushdown.ts";
import { mergeFilters } from "./merge_filters.ts";
import { mergeProjects } from "./merge_projects.ts";
import { predicatePushdown } from "./predicate_pushdown.ts";
import { projectionPushdown } from "./projection_pushdown.ts";
import type { Rule } from "./rule.ts";
import { topK } from "./top_k.ts";

/** In the order in which they run. */
export const RULES: readonly Rule[] = Object.freeze([
  // First: the fewer kinds of expression there are left, the more the other rules recognise.
  constantFolding,
  // Before anything moves: what stands twice is one node, and the rules below keep it together where that is better.
  commonSubplans,
  // Before predicates move: a limit above a filter stays there, and one in a scan keeps predicates out of it.
  limitPushdown,
  topK,
  predicatePushdown,
  // What has come to lie above one another. Merging filters earlier would tie together parts that go different ways;
  // it only concerns those that a fallible part kept apart.
  mergeFilters,
  // Once predicates lie where they are evaluated, it is known which columns live how long.
  projectionPushdown,
  // Pruning leaves projections above projections.
  mergeProjects,
  // Its estimates see the filters below the join.
  joinSide,
  // What the rules have made equal.
  commonRewrites,
]);

export interface OptimizeOptions {
  /** Names of rules to leave out. */
  readonly disable?: readonly string[] | "all";
}

export interface OptimizerStep {
  readonly rule: string;
  /** The plan after the rule. */
  readonly plan: LogicalPlan;
  /** The rule gave another plan. */
  readonly changed: boolean;
  /** 0: the plan has none of the operators that the rule concerns. */
  readonly milliseconds: number;
}

export interface Optimized {
  readonly plan: LogicalPlan;
  /** The rules that ran, in order. */
  readonly steps: readonly OptimizerStep[];
}

/**
 * A plan with the same schema, rows and order of rows that costs less.
 * @throws InvalidArgumentError for a rule name that does not exist.
 */
export function optimize(plan: LogicalPlan, options: OptimizeOptions = {}): Optimized {
  const steps = [...optimizerSteps(plan, options)];
  return { plan: steps.at(-1)?.plan ?? plan, steps };
}

/** optimize(), one rule at a time: who drives it can let others work in between. */
export function* optimizerSteps(
  plan: LogicalPlan,
  options: OptimizeOptions = {},
): Generator<OptimizerStep, void> {
  const disabled = disabledNames(options.disable ?? []);
  let current = plan;
  let kinds = kindsIn(current);
  for (const rule of RULES) {
    if (disabled.has(rule.name)) continue;
    if (rule.concerns?.some((kind) => kinds.has(kind)) === false) {
      yield { rule: rule.name, plan: current, changed: false, milliseconds: 0 };
      continue;
    }
    const start = performance.now();
    const next = rule.apply(current);
    const milliseconds = performance.now() - start;
    verifySchema(rule, current.schema, next.schema);
    yield { rule: rule.name, plan: next, changed: next !== current, milliseconds };
    if (next !== current) kinds = kindsIn(next);
    current = next;
  }
}

function kindsIn(plan: LogicalPlan): ReadonlySet<LogicalPlan["kind"]> {
  const kinds = new Set<LogicalPlan["kind"]>();
  for (const node of readerCounts(plan).keys()) kinds.add(node.kind);
  return kinds;
}

function disabledNames(disable: readonly string[] | "all"): ReadonlySet<string> {
  const all = RULES.map((rule) => rule.name);
  if (disable === "all") return new Set(all);
  for (const name of disable) {
    if (all.includes(name)) continue;
    throw new InvalidArgumentError(`${JSON.stringify(name)} is no rule of the optimizer`, {
      hint: `The rules are ${all.join(", ")}.`,
    });
  }
  return new Set(disable);
}

/** A rule that changes names, dtypes or their order has a bug: its result would be wrong in silence. */
function verifySchema(rule: Rule, before: Schema, after: Schema): void {
  if (after === before) return;
  const same =
    after.length === before.length &&
    before.fields.every(({ name, dtype }, index) => {
      const field = after.field(index);
      return field.name === name && sameDType(field.dtype, dtype);
    });
  if (same) return;
  throw new Error(
    `optimizer rule ${rule.name} changed the schema from ${schemaText(before)} to ${schemaText(after)}`,
  );
}

function schemaText(schema: Schema): string {
  const fields = schema.fields.map(
    ({ name, dtype }) => `${JSON.stringify(name)}: ${dtypeName(dtype)}`,
  );
  return `{ ${fields.join(", ")} }`;
}
