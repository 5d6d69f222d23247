// Physical plan -> task graph: one task for every partition of every node.

import { assert, assertNever, at } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type {
  Apply,
  ApplyPartialAggregate,
  Exchange,
  Guard,
  Held,
  Operation,
  PhysicalPlan,
  Placement,
  ScanBatches,
  ScanCsv,
  Split,
} from "../physical/index.ts";
import { type Resolved, resolve } from "./resolve.ts";
import { splitBatches } from "./split.ts";
import type { OperationTask, Task, TaskGraph, TaskId } from "./task.ts";

export function expand(plan: PhysicalPlan, resolved: Resolved = new Map()): TaskGraph {
  return expandAll([plan], resolved).graph;
}

/** One graph for several plans. `counts`: how many of its outputs each of them has. */
export function expandAll(
  plans: readonly PhysicalPlan[],
  resolved: Resolved,
): { readonly graph: TaskGraph; readonly counts: readonly number[] } {
  const expansion = new Expansion(resolved);
  const outputs = plans.map((plan) => expansion.expand(plan));
  return {
    graph: { tasks: expansion.tasks, outputs: outputs.flat() },
    counts: outputs.map(({ length }) => length),
  };
}

class Expansion {
  readonly tasks: Task[] = [];
  readonly #done = new Map<PhysicalPlan, readonly TaskId[]>();
  readonly #windows = new Map<ApplyPartialAggregate, OperationTask["windows"]>();
  readonly #resolved: Resolved;

  constructor(resolved: Resolved) {
    this.#resolved = resolved;
  }

  /** The tasks whose results are the node's partitions. A node that stands twice in the plan runs once. */
  expand(renamed: PhysicalPlan): readonly TaskId[] {
    const plan = resolve(renamed, this.#resolved);
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
            columns: plan.columns,
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
      case "guard":
        return this.#guard(plan);
      case "split":
        return this.#split(plan);
      case "union":
        return plan.inputs.flatMap((input) => this.expand(input));
      case "exchange":
        return this.#exchange(plan);
      case "pick": {
        const inputs = this.expand(plan.input);
        return plan.indices.map((index) => at(inputs, index));
      }
      case "held":
        return this.#held(plan);
      case "ranges": {
        this.expand(plan.of);
        return this.#windows.get(plan.of)?.from ?? [];
      }
      case "deferred":
        throw new Error("invariant violated: a stage is expanded before its inputs are there");
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

  #guard(plan: Guard): TaskId[] {
    const checks = plan.checks.flatMap(({ plan: check, message }) =>
      this.expand(check).map((task) => ({ task, message })),
    );
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
    const windows = this.#windowsOf(plan);
    const { operation } = plan;
    return this.#perPartition(first ?? [], (input, partition, earlier) =>
      this.#operation(
        operation.kind === "numberRows" ? { ...operation, partition } : operation,
        [input, ...broadcast],
        {
          operator: plan.operator,
          placement: plan.placement,
          partition,
          earlier,
          inputNames: plan.inputNames,
          windows,
        },
      ),
    );
  }

  #windowsOf({ windowsOf }: Apply): OperationTask["windows"] {
    if (windowsOf === undefined) return null;
    if (windowsOf.kind === "heldWindows") {
      const { ranges, columns } = windowsOf;
      return { from: this.expand(ranges), columns, rowBound: windowsOf.rowBound };
    }
    const windows = this.#windows.get(windowsOf);
    assert(windows !== undefined, "a final aggregate stands above its partial one");
    return windows;
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
    const rowBound = plan.rowBound ?? null;
    const windows = { from: ranges, columns: plan.range.columns, rowBound };
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

  #exchange(plan: Exchange): TaskId[] {
    const { operator, placement, operation } = plan;
    const splitters = plan.splitters === null ? [] : [at(this.expand(plan.splitters), 0)];
    const exchanges = this.expand(plan.input).map((input, partition) =>
      this.#add({
        kind: "exchange",
        id: this.tasks.length,
        operator,
        partition,
        operation,
        inputs: [input, ...splitters],
        placement,
      }),
    );
    const pieces: TaskId[] = [];
    for (let part = 0; part < operation.parts; part++) {
      for (const exchange of exchanges) {
        const partition = pieces.length;
        pieces.push(
          this.#add({ kind: "piece", id: this.tasks.length, operator, partition, exchange, part }),
        );
      }
    }
    return pieces;
  }

  #held(node: Held): TaskId[] {
    return node.sizes.map((_, partition) =>
      this.#add({ kind: "held", id: this.tasks.length, operator: node.operator, partition, node }),
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
