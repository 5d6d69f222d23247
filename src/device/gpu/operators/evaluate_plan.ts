// Stages of a program with their rendered text, remembered by program and by what changes the text: which columns may
// hold nulls, how many buffers can be bound, and whether rows are left out.

import { planStages, type RenderedStage, renderStage, type Stage } from "../../../codegen/index.ts";
import type { ResolvedProgram } from "../../../ir/index.ts";
import type { KernelSpec } from "../kernel_source.ts";

export interface PlannedStage extends RenderedStage {
  readonly stage: Stage;
  /** Its kernel over all rows, and over listed rows. */
  readonly kernel: KernelSpec;
  readonly selectedKernel: KernelSpec;
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
    const rendered = (stage: Stage) => plannedStage(stage, renderStage(program, nullable, stage));
    plan = {
      predicate: predicate && rendered(predicate),
      stages: outputs.map(rendered),
      passedThrough,
    };
    known.set(key, plan);
  }
  return plan;
}

function plannedStage(stage: Stage, rendered: RenderedStage): PlannedStage {
  const path = stage.predicate === null ? "evaluate/outputs" : "evaluate/predicate";
  const kernel: KernelSpec = { path, generated: rendered.text };
  return {
    ...rendered,
    stage,
    kernel,
    selectedKernel: { ...kernel, conditions: { selected: true } },
  };
}
