// Register allocation: SSA values to slots of the interpreter's arena. Linear scan over straight-line code: a slot is
// free again after the last instruction that reads its value, so that a vector's working set stays in the L1/L2 cache.
//
// Constants keep a slot of their own, filled once per thread. Values that are outputs do too: the interpreter points
// their slots straight into the result's memory.

import { assert, at, type Steps } from "../../base/index.ts";
import type { ResolvedInstruction, ValueId } from "../../ir/index.ts";
import { dependenciesOf } from "./instruction.ts";

/** Instructions a step. */
const A_STEP = 64;

export class SlotAllocator {
  readonly #slots = new Map<ValueId, number>();
  readonly #keptSlots = new Map<ValueId, number>();
  readonly #free: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  slotOf(value: ValueId): number {
    const slot = this.#slots.get(value);
    assert(slot !== undefined, `value ${value} has a slot`);
    return slot;
  }

  /**
   * Gives a slot to every value of `order` (ascending ids). `pinned` values never share theirs. Slots of an earlier call
   * are reused, except pinned ones and constants, which keep both slot and content.
   */
  *allocate(
    instructions: readonly ResolvedInstruction[],
    order: readonly ValueId[],
    pinned: ReadonlySet<ValueId>,
  ): Steps<void> {
    const lastRead = new Map<ValueId, number>();
    for (const [position, id] of order.entries()) {
      if (position % A_STEP === 0) yield;
      lastRead.set(id, position); // a value that nobody reads is free right after it was made
      for (const read of dependenciesOf(at(instructions, id))) lastRead.set(read, position);
    }
    const isKept = (id: ValueId) => pinned.has(id) || at(instructions, id).op === "constant";
    const expiring = new Map<number, ValueId[]>();
    for (const [id, position] of lastRead) {
      if (id % A_STEP === 0) yield;
      if (!isKept(id)) expiring.set(position, [...(expiring.get(position) ?? []), id]);
    }
    for (const [position, id] of order.entries()) {
      if (position % A_STEP === 0) yield;
      if (isKept(id)) {
        this.#slots.set(id, this.#keptSlot(id));
      } else {
        // Taken before the operands are freed: an instruction never writes what it reads.
        this.#slots.set(id, this.#free.pop() ?? this.#count++);
      }
      for (const dead of expiring.get(position) ?? []) this.#free.push(this.slotOf(dead));
    }
  }

  #keptSlot(value: ValueId): number {
    const slot = this.#keptSlots.get(value) ?? this.#count++;
    this.#keptSlots.set(value, slot);
    return slot;
  }
}
