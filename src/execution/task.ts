// Tasks are data: what to do to which partitions. A task gives one partition. Its inputs have smaller ids, and ids grow
// along the partitions of one plan node, so "the failing task with the smallest id" is the same failure on every run.

import { assertNever, at, ITEMS_A_STEP, type Steps } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { CsvSource } from "../io/index.ts";
import type { ExchangeOperation, Held, Operation, Placement } from "../physical/index.ts";

export type TaskId = number;

interface TaskBase {
  readonly id: TaskId;
  readonly operator: string;
  readonly partition: number;
}

export interface BatchTask extends TaskBase {
  readonly kind: "batch";
  readonly batch: Batch;
}

export interface CsvTask extends TaskBase {
  readonly kind: "csv";
  readonly source: CsvSource;
  readonly columns: readonly string[];
  readonly limit: number | null;
  readonly splitCount: number;
  readonly placement: Placement;
}

export interface OperationTask extends TaskBase {
  readonly kind: "operation";
  readonly operation: Operation;
  readonly inputs: readonly TaskId[];
  readonly placement: Placement;
  /** Names of the first input's columns, for errors. */
  readonly inputNames: readonly string[];
  /** By partition, the tasks of the same node: input rows of those before this one come before its own in row numbers. */
  readonly siblings: readonly TaskId[];
  /** exponentRange tasks from which the operation's exact windows follow, and what their columns are. */
  readonly windows: {
    readonly from: readonly TaskId[];
    readonly columns: readonly number[];
    /** How many rows any window must hold; null: as many as the ranges were measured over. */
    readonly rowBound: number | null;
  } | null;
}

/** Deals rows out on the host. Its pieces are the results of its piece tasks; its own is nothing. */
export interface ExchangeTask extends TaskBase {
  readonly kind: "exchange";
  readonly operation: ExchangeOperation;
  /** Rows, and the splitters of a range. */
  readonly inputs: readonly TaskId[];
  readonly placement: Placement;
}

/** One of the pieces that an exchange has made. */
export interface PieceTask extends TaskBase {
  readonly kind: "piece";
  readonly exchange: TaskId;
  readonly part: number;
}

/** A partition that an earlier stage of the query left. */
export interface HeldTask extends TaskBase {
  readonly kind: "held";
  readonly node: Held;
}

/** Share `partition` of `splitCount` nearly equal ones of the rows of all inputs, on the host. */
export interface SplitTask extends TaskBase {
  readonly kind: "split";
  readonly inputs: readonly TaskId[];
  readonly splitCount: number;
}

/** The partition of `input`, once every check's partition has turned out to be empty. */
export interface GuardTask extends TaskBase {
  readonly kind: "guard";
  readonly input: TaskId;
  readonly checks: readonly { readonly task: TaskId; readonly message: string }[];
}

/** A partition that the session holds already. */
export interface PersistedTask extends TaskBase {
  readonly kind: "persisted";
  readonly handle: string;
  /** Positions of the columns that are read; null: all. */
  readonly columns: readonly number[] | null;
}

export type Task =
  | BatchTask
  | PersistedTask
  | HeldTask
  | GuardTask
  | CsvTask
  | SplitTask
  | ExchangeTask
  | PieceTask
  | OperationTask;

export interface TaskGraph {
  readonly tasks: readonly Task[];
  /** The partitions of the result, in order. */
  readonly outputs: readonly TaskId[];
}

export function taskInputs(task: Task): readonly TaskId[] {
  switch (task.kind) {
    case "batch":
    case "csv":
    case "persisted":
    case "held":
      return [];
    case "split":
    case "exchange":
      return task.inputs;
    case "piece":
      return [task.exchange];
    case "guard":
      return [task.input, ...task.checks.map((check) => check.task)];
    case "operation":
      return task.windows === null ? task.inputs : [...task.inputs, ...task.windows.from];
    default:
      return assertNever(task);
  }
}

/** Tasks in the order of the first output that needs them, then by id: what a task reads has a smaller turn. */
export function* turnsByOutput({ tasks, outputs }: TaskGraph): Steps<Int32Array> {
  const turns = new Int32Array(tasks.length).fill(-1);
  let turn = 0;
  let steps = 0;
  for (const output of outputs) {
    if (++steps % ITEMS_A_STEP === 0) yield;
    const needed: TaskId[] = [];
    const wanted = [output];
    for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
      if (turns[id] !== -1) continue;
      turns[id] = 0;
      needed.push(id);
      for (const input of taskInputs(at(tasks, id))) wanted.push(input);
      if (++steps % ITEMS_A_STEP === 0) yield;
    }
    // Sorted as numbers by the runtime: 30,000 take 1 ms, with a comparison of ours ten.
    for (const id of Int32Array.from(needed).sort()) turns[id] = turn++;
  }
  return turns;
}

/** Does it put together in host memory what several devices may have made? */
export function gathersOnHost(task: Task): boolean {
  if (task.kind === "split" || task.kind === "exchange") return true;
  if (task.kind !== "operation" || task.operation.kind !== "concat") return false;
  return task.placement.devices.length > 1;
}

/** How many rows the task's windows must hold; `rowsIn`: what each task has read. */
export function windowRows(task: Task, rowsIn: Float64Array): number {
  if (task.kind !== "operation" || task.windows === null) return 0;
  const { from, rowBound } = task.windows;
  return rowBound ?? from.reduce((rows, id) => rows + at(rowsIn, id), 0);
}
