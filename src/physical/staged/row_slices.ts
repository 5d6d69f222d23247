// Rows of counted partitions, by their numbers over all of them: each partition gives what it has of them, and the others are
// not read.

import { at } from "../../base/index.ts";
import { applyOperation, type PlanningContext } from "../build.ts";
import { placeOnHost } from "../placement.ts";
import type { Held, PhysicalPlan } from "../plan.ts";
import { pick } from "./parts.ts";
import type { RowWindow } from "./step.ts";

export interface RowSlice {
  readonly plan: PhysicalPlan;
  readonly bytes: number;
}

export class RowSlices {
  readonly #context: PlanningContext;
  readonly #input: Held;
  /** By partition: the number of its first row. */
  readonly #firsts: Float64Array;

  constructor(context: PlanningContext, input: Held) {
    this.#context = context;
    this.#input = input;
    this.#firsts = new Float64Array(input.sizes.length);
    let first = 0;
    for (const [index, { rows }] of input.sizes.entries()) {
      this.#firsts[index] = first;
      first += rows;
    }
  }

  /** In order. At least one, if only an empty one, for its dtypes. */
  of({ offset, length }: RowWindow): readonly RowSlice[] {
    const { sizes } = this.#input;
    const slices: RowSlice[] = [];
    for (let index = this.#partitionOf(offset); index < sizes.length; index++) {
      const first = at(this.#firsts, index);
      if (first >= offset + length) break;
      const start = Math.max(offset, first) - first;
      const count = Math.min(offset + length - first, at(sizes, index).rows) - start;
      if (count > 0) slices.push(this.#slice(index, { offset: start, length: count }));
    }
    if (slices.length > 0) return slices;
    return [this.#slice(sizes.length - 1, { offset: 0, length: 0 })];
  }

  /** The last one whose first row is not behind that one. */
  #partitionOf(row: number): number {
    let [low, high] = [0, this.#firsts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (at(this.#firsts, middle) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #slice(index: number, { offset, length }: RowWindow): RowSlice {
    const { rows, bytes } = at(this.#input.sizes, index);
    const own = pick(this.#input, [index]);
    if (length === rows) return { plan: own, bytes };
    const operation = { kind: "slice" as const, offset, length };
    const { schema, operator } = own;
    const plan = {
      ...applyOperation(this.#context, operation, [own], schema, operator),
      placement: { ...placeOnHost(this.#context.policy), reason: "the rows are in host memory" },
    };
    return { plan, bytes: bytes * (length / Math.max(1, rows)) };
  }
}
