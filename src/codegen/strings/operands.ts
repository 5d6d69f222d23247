// Instructions with their value numbers rewritten.

import { assertNever } from "../../base/index.ts";
import type { Check, Instruction, ResolvedInstruction, ValueId } from "../../ir/index.ts";

type Checked = Extract<ResolvedInstruction, { readonly check: Check | null }>;
type Numbered = (value: ValueId) => ValueId;

/** The instruction over other numbers for the same values; for those that a resolved program may hold as they are. */
export function renumber(instruction: ResolvedInstruction, number: Numbered): ResolvedInstruction {
  if ("check" in instruction) return renumberChecked(instruction, number);
  switch (instruction.op) {
    case "load":
    case "loadValidity":
    case "constant":
      return instruction;
    case "select": {
      const { condition, a, b } = instruction;
      return { ...instruction, condition: number(condition), a: number(a), b: number(b) };
    }
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "and":
    case "or":
    case "xor":
    case "quotient":
    case "roundedProduct":
      return { ...instruction, a: number(instruction.a), b: number(instruction.b) };
    case "call": {
      const a = number(instruction.a);
      return "b" in instruction
        ? { ...instruction, a, b: number(instruction.b) }
        : { ...instruction, a };
    }
    case "not":
    case "isNan":
    case "isFinite":
    case "convert":
    case "fits":
    case "inSet":
    case "rank":
    case "lookup":
      return { ...instruction, a: number(instruction.a) };
    default:
      return assertNever(instruction);
  }
}

function renumberChecked(instruction: Checked, number: Numbered): Checked {
  if (instruction.op === "require") {
    const check = renumberCheck(instruction.check, number);
    return { ...instruction, condition: number(instruction.condition), check };
  }
  const check = instruction.check && renumberCheck(instruction.check, number);
  const a = number(instruction.a);
  return "b" in instruction
    ? { ...instruction, a, b: number(instruction.b), check }
    : { ...instruction, a, check };
}

function renumberCheck(check: Check, number: Numbered): Check {
  return { site: check.site, guard: check.guard === null ? null : number(check.guard) };
}

/** Whether the instruction gives a string or takes one. */
export function touchesStrings(instruction: Instruction): boolean {
  switch (instruction.op) {
    case "stringPredicate":
    case "regexMatches":
    case "textMap":
    case "textExists":
    case "textLength":
    case "textConcat":
    case "parse":
    case "parseFits":
    case "format":
      return true;
    case "eq":
    case "ne":
    case "lt":
    case "le":
    case "inSet":
      return instruction.of === "string";
    default:
      return instruction.lane === "string";
  }
}
