// Physical plan -> task graph: one task for every partition of every node.

import { assert, assertNever, at } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type {
  Apply,
  ApplyPartialAggregate,
  Operation,
  PhysicalPlan,
  Placement,
  ScanBatches,
  ScanCsv,
  Split,
} from "../physical/index.ts";
import { splitBatches } from "./split.ts";
import type { OperationTask, Task, TaskGraph, TaskId } from "./task.ts";

export function expand(plan: PhysicalPlan): TaskGraph {
  const expansion = new Expansion();
  const outputs = expansion.expand(plan);
  return { tasks: expansion.tasks, outputs };
}

class Expansion {
  readonly tasks: Task[] = [];
  readonly #done = new Map<PhysicalPlan, readonly TaskId[]>();
  readonly #windows = new Map<ApplyPartialAggregate, OperationTask["windows"]>();

  /** The tasks whose results are the node's partitions. A node that stands twice in the plan runs once. */
  expand(renamed: PhysicalPlan): readonly TaskId[] {
    const plan = renamed.renames ?? renamed;
    const known = this.#done.get(plan);
    if (known !== undefined) return known;
    const outputs = this.#expandNode(plan);
    this.#done.set(plan, outputs);
    return outputs;
  }

  #expandNode(plan: PhysicalPlan): readonly TaskId[] {
    switch (plan.kind) {
      case "scanBatches":
        return this.#scanBatches(plan);
      case "scanPersisted":
        return Array.from({ length: plan.partitions }, (_, partition) =>
          this.#add({
            kind: "persisted",
            id: this.tasks.length,
            operator: plan.operator,
            partition,
            handle: plan.handle.id,
          }),
        );
      case "scanCsv":
        return this.#scanCsv(plan);
      case "apply":
        return this.#apply(plan);
      case "applyPartialAggregate":
        return this.#applyPartialAggregate(plan);
      case "gather": {
        const inputs = this.expand(plan.input);
        if (inputs.length === 1) return inputs;
        return [
          this.#operation({ kind: "concat" }, inputs, {
            operator: plan.operator,
            placement: plan.placement,
          }),
        ];
      }
      case "guard": {
        const checks = plan.checks.map((check) => ({
          task: at(this.expand(check.plan), 0),
          message: check.message,
        }));
        return this.expand(plan.input).map((input, partition) =>
          this.#add({
            kind: "guard",
            id: this.tasks.length,
            operator: plan.operator,
            partition,
            input,
            checks,
          }),
        );
      }
      case "split":
        return this.#split(plan);
      case "union":
        return plan.inputs.flatMap((input) => this.expand(input));
      default:
        return assertNever(plan);
    }
  }

  #scanBatches(plan: ScanBatches): TaskId[] {
    const projected = plan.batches.map(
      (batch): Batch => ({
        rowCount: batch.rowCount,
        columns: plan.columns.map((column) => at(batch.columns, column)),
      }),
    );
    return splitBatches(projected, plan.shares).map((batch, partition) =>
      this.#add({
        kind: "batch",
        id: this.tasks.length,
        operator: plan.operator,
        partition,
        batch,
      }),
    );
  }

  #scanCsv(plan: ScanCsv): TaskId[] {
    return Array.from({ length: plan.partitions }, (_, partition) =>
      this.#add({
        kind: "csv",
        id: this.tasks.length,
        operator: plan.operator,
        partition,
        source: plan.source,
        columns: plan.columns,
        limit: plan.limit,
        splitCount: plan.partitions,
        placement: plan.placement,
      }),
    );
  }

  #split(plan: Split): TaskId[] {
    const inputs = this.expand(plan.input);
    return Array.from({ length: plan.partitions }, (_, partition) =>
      this.#add({
        kind: "split",
        id: this.tasks.length,
        operator: plan.operator,
        partition,
        inputs,
        splitCount: plan.partitions,
      }),
    );
  }

  #apply(plan: Apply): TaskId[] {
    const [first, ...others] = plan.inputs.map((input) => this.expand(input));
    const broadcast = others.map((partitions) => at(partitions, 0));
    const windows = plan.windowsOf === undefined ? null : this.#windows.get(plan.windowsOf);
    assert(windows !== undefined, "a final aggregate stands above its partial one");
    return this.#perPartition(first ?? [], (input, partition, earlier) =>
      this.#operation(plan.operation, [input, ...broadcast], {
        operator: plan.operator,
        placement: plan.placement,
        partition,
        earlier,
        inputNames: plan.inputNames,
        windows,
      }),
    );
  }

  #applyPartialAggregate(plan: ApplyPartialAggregate): TaskId[] {
    const inputs = this.expand(plan.input);
    const ranges = inputs.map((input, partition) =>
      this.#operation(plan.range, [input], {
        operator: plan.operator,
        placement: plan.placement,
        partition,
      }),
    );
    const windows = { from: ranges, columns: plan.range.columns };
    this.#windows.set(plan, windows);
    return this.#perPartition(inputs, (input, partition, earlier) =>
      this.#operation(plan.operation, [input], {
        operator: plan.operator,
        placement: plan.placement,
        partition,
        earlier,
        windows,
      }),
    );
  }

  #perPartition(
    inputs: readonly TaskId[],
    add: (input: TaskId, partition: number, earlier: readonly TaskId[]) => TaskId,
  ): TaskId[] {
    const ids: TaskId[] = [];
    for (const [partition, input] of inputs.entries()) ids.push(add(input, partition, [...ids]));
    return ids;
  }

  #operation(
    operation: Operation,
    inputs: readonly TaskId[],
    rest: { operator: string; placement: Placement } & Partial<OperationTask>,
  ): TaskId {
    return this.#add({
      kind: "operation",
      id: this.tasks.length,
      operation,
      inputs,
      partition: 0,
      earlier: [],
      inputNames: [],
      windows: null,
      ...rest,
    });
  }

  #add(task: Task): TaskId {
    this.tasks.push(task);
    return task.id;
  }
}
