// Builds a program in SSA form. Equal instructions are one value, so common subexpressions are computed once; bool
// operations with a known side disappear; what no output needs is dropped at the end.

import { at, atOnce, type Steps } from "../base/index.ts";
import type { DType } from "../dtype/index.ts";
import {
  type ArithmeticOp,
  type BinaryRoutine,
  type Check,
  type CompareOp,
  type Constant,
  type Instruction,
  type Lane,
  type LookupTable,
  laneOf,
  type NarrowLane,
  type NumericLane,
  type Program,
  type ProgramOutput,
  type Site,
  type SiteError,
  type SiteId,
  type UnaryOp,
  type UnaryRoutine,
  type ValueId,
  type ValueSet,
} from "../ir/index.ts";
import { wellFormed } from "../text/index.ts";
import { pruned } from "./prune.ts";

/** A column of values while it is lowered. `validity` null: never null. */
export interface Lowered {
  readonly value: ValueId;
  readonly validity: ValueId | null;
}

/** A converted value and where it holds; `fits` null: everywhere. */
export interface Conversion {
  readonly value: ValueId;
  readonly fits: ValueId | null;
}

export class ProgramBuilder {
  readonly #inputs: readonly DType[];
  readonly #instructions: Instruction[] = [];
  readonly #known = new Map<string, ValueId>();
  readonly #constants = new Table<Constant>(keyOf);
  readonly #sets = new Table<ValueSet>(placeOfSet, isSameSet);
  readonly #sites = new Table<Site>(keyOf);
  readonly #tables: LookupTable[] = [];

  constructor(inputs: readonly DType[]) {
    this.#inputs = inputs;
  }

  finish(outputs: readonly ProgramOutput[], predicate: ValueId | null): Program {
    return atOnce(this.finished(outputs, predicate));
  }

  finished(outputs: readonly ProgramOutput[], predicate: ValueId | null): Steps<Program> {
    return pruned({
      inputs: this.#inputs,
      instructions: this.#instructions,
      constants: this.#constants.entries,
      sets: this.#sets.entries,
      tables: this.#tables,
      sites: this.#sites.entries,
      predicate,
      outputs,
    });
  }

