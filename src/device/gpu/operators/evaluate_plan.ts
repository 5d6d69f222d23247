// Stages of a program with their rendered text, remembered by program and by what changes the text: which columns may
// hold nulls, how many buffers can be bound, and whether rows are left out.

import { planStages, type RenderedStage, renderStage, type Stage } from "../../../codegen/index.ts";
import type { ResolvedProgram } from "../../../ir/index.ts";

export interface PlannedStage extends RenderedStage {
  readonly stage: Stage;
}

export interface EvaluatePlan {
  readonly predicate: PlannedStage | null;
  readonly stages: readonly PlannedStage[];
  /** For each output: the input column that it is, or null. */
  readonly passedThrough: readonly (number | null)[];
}

const plans = new WeakMap<ResolvedProgram, Map<string, EvaluatePlan>>();

export function planEvaluate(
  program: ResolvedProgram,
  nullable: readonly boolean[],
  maxStorageBuffers: number,
  selected: boolean,
): EvaluatePlan {
  const key = `${nullable.map(Number).join("")} ${maxStorageBuffers} ${selected}`;
  const known = plans.get(program) ?? new Map<string, EvaluatePlan>();
  plans.set(program, known);
  let plan = known.get(key);
  if (plan === undefined) {
    const { predicate, outputs, passedThrough } = planStages(
      program,
      nullable,
      maxStorageBuffers,
      selected,
    );
    const rendered = (stage: Stage): PlannedStage => ({
      ...renderStage(program, nullable, stage),
      stage,
    });
    plan = {
      predicate: predicate && rendered(predicate),
      stages: outputs.map(rendered),
      passedThrough,
    };
    known.set(key, plan);
  }
  return plan;
}
