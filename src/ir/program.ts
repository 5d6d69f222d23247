// The kernel IR: a small typed SSA over the rows of one batch. Instruction k defines value k; arguments are smaller
// numbers. Values are never null: validity is a value of its own (bool), and an instruction must give *some* value,
// without a trap, whatever its arguments hold under a null. Semantics of every operation: README.md of this folder.

import type { DType } from "../dtype/index.ts";
import type { RegexSource, TextFunction } from "../text/index.ts";
import type { BinaryRoutine, UnaryRoutine } from "./routines/index.ts";

/** What a value is in a register. int8/16 widen to i32, uint8/16 to u32 on load, and narrow on store; decimals are i128. */
export type Lane = "bool" | NumericLane | "string";

export type ValueId = number;
/** Index into Program.sites: where in the user's expression a checked operation stands. */
export type SiteId = number;

/** The operation fails at `site` for a row where it cannot give its result and `guard` (bool) is true or absent. */
export interface Check {
  readonly site: SiteId;
  readonly guard: ValueId | null;
}

export type NumericLane = "i32" | "u32" | "i64" | "u64" | "i128" | "f32" | "f64";

export type ArithmeticOp =
  | "add"
  | "sub"
  | "mul"
  | "div" // integers: truncating; floats: IEEE
  | "rem" // sign of the dividend; floats: fmod, exact
  | "floorDiv"
  | "mod" // sign of the divisor
  | "shl"
  | "shr" // arithmetic for signed lanes; counts are taken modulo the lane's width
  | "bitAnd"
  | "bitOr"
  | "bitXor";
export type UnaryOp = "neg" | "abs" | "sqrt" | "floor" | "ceil" | "trunc" | "round";
export type CompareOp = "eq" | "ne" | "lt" | "le";
export type TextUnit = "codePoint" | "byte";
export type StringPredicate = "contains" | "startsWith" | "endsWith" | "like";

export type Instruction =
  | { readonly op: "load"; readonly lane: Lane; readonly column: number }
  | { readonly op: "loadValidity"; readonly lane: "bool"; readonly column: number }
  | { readonly op: "constant"; readonly lane: Lane; readonly constant: number }
  | {
      readonly op: ArithmeticOp;
      readonly lane: NumericLane;
      readonly a: ValueId;
      readonly b: ValueId;
      readonly check: Check | null;
    }
  | {
      readonly op: UnaryOp;
      readonly lane: NumericLane;
      readonly a: ValueId;
      readonly check: Check | null;
    }
  | {
      readonly op: CompareOp;
      readonly lane: "bool";
      readonly of: Lane;
      readonly a: ValueId;
      readonly b: ValueId;
    }
  | {
      readonly op: "and" | "or" | "xor";
      readonly lane: "bool";
      readonly a: ValueId;
      readonly b: ValueId;
    }
  | { readonly op: "not"; readonly lane: "bool"; readonly a: ValueId }
  | {
      readonly op: "isNan" | "isFinite";
      readonly lane: "bool";
      readonly of: "f32" | "f64";
      readonly a: ValueId;
    }
  | {
      readonly op: "select"; // condition ? a : b
      readonly lane: Lane;
      readonly condition: ValueId;
      readonly a: ValueId;
      readonly b: ValueId;
    }
  /** Numeric conversion; see README for rounding. Out of range gives an unspecified value: guard it with `fits`. */
  | { readonly op: "convert"; readonly lane: Lane; readonly from: Lane; readonly a: ValueId }
  /** a / b of integers as one number, rounded once. A zero divisor gives an unspecified value. */
  | {
      readonly op: "quotient";
      readonly lane: "f32" | "f64";
      readonly of: "i128";
      readonly a: ValueId;
      readonly b: ValueId;
    }
  | {
      readonly op: "quotient";
      readonly lane: "f64";
      readonly of: "i64" | "u64";
      readonly a: ValueId;
      readonly b: ValueId;
    }
  /** a * b as one number, rounded once to an integer. NaN, infinite or beyond 128 bits: unspecified. */
  | {
      readonly op: "roundedProduct";
      readonly lane: "i128";
      readonly of: "f64";
      readonly a: ValueId;
      readonly b: ValueId;
    }
  /** A mathematical function of doubles; see README for its accuracy. */
  | {
      readonly op: "call";
      readonly lane: "f64";
      readonly routine: UnaryRoutine;
      readonly a: ValueId;
    }
  | {
      readonly op: "call";
      readonly lane: "f64";
      readonly routine: BinaryRoutine;
      readonly a: ValueId;
      readonly b: ValueId;
    }
  /** Can `convert` from `from` to `to` hold the value (after truncation toward zero)? */
  | {
      readonly op: "fits";
      readonly lane: "bool";
      readonly from: NumericLane;
      readonly to: NarrowLane;
      readonly a: ValueId;
    }
  /** Fails at the site where `condition` is false and the guard true; its value is `condition`. */
  | {
      readonly op: "require";
      readonly lane: "bool";
      readonly condition: ValueId;
      readonly check: Check;
    }
  /** Is the value among the sorted, distinct values of Program.sets[set]? */
  | {
      readonly op: "inSet";
      readonly lane: "bool";
      readonly of: Lane;
      readonly a: ValueId;
      readonly set: number;
    }
  /** How many of the values of Program.sets[set] are not above the value. */
  | {
      readonly op: "rank";
      readonly lane: "u32";
      readonly of: "i64";
      readonly a: ValueId;
      readonly set: number;
    }
  /** tables[table][a] for the u32 value `a`. Beyond the table's end (a code under a null may be anything): 0 or false. */
  | {
      readonly op: "lookup";
      readonly lane: Exclude<Lane, "string">;
      readonly a: ValueId;
      readonly table: number;
    }
  | {
      readonly op: "stringPredicate";
      readonly lane: "bool";
      readonly predicate: StringPredicate;
      readonly a: ValueId;
      /** Index into Program.constants of a string. */
      readonly pattern: number;
    }
  /** Does the regular expression match anywhere in the text? */
  | {
      readonly op: "regexMatches";
      readonly lane: "bool";
      readonly pattern: RegexSource;
      readonly a: ValueId;
    }
  /** Another text (src/text); `textExists` says whether there is one. */
  | {
      readonly op: "textMap";
      readonly lane: "string";
      readonly function: TextFunction;
      readonly a: ValueId;
    }
  | {
      readonly op: "textExists";
      readonly lane: "bool";
      readonly function: TextFunction;
      readonly a: ValueId;
    }
  | {
      readonly op: "textLength";
      readonly lane: "u32";
      readonly unit: TextUnit;
      readonly a: ValueId;
    }
  /** One text after the other. */
  | {
      readonly op: "textConcat";
      readonly lane: "string";
      readonly a: ValueId;
      readonly b: ValueId;
    }
  /**
   * Parses text as the CSV reader does; `parseFits` says whether the text is such a value. `radix`: of integers only,
   * 2 to 36; `pattern`: of dates and instants only, as strptime reads it (src/column/pattern_text.ts).
   */
  | {
      readonly op: "parse";
      readonly lane: Lane;
      readonly dtype: DType;
      readonly radix: number;
      readonly pattern?: string;
      readonly a: ValueId;
    }
  | {
      readonly op: "parseFits";
      readonly lane: "bool";
      readonly dtype: DType;
      readonly radix: number;
      readonly pattern?: string;
      readonly a: ValueId;
    }
  /** The text of a value, as `writeCsv` writes it; `pattern`: of dates and instants, as strftime does. */
  | {
      readonly op: "format";
      readonly lane: "string";
      readonly dtype: DType;
      readonly pattern?: string;
      readonly a: ValueId;
    };

