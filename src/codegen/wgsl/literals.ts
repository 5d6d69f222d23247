// What a program's shader must not contain: the values that a user wrote and what depends on dictionaries. They travel
// in one storage buffer of u32 words (kernels/evaluate/literals.wesl reads it):
//
//   slot s = words 2s, 2s + 1     a constant: its bits (low, high), or of 128 bits: the word where they start
//                                 a table or a set: the word where it starts, and how many values it has
//   then the words of tables and sets
//
// Slots are numbered constants, tables, sets, tables of routines; the shader knows only slot numbers.

import { assertNever, at, ITEMS_A_STEP, inSlices, type Steps } from "../../base/index.ts";
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

/** `sets`: of packSets. `extra`: the first words of further slots, after the program's own. */
export function packLiterals(
  program: ResolvedProgram,
  sets: readonly Uint32Array[],
  extra: readonly number[] = [],
): Uint32Array {
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
  for (const [index, set] of program.sets.entries()) place(at(sets, index), set.values.length);
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

type ShortSet = Exclude<ResolvedProgram["sets"][number], { readonly lane: "i128" }>;

const ofSet = new WeakMap<ResolvedProgram["sets"][number], Promise<Uint32Array>>();

/** For packLiterals: the program's sets as words. Made once a set, in slices of the event loop's time. */
export function packSets({ sets }: ResolvedProgram): Promise<Uint32Array[]> {
  return Promise.all(
    sets.map((set) => {
      const words = ofSet.get(set) ?? inSlices(setWords(set));
      ofSet.set(set, words);
      return words;
    }),
  );
}

/** The values in order-preserving form, ascending as they are: the shader searches by halves. */
function* setWords(set: ResolvedProgram["sets"][number]): Steps<Uint32Array> {
  const wordsEach = set.lane === "i128" ? DECIMAL_WORDS : set.lane.endsWith("64") ? 2 : 1;
  const words = new Uint32Array(wordsEach * set.values.length);
  for (const [index, value] of set.values.entries()) {
    if (set.lane === "i128") writeDecimal(words, index, BigInt(value) ^ (1n << 127n));
    else words.set(orderForm(set.lane, value).slice(0, wordsEach), wordsEach * index);
    if (index % ITEMS_A_STEP === 0) yield;
  }
  return words;
}

/** Words, low and high, that ascend as unsigned integers where the values do. */
function orderForm(lane: ShortSet["lane"], value: number | bigint): [number, number] {
  switch (lane) {
    case "u32":
      return [Number(value), 0];
    case "i32":
      return [Number(value) ^ SIGN, 0];
    case "u64":
      return constantWords({ lane, value: BigInt(value) });
    case "i64": {
      const [low, high] = constantWords({ lane, value: BigInt(value) });
      return [low, high ^ SIGN];
    }
    case "f32": {
      const [bits] = constantWords({ lane, value: canonical(Number(value)) });
      return [bits & SIGN ? ~bits : bits | SIGN, 0];
    }
    case "f64": {
      const [low, high] = constantWords({ lane, value: canonical(Number(value)) });
      return high & SIGN ? [~low, ~high] : [low, high | SIGN];
    }
    default:
      return assertNever(lane);
  }
}

const SIGN = 0x80000000;

/** One zero; JavaScript's NaN has the canonical bits. */
function canonical(value: number): number {
  return value === 0 ? 0 : value;
}
