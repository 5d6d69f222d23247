// Physical plan -> task graph: one task for every partition of every node.

import { assert, assertNever, at, ITEMS_A_STEP, type Steps } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type {
  Apply,
  ApplyPartialAggregate,
  Exchange,
  Guard,
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

export function* expand(plan: PhysicalPlan, resolved: Resolved): Steps<TaskGraph> {
  const { graph } = yield* expandAll([plan], resolved);
  return graph;
}

/** One graph for several plans. `counts`: how many of its outputs each of them has. */
export function* expandAll(
  plans: readonly PhysicalPlan[],
  resolved: Resolved,
): Steps<{ readonly graph: TaskGraph; readonly counts: readonly number[] }> {
  const expansion = new Expansion(resolved);
  const outputs: (readonly TaskId[])[] = [];
  for (const plan of plans) outputs.push(yield* expansion.expand(plan));
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
  *expand(renamed: PhysicalPlan): Steps<readonly TaskId[]> {
    const plan = resolve(renamed, this.#resolved);
    const known = this.#done.get(plan);
    if (known !== undefined) return known;
    const outputs = yield* this.#expandNode(plan);
    this.#done.set(plan, outputs);
    yield;
    return outputs;
  }

  *#expandNode(plan: PhysicalPlan): Steps<readonly TaskId[]> {
    switch (plan.kind) {
      case "scanBatches":
        return yield* this.#scanBatches(plan);
      case "scanPersisted":
        return yield* this.#tasksOf(new Array(plan.partitions).keys(), (partition) => ({
          kind: "persisted",
          id: this.tasks.length,
          operator: plan.operator,
          partition,
          handle: plan.handle.id,
          columns: plan.columns,
        }));
      case "scanCsv":
        return yield* this.#scanCsv(plan);
      case "apply":
        return yield* this.#apply(plan);
      case "applyPartialAggregate":
        return yield* this.#applyPartialAggregate(plan);
      case "gather": {
        const inputs = yield* this.expand(plan.input);
        if (inputs.length === 1) return inputs;
        const { operator, placement } = plan;
        return [this.#add(this.#operation({ kind: "concat" }, inputs, { operator, placement }))];
      }
      case "guard":
        return yield* this.#guard(plan);
      case "split":
        return yield* this.#split(plan);
      case "union": {
        const ids: TaskId[] = [];
        for (const input of plan.inputs) for (const id of yield* this.expand(input)) ids.push(id);
        return ids;
      }
      case "exchange":
        return yield* this.#exchange(plan);
      case "pick": {
        const inputs = yield* this.expand(plan.input);
        return plan.indices.map((index) => at(inputs, index));
      }
      case "held":
        return yield* this.#tasksOf(plan.sizes, (_, partition) => {
          const { operator } = plan;
          return { kind: "held", id: this.tasks.length, operator, partition, node: plan };
        });
      case "ranges": {
        yield* this.expand(plan.of);
        return this.#windows.get(plan.of)?.from ?? [];
      }
      case "deferred":
        throw new Error("invariant violated: a stage is expanded before its inputs are there");
      default:
        return assertNever(plan);
    }
  }

  *#scanBatches(plan: ScanBatches): Steps<TaskId[]> {
    const { operator, columns } = plan;
    const projected = plan.batches.map(
      (batch): Batch => ({
        rowCount: batch.rowCount,
        columns: columns.map((column) => at(batch.columns, column)),
      }),
    );
    return yield* this.#tasksOf(splitBatches(projected, plan.shares), (batch, partition) => ({
      kind: "batch",
      id: this.tasks.length,
      operator,
      partition,
      batch,
    }));
  }

  *#scanCsv(plan: ScanCsv): Steps<TaskId[]> {
    return yield* this.#tasksOf(new Array(plan.partitions).keys(), (partition) => ({
      kind: "csv",
      id: this.tasks.length,
      operator: plan.operator,
      partition,
      source: plan.source,
      columns: plan.columns,
      limit: plan.limit,
      splitCount: plan.partitions,
      placement: plan.placement,
    }));
  }

  *#guard(plan: Guard): Steps<TaskId[]> {
    const checks: { task: TaskId; message: string }[] = [];
    for (const { plan: check, message } of plan.checks)
      for (const task of yield* this.expand(check)) checks.push({ task, message });
    const inputs = yield* this.expand(plan.input);
    return yield* this.#tasksOf(inputs, (input, partition) => ({
      kind: "guard",
      id: this.tasks.length,
      operator: plan.operator,
      partition,
      input,
      checks,
    }));
  }

  *#split({ input, operator, partitions, runsEach }: Split): Steps<TaskId[]> {
    const inputs = yield* this.expand(input);
    const cuts = runsEach === null ? [inputs] : inputs.map((own) => [own]);
    const splitCount = runsEach ?? partitions;
    const ids: TaskId[] = [];
    for (const own of cuts) {
      const runs = yield* this.#tasksOf(new Array(splitCount).keys(), (partition) => ({
        kind: "split",
        id: this.tasks.length,
        operator,
        partition,
        inputs: own,
        splitCount,
      }));
      for (const run of runs) ids.push(run);
    }
    return ids;
  }

  *#apply(plan: Apply): Steps<TaskId[]> {
    const inputs: (readonly TaskId[])[] = [];
    for (const input of plan.inputs) inputs.push(yield* this.expand(input));
    const [first = [], ...others] = inputs;
    const broadcast = others.map((partitions) => at(partitions, 0));
    const windows = yield* this.#windowsOf(plan);
    const { operation, operator, placement, inputNames } = plan;
    const siblings: TaskId[] = [];
    return yield* this.#tasksOf(
      first,
      (input, partition) =>
        this.#operation(
          operation.kind === "numberRows" ? { ...operation, partition } : operation,
          [input, ...broadcast],
          { operator, placement, partition, siblings, inputNames, windows },
        ),
      siblings,
    );
  }

  *#windowsOf({ windowsOf }: Apply): Steps<OperationTask["windows"]> {
    if (windowsOf === undefined) return null;
    if (windowsOf.kind === "heldWindows") {
      const { ranges, columns, rowBound } = windowsOf;
      return { from: yield* this.expand(ranges), columns, rowBound };
    }
    const windows = this.#windows.get(windowsOf);
    assert(windows !== undefined, "a final aggregate stands above its partial one");
    return windows;
  }

  *#applyPartialAggregate(plan: ApplyPartialAggregate): Steps<TaskId[]> {
    const { operator, placement } = plan;
    const inputs = yield* this.expand(plan.input);
    const ranges = yield* this.#tasksOf(inputs, (input, partition) =>
      this.#operation(plan.range, [input], { operator, placement, partition }),
    );
    const rowBound = plan.rowBound ?? null;
    const windows = { from: ranges, columns: plan.range.columns, rowBound };
    this.#windows.set(plan, windows);
    const siblings: TaskId[] = [];
    return yield* this.#tasksOf(
      inputs,
      (input, partition) =>
        this.#operation(plan.operation, [input], {
          operator,
          placement,
          partition,
          siblings,
          windows,
        }),
      siblings,
    );
  }

  *#exchange(plan: Exchange): Steps<TaskId[]> {
    const { operator, placement, operation } = plan;
    const splitters = plan.splitters === null ? [] : [at(yield* this.expand(plan.splitters), 0)];
    const inputs = yield* this.expand(plan.input);
    const exchanges = yield* this.#tasksOf(inputs, (input, partition) => ({
      kind: "exchange",
      id: this.tasks.length,
      operator,
      partition,
      operation,
      inputs: [input, ...splitters],
      placement,
    }));
    const count = operation.parts * exchanges.length;
    return yield* this.#tasksOf(new Array(count).keys(), (partition) => ({
      kind: "piece",
      id: this.tasks.length,
      operator,
      partition,
      exchange: at(exchanges, partition % exchanges.length),
      part: Math.floor(partition / exchanges.length),
    }));
  }

  /** A task for each item, whose id is the next one. */
  *#tasksOf<T>(
    items: Iterable<T>,
    taskOf: (item: T, partition: number) => Task,
    ids: TaskId[] = [],
  ): Steps<TaskId[]> {
    for (const item of items) {
      ids.push(this.#add(taskOf(item, ids.length)));
      if (ids.length % ITEMS_A_STEP === 0) yield;
    }
    return ids;
  }

  #operation(
    operation: Operation,
    inputs: readonly TaskId[],
    rest: { operator: string; placement: Placement } & Partial<OperationTask>,
  ): OperationTask {
    return {
      kind: "operation",
      id: this.tasks.length,
      operation,
      inputs,
      partition: 0,
      siblings: [],
      inputNames: [],
      windows: null,
      ...rest,
    };
  }

  #add(task: Task): TaskId {
    this.tasks.push(task);
    return task.id;
  }
}
