// Routines: functions of doubles that are themselves programs, in integer instructions only. A program calls one by
// name (`call`); its body is defined once (routines/) and rendered three times: the reference walks it, WGSL text is made
// of it, and C++ text too, which the addon compiles. Integers have no roundings to disagree about, so that the three
// agree bit for bit by construction.
//
// A body is straight-line code in SSA form: instruction k defines value k. Doubles come and go as their bits, in u64.

export type RoutineLane = "bool" | "u32" | "u64";
export type WordLane = "u32" | "u64";

/** Everything is modulo 2^width; `mulHigh` is the upper word of the double-width product. */
export type WordOp = "add" | "sub" | "mul" | "mulHigh" | "bitAnd" | "bitOr" | "bitXor";

export type RoutineInstruction =
  /** The bits of argument `index`. */
  | { readonly op: "parameter"; readonly lane: "u64"; readonly index: number }
  | { readonly op: "constant"; readonly lane: WordLane; readonly value: bigint }
  | { readonly op: WordOp; readonly lane: WordLane; readonly a: number; readonly b: number }
  /** Counts (u32) are taken modulo the width. */
  | {
      readonly op: "shl" | "shr";
      readonly lane: WordLane;
      readonly a: number;
      readonly count: number;
    }
  /** The width for 0. */
  | {
      readonly op: "leadingZeros";
      readonly lane: "u32";
      readonly of: WordLane;
      readonly a: number;
    }
  | {
      readonly op: "eq" | "lt";
      readonly lane: "bool";
      readonly of: WordLane;
      readonly a: number;
      readonly b: number;
    }
  /** In two's complement. */
  | { readonly op: "ltSigned"; readonly lane: "bool"; readonly a: number; readonly b: number }
  | { readonly op: "and" | "or"; readonly lane: "bool"; readonly a: number; readonly b: number }
  | { readonly op: "not"; readonly lane: "bool"; readonly a: number }
  | {
      readonly op: "select";
      readonly lane: WordLane;
      readonly condition: number;
      readonly a: number;
      readonly b: number;
    }
  /** Lower and upper word of a u64. */
  | { readonly op: "low" | "high"; readonly lane: "u32"; readonly a: number }
  /** A u32 as a u64. */
  | { readonly op: "widen"; readonly lane: "u64"; readonly a: number }
  /** Entry `a` (u32) of a table; beyond its end: 0. */
  | {
      readonly op: "lookup";
      readonly lane: WordLane;
      readonly table: RoutineTable;
      readonly a: number;
    };

export interface RoutineTable {
  readonly name: string;
  readonly lane: WordLane;
  readonly values: readonly bigint[];
}

export interface Routine {
  readonly name: string;
  readonly arity: 1 | 2;
  readonly instructions: readonly RoutineInstruction[];
  /** The value that holds the result's bits. */
  readonly result: number;
}
