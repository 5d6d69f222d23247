// A resolved program as the addon's vector interpreter takes it: flat code of eight int32 an instruction,
//
//   operation, lane, target slot, operand, operand, operand, guard slot or -1, site or -1
//
// An operand is a slot, or the number of a column, constant, set, table or lane. Two pieces of code: `predicate` computes
// nothing but the rows to keep; `code` computes the outputs of those rows. Values that both need are computed twice:
// they are mostly loads, and the second time only the kept rows are.

import { at, mapped, type Steps } from "../../base/index.ts";
import type { ResolvedInstruction, ResolvedProgram, ValueId } from "../../ir/index.ts";
import { constantBytes, setArray } from "./constants.ts";
import { dependenciesOf, operandsOf } from "./instruction.ts";
import { laneCode, opcodeOf, ROW_NUMBER } from "./opcodes.ts";
import { SlotAllocator } from "./slots.ts";
import { fixedStorage, STORAGE } from "./storage.ts";

export interface CpuProgram {
  readonly predicate: { readonly code: Int32Array; readonly slot: number } | null;
  readonly code: Int32Array;
  readonly slots: number;
  /** Sixteen little-endian bytes a constant. */
  readonly constants: Uint8Array;
  readonly sets: readonly CpuSet[];
  readonly tables: readonly CpuTable[];
  /** Three numbers an output: storage, slot, validity slot or -1. */
  readonly outputs: Int32Array;
  /** The columns that `code` or the predicate load, ascending. */
  readonly columns: readonly number[];
}
export type CpuSet = ReturnType<typeof setArray>;
export interface CpuTable {
  readonly words: Uint32Array;
  readonly length: number;
}

/** Instructions a step. */
const A_STEP = 64;

export interface CompileOptions {
  /** One more output, of storage u32: the number of each kept row. */
  readonly rowNumbers?: boolean;
}

export function* compileProgram(
  program: ResolvedProgram,
  { rowNumbers = false }: CompileOptions = {},
): Steps<CpuProgram> {
  const { instructions, outputs } = program;
  const predicateRoots = program.predicate === null ? [] : [program.predicate];
  const predicateOrder = yield* reachable(instructions, predicateRoots);
  const checked = new Set(yield* checkedValues(instructions));
  // A check counts although nobody reads its value; one that the predicate needs has been made there, for every row.
  for (const id of predicateOrder) checked.delete(id);
  const order = yield* reachable(instructions, [
    ...outputs.flatMap(({ value, validity }) => (validity === null ? [value] : [value, validity])),
    ...checked,
  ]);
  const slots = new SlotAllocator();
  const columns = new Set<number>();
  function* encode(values: readonly ValueId[], pinned: ReadonlySet<ValueId>): Steps<Int32Array> {
    yield* slots.allocate(instructions, values, pinned);
    return yield* encodeCode(instructions, values, slots, columns);
  }
  const predicate =
    program.predicate === null
      ? null
      : {
          code: yield* encode(predicateOrder, new Set(predicateRoots)),
          slot: slots.slotOf(program.predicate),
        };
  yield;
  const outputValues = outputs.flatMap(({ value, validity }) => [value, validity ?? value]);
  const code = yield* encode(order, new Set(outputValues));
  const outputForms: number[] = [];
  for (const [index, { dtype, value, validity }] of outputs.entries()) {
    const validitySlot = validity === null ? -1 : slots.slotOf(validity);
    outputForms.push(fixedStorage(dtype), slots.slotOf(value), validitySlot);
    if (index % A_STEP === 0) yield;
  }
  if (rowNumbers) outputForms.push(STORAGE.u32, slots.count, -1);
  return {
    predicate,
    code: rowNumbers ? withRowNumbers(code, slots.count) : code,
    slots: slots.count + (rowNumbers ? 1 : 0),
    constants: constantBytes(program.constants),
    sets: yield* mapped(program.sets, setArray),
    tables: program.tables.map(({ words, length }) => ({ words, length })),
    outputs: Int32Array.from(outputForms),
    columns: [...columns].sort((a, b) => a - b),
  };
}

function withRowNumbers(code: Int32Array, slot: number): Int32Array {
  const instruction = [ROW_NUMBER, laneCode("u32"), slot, -1, -1, -1, -1, -1];
  const extended = new Int32Array(code.length + instruction.length);
  extended.set(code);
  extended.set(instruction, code.length);
  return extended;
}

/** Everything that the roots need, in the order of computation. */
function* reachable(
  instructions: readonly ResolvedInstruction[],
  roots: readonly ValueId[],
): Steps<ValueId[]> {
  const needed = new Set<ValueId>(roots);
  const order: ValueId[] = [];
  for (let id = instructions.length - 1; id >= 0; id--) {
    if (id % A_STEP === 0) yield;
    if (!needed.has(id)) continue;
    order.push(id);
    for (const read of dependenciesOf(at(instructions, id))) needed.add(read);
  }
  return order.reverse();
}

function* checkedValues(instructions: readonly ResolvedInstruction[]): Steps<ValueId[]> {
  const checked: ValueId[] = [];
  for (const [id, instruction] of instructions.entries()) {
    if (operandsOf(instruction).check !== null) checked.push(id);
    if (id % A_STEP === 0) yield;
  }
  return checked;
}

function* encodeCode(
  instructions: readonly ResolvedInstruction[],
  order: readonly ValueId[],
  slots: SlotAllocator,
  columns: Set<number>,
): Steps<Int32Array> {
  const code: number[] = [];
  for (const [position, id] of order.entries()) {
    if (position % A_STEP === 0) yield;
    const instruction = at(instructions, id);
    const { lane, reads, extra, check } = operandsOf(instruction);
    if (instruction.op === "load" || instruction.op === "loadValidity") {
      columns.add(instruction.column);
    }
    const operands = reads.map((read) => slots.slotOf(read));
    if (extra !== null) operands.push(typeof extra === "number" ? extra : laneCode(extra));
    const [a = -1, b = -1, c = -1] = operands;
    const guard = check?.guard == null ? -1 : slots.slotOf(check.guard);
    const target = slots.slotOf(id);
    code.push(opcodeOf(instruction.op), laneCode(lane), target, a, b, c, guard, check?.site ?? -1);
  }
  return Int32Array.from(code);
}
