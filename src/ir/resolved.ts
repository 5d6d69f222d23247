// A program without strings: what a Program becomes once the dictionaries of its string columns are known. Strings are
// u32 codes, and everything that depends on their text has been computed once per distinct value into a table that
// rows look up by code. Engines that run batches (GPU, addon) take this form; see codegen/strings.

import type {
  Constant,
  Instruction,
  Lane,
  NumericLane,
  Program,
  ProgramOutput,
  ValueId,
  ValueSet,
} from "./program.ts";

/** tables[table][a] for the u32 value `a`. Beyond the table's end (a code under a null may be anything): 0 or false. */
export interface LookupInstruction {
  readonly op: "lookup";
  readonly lane: Exclude<Lane, "string">;
  readonly a: ValueId;
  readonly table: number;
}

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
export type ResolvedInstruction = Exclude<Instruction, StringInstruction> | LookupInstruction;

export type LookupTable =
  /** Value k is bit k & 31 of word k >> 5. */
  | { readonly lane: "bool"; readonly length: number; readonly words: Uint32Array }
  /** Value k is its bits: word k, words 2k (low) and 2k + 1, or the four words from 4k on. */
  | { readonly lane: NumericLane; readonly length: number; readonly words: Uint32Array };

export interface ResolvedProgram
  extends Omit<Program, "instructions" | "constants" | "sets" | "outputs"> {
  readonly instructions: readonly ResolvedInstruction[];
  readonly constants: readonly Exclude<Constant, { lane: "string" }>[];
  readonly sets: readonly Exclude<ValueSet, { lane: "string" }>[];
  readonly tables: readonly LookupTable[];
  /** An output of dtype string is a value of lane u32: codes of its output dictionary. */
  readonly outputs: readonly ProgramOutput[];
}
