// A program without strings: what a Program becomes once the dictionaries of its string columns are known. Strings are
// u32 codes, and everything that depends on their text has been computed once per distinct value into a table that
// rows look up by code. Engines that run batches (GPU, addon) take this form; see codegen/strings.

import type { Constant, Instruction, Program, ProgramOutput, ValueSet } from "./program.ts";

/** Instructions on strings; a resolved program has none of them, and no other instruction of lane string. */
type StringInstruction = {
  readonly op:
    | "stringPredicate"
    | "regexMatches"
    | "textMap"
    | "textExists"
    | "textLength"
    | "textConcat"
    | "parse"
    | "parseFits"
    | "format";
};

/** `load` of a string column has lane u32 and gives codes. */
export type ResolvedInstruction = Exclude<Instruction, StringInstruction>;

export interface ResolvedProgram
  extends Omit<Program, "instructions" | "constants" | "sets" | "outputs"> {
  readonly instructions: readonly ResolvedInstruction[];
  readonly constants: readonly Exclude<Constant, { lane: "string" }>[];
  readonly sets: readonly Exclude<ValueSet, { lane: "string" }>[];
  /** An output of dtype string is a value of lane u32: codes of its output dictionary. */
  readonly outputs: readonly ProgramOutput[];
}
