// A resolved program as the addon's vector interpreter takes it: flat code of eight int32 an instruction,
//
//   operation, lane, target slot, operand, operand, operand, guard slot or -1, site or -1
//
// An operand is a slot, or the number of a column, constant, set, table or lane. Two pieces of code: `predicate` computes
// nothing but the rows to keep; `code` computes the outputs of those rows. Values that both need are computed twice:
// they are mostly loads, and the second time only the kept rows are.

import { at } from "../../base/index.ts";
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

export interface CompileOptions {
  /** One more output, of storage u32: the number of each kept row. */
  readonly rowNumbers?: boolean;
}

export function compileProgram(
  program: ResolvedProgram,
  { rowNumbers = false }: CompileOptions = {},
): CpuProgram {
  const { instructions, outputs } = program;
  const predicateRoots = program.predicate === null ? [] : [program.predicate];
  const predicateOrder = reachable(instructions, predicateRoots);
  const order = reachable(instructions, [
    ...outputs.flatMap(({ value, validity }) => (validity === null ? [value] : [value, validity])),
    // A check counts although nobody reads its value; one that the predicate needs has been made there, for every row.
    ...checkedValues(instructions).filter((id) => !predicateOrder.includes(id)),
  ]);
  const slots = new SlotAllocator();
  const columns = new Set<number>();
  const encode = (values: readonly ValueId[], pinned: ReadonlySet<ValueId>): Int32Array => {
    slots.allocate(instructions, values, pinned);
    return encodeCode(instructions, values, slots, columns);
  };
  const predicate =
    program.predicate === null
      ? null
      : {
          code: encode(predicateOrder, new Set(predicateRoots)),
          slot: slots.slotOf(program.predicate),
        };
  const outputValues = outputs.flatMap(({ value, validity }) => [value, validity ?? value]);
  const code = encode(order, new Set(outputValues));
  return {
    predicate,
    code: rowNumbers ? Int32Array.of(...code, ...rowNumberCode(slots.count)) : code,
    slots: slots.count + (rowNumbers ? 1 : 0),
    constants: constantBytes(program.constants),
    sets: program.sets.map(setArray),
    tables: program.tables.map(({ words, length }) => ({ words, length })),
    outputs: Int32Array.from([
      ...outputs.flatMap(({ dtype, value, validity }) => [
        fixedStorage(dtype),
        slots.slotOf(value),
        validity === null ? -1 : slots.slotOf(validity),
      ]),
      ...(rowNumbers ? [STORAGE.u32, slots.count, -1] : []),
    ]),
    columns: [...columns].sort((a, b) => a - b),
  };
}

const rowNumberCode = (slot: number) => [ROW_NUMBER, laneCode("u32"), slot, -1, -1, -1, -1, -1];

/** Everything that the roots need, in the order of computation. */
function reachable(
  instructions: readonly ResolvedInstruction[],
  roots: readonly ValueId[],
): ValueId[] {
  const needed = new Set<ValueId>(roots);
  const order: ValueId[] = [];
  for (let id = instructions.length - 1; id >= 0; id--) {
    if (!needed.has(id)) continue;
    order.push(id);
    for (const read of dependenciesOf(at(instructions, id))) needed.add(read);
  }
  return order.reverse();
}

function checkedValues(instructions: readonly ResolvedInstruction[]): ValueId[] {
  return [...instructions.entries()]
    .filter(([, instruction]) => operandsOf(instruction).check !== null)
    .map(([id]) => id);
}

function encodeCode(
  instructions: readonly ResolvedInstruction[],
  order: readonly ValueId[],
  slots: SlotAllocator,
  columns: Set<number>,
): Int32Array {
  const code: number[] = [];
  for (const id of order) {
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
