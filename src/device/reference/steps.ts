// One instruction as a closure over the registers of a row.

import { assertNever, at } from "../../base/index.ts";
import type { Check, Instruction, LookupTable, Program, ValueSet } from "../../ir/index.ts";
import { applyText, matchesRegex } from "../../text/index.ts";
import { arithmetic, convert, fits, quotient, roundedProduct, unary } from "./arithmetic.ts";
import { matchesLike } from "./like.ts";
import { routineFunction } from "./routine.ts";
import { formatValue, parseValue } from "./text.ts";
import { canonical, compareKeys, keyText, type Scalar, type Value } from "./values.ts";

/** Computes one value of a row from the row's earlier values; calls `fail` where a check fails. */
export type Step = (registers: Scalar[], row: number, fail: (check: Check) => void) => Scalar;

type Op = Instruction["op"];
/** The members of Instruction that can have the operation. */
type Of<O extends Op, I = Instruction> = I extends { readonly op: infer P }
  ? O extends P
    ? I
    : never
  : never;

const get = (registers: Scalar[], id: number) => registers[id] as Scalar;

export function compileStep(
  instruction: Instruction,
  program: Program,
  columnValues: (column: number) => Value[],
): Step {
  switch (instruction.op) {
    case "load":
    case "loadValidity":
      return loadStep(instruction, columnValues(instruction.column));
    case "constant":
      return constantStep(instruction, program);
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return unaryStep(instruction);
    case "eq":
    case "ne":
    case "lt":
    case "le":
      return compareStep(instruction);
    case "and":
    case "or":
    case "xor":
    case "not":
    case "isNan":
    case "isFinite":
    case "select":
      return logicStep(instruction);
    case "convert":
    case "fits":
    case "require":
    case "quotient":
    case "roundedProduct":
      return convertStep(instruction);
    case "call":
      return callStep(instruction);
    case "inSet":
    case "stringPredicate":
      return memberStep(instruction, program);
    case "regexMatches":
    case "textMap":
    case "textExists":
    case "textLength":
    case "textConcat":
      return functionStep(instruction);
    case "rank":
    case "lookup":
      return tableStep(instruction, program);
    case "parse":
    case "parseFits":
    case "format":
      return textStep(instruction);
    default:
      return arithmeticStep(instruction);
  }
}

function loadStep(instruction: Of<"load" | "loadValidity">, values: readonly Value[]): Step {
  if (instruction.op === "loadValidity") return (_, row) => values[row] !== null;
  const underNull = zeroOf(instruction.lane);
  return (_, row) => (values[row] ?? underNull) as Scalar;
}

function constantStep({ constant }: Of<"constant">, program: Program): Step {
  const { lane, value } = at(program.constants, constant);
  const scalar = lane === "i32" || lane === "u32" ? BigInt(value) : value;
  return () => scalar;
}

function unaryStep({ op, lane, a, check }: Of<"neg">): Step {
  return (registers, _, fail) => {
    const { value, failed } = unary(op, lane, get(registers, a));
    if (failed && check !== null) fail(check);
    return value;
  };
}

function arithmeticStep({ op, lane, a, b, check }: Of<"add">): Step {
  return (registers, _, fail) => {
    const { value, failed } = arithmetic(op, lane, get(registers, a), get(registers, b));
    if (failed && check !== null) fail(check);
    return value;
  };
}

function compareStep({ op, a, b }: Of<"eq">): Step {
  return (registers) => {
    const order = compareKeys(get(registers, a), get(registers, b));
    return { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0 }[op];
  };
}

function logicStep(instruction: Of<"and"> | Of<"not"> | Of<"isNan"> | Of<"select">): Step {
  const { op, a } = instruction;
  switch (op) {
    case "not":
      return (registers) => get(registers, a) !== true;
    case "isNan":
      return (registers) => Number.isNaN(get(registers, a));
    case "isFinite":
      return (registers) => Number.isFinite(get(registers, a));
    case "select": {
      const { condition, b } = instruction;
      return (registers) => get(registers, get(registers, condition) === true ? a : b);
    }
    case "and":
      return (registers) => get(registers, a) === true && get(registers, instruction.b) === true;
    case "or":
      return (registers) => get(registers, a) === true || get(registers, instruction.b) === true;
    case "xor":
      return (registers) => get(registers, a) !== get(registers, instruction.b);
    default:
      return assertNever(op);
  }
}

function convertStep(
  instruction: Of<"convert" | "fits" | "require" | "quotient" | "roundedProduct">,
): Step {
  switch (instruction.op) {
    case "convert": {
      const { from, lane, a } = instruction;
      return (registers) => convert(from, lane, get(registers, a));
    }
    case "fits":
      return (registers) => fits(instruction.to, get(registers, instruction.a));
    case "require": {
      const { condition, check } = instruction;
      return (registers, _, fail) => {
        if (get(registers, condition) !== true) fail(check);
        return get(registers, condition);
      };
    }
    case "quotient": {
      const { lane, of, a, b } = instruction;
      return (registers) =>
        quotient(lane, of, get(registers, a) as bigint, get(registers, b) as bigint);
    }
    case "roundedProduct": {
      const { a, b } = instruction;
      return (registers) =>
        roundedProduct(get(registers, a) as number, get(registers, b) as bigint);
    }
    default:
      return assertNever(instruction);
  }
}

