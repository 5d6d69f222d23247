// What finished tasks of a node say of the sizes of those that are not done: how many rows pass a filter, how many groups there
// are, how wide a row is. Estimates look at no data, and are wrong by as much as ten times.

import { at } from "../base/index.ts";
import type { DataSize } from "../physical/index.ts";
import { nodesOf } from "./plan_nodes.ts";
import type { Task, TaskId } from "./task.ts";

/** Of the finished tasks of a node. */
interface Sums {
  readonly found: { rows: number; bytes: number };
  readonly estimated: { rows: number; bytes: number };
}

export class LearnedSizes {
  readonly #tasks: readonly Task[];
  #nodes: Int32Array | null = null;
  readonly #sums = new Map<number, Sums>();
  /** Ended since the last update. */
  readonly #ended: TaskId[] = [];

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
  }

  ended(task: TaskId): void {
    this.#ended.push(task);
  }

  /** `sizeOf`: known, for what has ended; `estimate`: from its inputs. False: nothing has ended. */
  update(sizeOf: (task: TaskId) => DataSize, estimate: (task: TaskId) => DataSize): boolean {
    for (const task of this.#ended) {
      const node = this.#nodeOf(task);
      const sums = this.#sums.get(node) ?? {
        found: { rows: 0, bytes: 0 },
        estimated: { rows: 0, bytes: 0 },
      };
      this.#sums.set(node, sums);
      add(sums.found, sizeOf(task));
      add(sums.estimated, estimate(task));
    }
    return this.#ended.splice(0).length > 0;
  }

  corrected(task: TaskId, { rows, bytes }: DataSize): DataSize {
    const sums = this.#sums.get(this.#nodeOf(task));
    if (sums === undefined) return { rows, bytes };
    const { found, estimated } = sums;
    return {
      rows: estimated.rows > 0 ? (rows * found.rows) / estimated.rows : rows,
      bytes: estimated.bytes > 0 ? (bytes * found.bytes) / estimated.bytes : bytes,
    };
  }

  #nodeOf(task: TaskId): number {
    this.#nodes ??= nodesOf(this.#tasks);
    return at(this.#nodes, task);
  }
}

function add(sum: { rows: number; bytes: number }, { rows, bytes }: DataSize): void {
  sum.rows += rows;
  sum.bytes += bytes;
}