  column(column: number): Lowered {
    const value = this.emit({ op: "load", lane: laneOf(at(this.#inputs, column)), column });
    return { value, validity: this.emit({ op: "loadValidity", lane: "bool", column }) };
  }

  constant(lane: Lane, value: boolean | number | bigint | string): ValueId {
    const constant = this.#constants.add(constantOf(lane, value));
    return this.emit({ op: "constant", lane, constant });
  }

  /** A null of the lane. */
  null(lane: Lane): Lowered {
    const zero = lane === "bool" ? false : lane === "string" ? "" : 0;
    return { value: this.constant(lane, zero), validity: this.constant("bool", false) };
  }

  site(error: SiteError, text: string): SiteId {
    return this.#sites.add({ error, text });
  }

  arithmetic(
    op: ArithmeticOp,
    lane: Lane,
    a: ValueId,
    b: ValueId,
    check: Check | null = null,
  ): ValueId {
    return this.emit({ op, lane: lane as NumericLane, a, b, check });
  }

  unary(op: UnaryOp, lane: Lane, a: ValueId, check: Check | null = null): ValueId {
    return this.emit({ op, lane: lane as NumericLane, a, check });
  }

  compare(op: CompareOp, of: Lane, a: ValueId, b: ValueId): ValueId {
    return this.emit({ op, lane: "bool", of, a, b });
  }

  select(lane: Lane, condition: ValueId, a: ValueId, b: ValueId): ValueId {
    const known = this.#boolOf(condition);
    if (known !== null) return known ? a : b;
    return a === b ? a : this.emit({ op: "select", lane, condition, a, b });
  }

  /** a / b of 128-bit integers, rounded once; unspecified for a zero divisor. */
  quotient(lane: "f32" | "f64", a: ValueId, b: ValueId): ValueId {
    return this.emit({ op: "quotient", lane, of: "i128", a, b });
  }

  /** a / b of 64-bit integers, rounded once; unspecified for a zero divisor. */
  quotient64(of: "i64" | "u64", a: ValueId, b: ValueId): ValueId {
    return this.emit({ op: "quotient", lane: "f64", of, a, b });
  }

  /** a * b of a double and a 128-bit integer, rounded once to an integer, halves away from zero. */
  roundedProduct(a: ValueId, b: ValueId): ValueId {
    return this.emit({ op: "roundedProduct", lane: "i128", of: "f64", a, b });
  }

  /** A function of doubles. */
  call(routine: UnaryRoutine, a: ValueId): ValueId {
    return this.emit({ op: "call", lane: "f64", routine, a });
  }

  call2(routine: BinaryRoutine, a: ValueId, b: ValueId): ValueId {
    return this.emit({ op: "call", lane: "f64", routine, a, b });
  }

  convert(from: Lane, lane: Lane, a: ValueId): ValueId {
    return from === lane ? a : this.emit({ op: "convert", lane, from, a });
  }

  fits(from: Lane, to: NarrowLane, a: ValueId): ValueId {
    return this.emit({ op: "fits", lane: "bool", from: from as NumericLane, to, a });
  }

  require(condition: ValueId, check: Check): ValueId {
    if (this.#boolOf(condition) === true) return condition;
    return this.emit({ op: "require", lane: "bool", condition, check });
  }

  inSet(of: Lane, a: ValueId, values: ValueSet): ValueId {
    return this.emit({ op: "inSet", lane: "bool", of, a, set: this.#sets.add(values) });
  }

  /** How many of the ascending values are not above `a`. */
  rank(a: ValueId, values: ValueSet): ValueId {
    return this.emit({ op: "rank", lane: "u32", of: "i64", a, set: this.#sets.add(values) });
  }

  /** Entry `a` of a table. Tables are told apart by identity: whoever makes one keeps it. */
  lookup(a: ValueId, table: LookupTable): ValueId {
    const known = this.#tables.indexOf(table);
    const position = known < 0 ? this.#tables.push(table) - 1 : known;
    return this.emit({ op: "lookup", lane: table.lane, a, table: position });
  }

  /** The position of a text constant, for `stringPredicate`. */
  textConstant(value: string): number {
    return this.#constants.add(constantOf("string", value));
  }

  not(a: ValueId): ValueId {
    const known = this.#boolOf(a);
    if (known !== null) return this.constant("bool", !known);
    const instruction = at(this.#instructions, a);
    return instruction.op === "not" ? instruction.a : this.emit({ op: "not", lane: "bool", a });
  }

  and(a: ValueId, b: ValueId): ValueId {
    if (a === b || this.#boolOf(b) === true || this.#boolOf(a) === false) return a;
    if (this.#boolOf(a) === true || this.#boolOf(b) === false) return b;
    return this.#commutative("and", a, b);
  }

  or(a: ValueId, b: ValueId): ValueId {
    if (a === b || this.#boolOf(b) === false || this.#boolOf(a) === true) return a;
    if (this.#boolOf(a) === false || this.#boolOf(b) === true) return b;
    return this.#commutative("or", a, b);
  }

  /** The conjunction of validities, where null is true. */
  both(a: ValueId | null, b: ValueId | null): ValueId | null {
    if (a === null) return b;
    return b === null ? a : this.and(a, b);
  }

  allValid(args: readonly Lowered[]): ValueId | null {
    return args.reduce<ValueId | null>((all, { validity }) => this.both(all, validity), null);
  }

  /** A validity as a value. */
  validityValue(validity: ValueId | null): ValueId {
    return validity ?? this.constant("bool", true);
  }

  /** The number of the instruction's value; an equal one that stands already is used again. */
  emit(instruction: Instruction): ValueId {
    const key = JSON.stringify(instruction);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#instructions.push(instruction) - 1;
    this.#known.set(key, id);
    return id;
  }

  #commutative(op: "and" | "or", a: ValueId, b: ValueId): ValueId {
    return this.emit({ op, lane: "bool", a: Math.min(a, b), b: Math.max(a, b) });
  }

  /** The text of a string constant; null for everything else. */
  textOf(id: ValueId): string | null {
    const instruction = at(this.#instructions, id);
    if (instruction.op !== "constant") return null;
    const constant = this.#constants.entries[instruction.constant];
    return constant?.lane === "string" ? constant.value : null;
  }

  /** The value of a bool constant; null for everything else. */
  #boolOf(id: ValueId): boolean | null {
    const instruction = at(this.#instructions, id);
    if (instruction.op !== "constant") return null;
    const constant = this.#constants.entries[instruction.constant];
    return constant?.lane === "bool" ? constant.value : null;
  }
}

/** A list whose entries are distinct. */
class Table<T> {
  readonly entries: T[] = [];
  /** By key: where those stand that have it. */
  readonly #positions = new Map<string, number[]>();
  readonly #known = new Map<T, number>();
  readonly #keyOf: (entry: T) => string;
  readonly #isSame: (a: T, b: T) => boolean;

  /** `isSame`: are two entries with the same key equal? */
  constructor(keyOf: (entry: T) => string, isSame: (a: T, b: T) => boolean = () => true) {
    this.#keyOf = keyOf;
    this.#isSame = isSame;
  }

  add(entry: T): number {
    const position = this.#known.get(entry) ?? this.#addEqual(entry);
    this.#known.set(entry, position);
    return position;
  }

  #addEqual(entry: T): number {
    const key = this.#keyOf(entry);
    const alike = this.#positions.get(key) ?? [];
    const known = alike.find((position) => this.#isSame(at(this.entries, position), entry));
    if (known !== undefined) return known;
    const position = this.entries.push(entry) - 1;
    this.#positions.set(key, alike);
    alike.push(position);
    return position;
  }
}

/** A set may be too large for a text of all of it. */
function placeOfSet({ lane, values }: ValueSet): string {
  return keyOf([lane, values.length, values[0], values.at(-1)]);
}

function isSameSet(a: ValueSet, b: ValueSet): boolean {
  return a.values.every((value, index) => Object.is(value, b.values[index]));
}

/** Tells apart what JSON does not: -0, NaN, infinities, bigints. */
function keyOf(entry: unknown): string {
  return JSON.stringify(entry, (_, value) => {
    if (typeof value === "bigint") return `bigint ${value}`;
    if (typeof value !== "number") return value;
    return Object.is(value, -0) ? "number -0" : `number ${value}`;
  });
}

function constantOf(lane: Lane, value: boolean | number | bigint | string): Constant {
  switch (lane) {
    case "bool":
      return { lane, value: value === true };
    case "string":
      return { lane, value: wellFormed(String(value)) };
    case "i64":
    case "u64":
    case "i128":
      return { lane, value: BigInt(value) };
    default:
      return { lane, value: Number(value) };
  }
}