function callStep(instruction: Extract<Instruction, { op: "call" }>): Step {
  const call = routineFunction(instruction.routine);
  const operands = "b" in instruction ? [instruction.a, instruction.b] : [instruction.a];
  return (registers) => call(operands.map((operand) => get(registers, operand) as number));
}

function memberStep(instruction: Of<"inSet"> | Of<"stringPredicate">, program: Program): Step {
  if (instruction.op === "inSet") {
    const members = memberTexts(at(program.sets, instruction.set));
    return (registers) => members.has(keyText([get(registers, instruction.a)]));
  }
  const { predicate, a, pattern } = instruction;
  const test = stringTest(predicate, at(program.constants, pattern).value as string);
  return (registers) => test(get(registers, a) as string);
}

function functionStep(
  instruction: Of<"regexMatches" | "textMap" | "textExists" | "textLength" | "textConcat">,
): Step {
  const text = (registers: Scalar[], id = instruction.a) => get(registers, id) as string;
  switch (instruction.op) {
    case "regexMatches":
      return (registers) => matchesRegex(instruction.pattern, text(registers));
    case "textMap":
      return (registers) => applyText(instruction.function, text(registers)) ?? "";
    case "textExists":
      return (registers) => applyText(instruction.function, text(registers)) !== null;
    case "textLength":
      return (registers) =>
        BigInt(
          instruction.unit === "byte"
            ? Buffer.byteLength(text(registers))
            : [...text(registers)].length,
        );
    case "textConcat":
      return (registers) => text(registers) + text(registers, instruction.b);
    default:
      return assertNever(instruction);
  }
}

function tableStep(instruction: Of<"rank"> | Of<"lookup">, program: Program): Step {
  if (instruction.op === "rank") {
    const values = at(program.sets, instruction.set).values.map(BigInt);
    return (registers) => {
      const above = values.findIndex((value) => value > (get(registers, instruction.a) as bigint));
      return BigInt(above < 0 ? values.length : above);
    };
  }
  const table = at(program.tables, instruction.table);
  const beyond = zeroOf(instruction.lane);
  return (registers) => {
    const index = Number(get(registers, instruction.a));
    return index < table.length ? tableEntry(table, index) : beyond;
  };
}

function tableEntry({ lane, words }: LookupTable, index: number): Scalar {
  const view = new DataView(words.buffer, words.byteOffset, words.byteLength);
  switch (lane) {
    case "bool":
      return ((at(words, index >> 5) >> (index & 31)) & 1) === 1;
    case "i32":
      return BigInt(view.getInt32(4 * index, true));
    case "u32":
      return BigInt(view.getUint32(4 * index, true));
    case "f32":
      return view.getFloat32(4 * index, true);
    case "i64":
      return view.getBigInt64(8 * index, true);
    case "u64":
      return view.getBigUint64(8 * index, true);
    case "i128":
      return (view.getBigInt64(16 * index + 8, true) << 64n) | view.getBigUint64(16 * index, true);
    case "f64":
      return view.getFloat64(8 * index, true);
    default:
      return assertNever(lane);
  }
}

function textStep(instruction: Of<"parse"> | Of<"parseFits"> | Of<"format">): Step {
  const { op, dtype, lane, a } = instruction;
  if (op === "format")
    return (registers) => formatValue(get(registers, a), dtype, instruction.pattern);
  const parse = (registers: Scalar[]) =>
    parseValue(get(registers, a) as string, dtype, instruction.radix, instruction.pattern);
  return op === "parse"
    ? (registers) => parse(registers) ?? zeroOf(lane)
    : (registers) => parse(registers) !== null;
}

/** Some value of the lane, for where the value is unspecified. */
function zeroOf(lane: Instruction["lane"]): Scalar {
  switch (lane) {
    case "bool":
      return false;
    case "string":
      return "";
    case "f32":
    case "f64":
      return 0;
    default:
      return 0n;
  }
}

function memberTexts(set: ValueSet): Set<string> {
  const integers = set.lane === "i32" || set.lane === "u32";
  const members: Value[] = integers ? set.values.map((value) => BigInt(value)) : [...set.values];
  return new Set(members.map((value) => keyText([canonical(value)])));
}

function stringTest(
  predicate: Extract<Instruction, { op: "stringPredicate" }>["predicate"],
  pattern: string,
): (text: string) => boolean {
  switch (predicate) {
    case "contains":
      return (text) => text.includes(pattern);
    case "startsWith":
      return (text) => text.startsWith(pattern);
    case "endsWith":
      return (text) => text.endsWith(pattern);
    case "like":
      return (text) => matchesLike(text, pattern);
    default:
      return assertNever(predicate);
  }
}
