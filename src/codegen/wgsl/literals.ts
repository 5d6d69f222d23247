// What a program's shader must not contain: the values that a user wrote and what depends on dictionaries. They travel
// in one storage buffer of u32 words (kernels/evaluate/literals.wesl reads it):
//
//   slot s = words 2s, 2s + 1     a constant: its bits (low, high), or of 128 bits: the word where they start
//                                 a table or a set: the word where it starts, and how many values it has
//   then the words of tables and sets
//
// Slots are numbered constants, tables, sets, tables of routines; the shader knows only slot numbers.

import { assertNever } from "../../base/index.ts";
import { DECIMAL_WORDS, writeDecimal } from "../../column/index.ts";
import type { ResolvedProgram, RoutineTable } from "../../ir/index.ts";
import { routineTables } from "./routine.ts";

export interface LiteralSlots {
  constant(index: number): number;
  table(index: number): number;
  set(index: number): number;
  /** By the name of a table of a routine that the program calls. */
  routineTable(name: string): number;
  /** Offsets of arrays that the host places elsewhere follow: see RenderedStage.arena. */
  readonly count: number;
}

export function literalSlots(program: ResolvedProgram): LiteralSlots {
  const { constants, tables, sets } = program;
  const ofRoutines = routineTables(program).map(({ name }) => name);
  const own = constants.length + tables.length + sets.length;
  return {
    constant: (index) => index,
    table: (index) => constants.length + index,
    set: (index) => constants.length + tables.length + index,
    routineTable: (name) => own + ofRoutines.indexOf(name),
    count: own + ofRoutines.length,
  };
}

/** `extra`: the first words of further slots, after the program's own. */
export function packLiterals(program: ResolvedProgram, extra: readonly number[] = []): Uint32Array {
  const slots: [number, number][] = [];
  const arrays: Uint32Array[] = [];
  let end = 2 * (literalSlots(program).count + extra.length);
  const place = (words: Uint32Array, length: number) => {
    slots.push([end, length]);
    arrays.push(words);
    end += words.length;
  };
  for (const constant of program.constants) {
    if (constant.lane === "i128") place(words128(constant.value), 1);
    else slots.push(constantWords(constant));
  }
  for (const table of program.tables) place(table.words, table.length);
  for (const set of program.sets) place(setWords(set), set.values.length);
  for (const table of routineTables(program)) place(tableWords(table), table.values.length);
  for (const first of extra) slots.push([first, 0]);
  const packed = new Uint32Array(end);
  for (const [slot, words] of slots.entries()) packed.set(words, 2 * slot);
  let next = 2 * slots.length;
  for (const words of arrays) {
    packed.set(words, next);
    next += words.length;
  }
  return packed;
}

function tableWords({ lane, values }: RoutineTable): Uint32Array {
  if (lane === "u32") return Uint32Array.from(values, Number);
  return new Uint32Array(BigUint64Array.from(values).buffer);
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchWords = (): [number, number] => [
  scratch.getUint32(0, true),
  scratch.getUint32(4, true),
];

type ShortConstant = Exclude<ResolvedProgram["constants"][number], { readonly lane: "i128" }>;

function constantWords(constant: ShortConstant): [number, number] {
  switch (constant.lane) {
    case "bool":
      return [constant.value ? 1 : 0, 0];
    case "i32":
    case "u32":
      return [constant.value >>> 0, 0];
    case "f32":
      scratch.setFloat32(0, constant.value, true);
      return [scratch.getUint32(0, true), 0];
    case "f64":
      scratch.setFloat64(0, constant.value, true);
      return scratchWords();
    case "i64":
    case "u64":
      scratch.setBigUint64(0, BigInt.asUintN(64, constant.value), true);
      return scratchWords();
    default:
      return assertNever(constant);
  }
}

function words128(value: bigint): Uint32Array {
  const words = new Uint32Array(DECIMAL_WORDS);
  writeDecimal(words, 0, value);
  return words;
}

/** The values in order-preserving form, ascending: the shader searches by halves. */
function setWords(set: ResolvedProgram["sets"][number]): Uint32Array {
  switch (set.lane) {
    case "u32":
      return Uint32Array.from(set.values).sort();
    case "i32":
      return Uint32Array.from(set.values, (value) => value ^ 0x80000000).sort();
    case "f32":
      return Uint32Array.from(set.values, (value) => {
        const [bits] = constantWords({ lane: "f32", value: canonical(value) });
        return bits & 0x80000000 ? ~bits : bits | 0x80000000;
      }).sort();
    case "i64":
    case "u64":
    case "f64":
      return new Uint32Array(BigUint64Array.from(set.values, orderForm64(set.lane)).sort().buffer);
    case "i128": {
      const words = new Uint32Array(DECIMAL_WORDS * set.values.length);
      const ascending = [...set.values].sort((a, b) => (a < b ? -1 : Number(a > b)));
      for (const [index, value] of ascending.entries()) {
        writeDecimal(words, index, value ^ (1n << 127n));
      }
      return words;
    }
    default:
      return assertNever(set);
  }
}

const SIGN = 1n << 63n;

function orderForm64(lane: "i64" | "u64" | "f64"): (value: number | bigint) => bigint {
  if (lane === "u64") return (value) => BigInt(value);
  if (lane === "i64") return (value) => BigInt.asUintN(64, BigInt(value)) ^ SIGN;
  return (value) => {
    scratch.setFloat64(0, canonical(Number(value)), true);
    const bits = scratch.getBigUint64(0, true);
    return bits & SIGN ? BigInt.asUintN(64, ~bits) : bits | SIGN;
  };
}

/** One zero; JavaScript's NaN has the canonical bits. */
function canonical(value: number): number {
  return value === 0 ? 0 : value;
}