/** int8/16 and uint8/16 exist only as limits of `fits`. */
export type NarrowLane = NumericLane | "i8" | "i16" | "u8" | "u16";

export type Constant =
  | { readonly lane: "bool"; readonly value: boolean }
  | { readonly lane: "i32" | "u32" | "f32" | "f64"; readonly value: number }
  | { readonly lane: "i64" | "u64"; readonly value: bigint }
  | { readonly lane: "i128"; readonly value: bigint }
  | { readonly lane: "string"; readonly value: string };

/** Values of one lane, ascending in the engine's order (strings by bytes), distinct. */
export type ValueSet =
  | { readonly lane: "i32" | "u32" | "f32" | "f64"; readonly values: readonly number[] }
  | { readonly lane: "i64" | "u64"; readonly values: readonly bigint[] }
  | { readonly lane: "i128"; readonly values: readonly bigint[] }
  | { readonly lane: "string"; readonly values: readonly string[] };

export type LookupTable =
  /** Value k is bit k & 31 of word k >> 5. */
  | { readonly lane: "bool"; readonly length: number; readonly words: Uint32Array }
  /** Value k is its bits: word k, words 2k (low) and 2k + 1, or the four words from 4k on. */
  | { readonly lane: NumericLane; readonly length: number; readonly words: Uint32Array };

/** "localTime": a local time that a zone does not have, or has twice. */
export type SiteError = "overflow" | "cast" | "localTime";

/** What to report when a check fails. `text` is the user's expression, for people; no executor looks into it. */
export interface Site {
  readonly error: SiteError;
  readonly text: string;
}

export interface ProgramOutput {
  readonly dtype: DType;
  readonly value: ValueId;
  /** Bool value that is true where the output is not null; null: never null. */
  readonly validity: ValueId | null;
}

export interface Program {
  /** Dtypes of the input batch's columns, by position. Columns that no instruction loads are not touched. */
  readonly inputs: readonly DType[];
  readonly instructions: readonly Instruction[];
  readonly constants: readonly Constant[];
  readonly sets: readonly ValueSet[];
  readonly tables: readonly LookupTable[];
  readonly sites: readonly Site[];
  /** Bool value: rows where it is false are dropped, and no check outside its own computation sees them. */
  readonly predicate: ValueId | null;
  readonly outputs: readonly ProgramOutput[];
}
