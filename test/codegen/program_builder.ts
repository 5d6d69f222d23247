// Writes kernel IR by hand, for tests: each method appends an instruction and gives its value.

import type { DType } from "../../src/dtype/index.ts";
import {
  type ArithmeticOp,
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
  type StringPredicate,
  type UnaryOp,
  type ValueId,
  type ValueSet,
} from "../../src/ir/index.ts";

export class ProgramBuilder {
  readonly #inputs: readonly DType[];
  readonly #instructions: Instruction[] = [];
  readonly #constants: Constant[] = [];
  readonly #sets: ValueSet[] = [];
  readonly #tables: LookupTable[] = [];
  readonly #sites: Site[] = [];
  readonly #outputs: ProgramOutput[] = [];
  #predicate: ValueId | null = null;

  constructor(inputs: readonly DType[]) {
    this.#inputs = inputs;
  }

  add(instruction: Instruction): ValueId {
    return this.#instructions.push(instruction) - 1;
  }

  load(column: number): ValueId {
    const dtype = this.#inputs[column];
    if (dtype === undefined) throw new Error(`no column ${column}`);
    return this.add({ op: "load", lane: laneOf(dtype), column });
  }

  valid(column: number): ValueId {
    return this.add({ op: "loadValidity", lane: "bool", column });
  }

  constant(constant: Constant): ValueId {
    const number = this.#constants.push(constant) - 1;
    return this.add({ op: "constant", lane: constant.lane, constant: number });
  }

  arithmetic(
    op: ArithmeticOp,
    lane: NumericLane,
    a: ValueId,
    b: ValueId,
    check: Check | null = null,
  ): ValueId {
    return this.add({ op, lane, a, b, check });
  }

  unary(op: UnaryOp, lane: NumericLane, a: ValueId, check: Check | null = null): ValueId {
    return this.add({ op, lane, a, check });
  }

  compare(op: CompareOp, of: Lane, a: ValueId, b: ValueId): ValueId {
    return this.add({ op, lane: "bool", of, a, b });
  }

  logic(op: "and" | "or" | "xor", a: ValueId, b: ValueId): ValueId {
    return this.add({ op, lane: "bool", a, b });
  }

  not(a: ValueId): ValueId {
    return this.add({ op: "not", lane: "bool", a });
  }

  select(lane: Lane, condition: ValueId, a: ValueId, b: ValueId): ValueId {
    return this.add({ op: "select", lane, condition, a, b });
  }

  convert(from: Lane, lane: Lane, a: ValueId): ValueId {
    return this.add({ op: "convert", lane, from, a });
  }

  fits(from: NumericLane, to: NarrowLane, a: ValueId): ValueId {
    return this.add({ op: "fits", lane: "bool", from, to, a });
  }

  require(condition: ValueId, check: Check): ValueId {
    return this.add({ op: "require", lane: "bool", condition, check });
  }

  inSet(set: ValueSet, a: ValueId): ValueId {
    const number = this.#sets.push(set) - 1;
    return this.add({ op: "inSet", lane: "bool", of: set.lane, a, set: number });
  }

  rank(set: ValueSet, a: ValueId): ValueId {
    return this.add({ op: "rank", lane: "u32", of: "i64", a, set: this.#sets.push(set) - 1 });
  }

  lookup(table: LookupTable, a: ValueId): ValueId {
    const number = this.#tables.push(table) - 1;
    return this.add({ op: "lookup", lane: table.lane, a, table: number });
  }

  match(predicate: StringPredicate, a: ValueId, text: string): ValueId {
    const pattern = this.#constants.push({ lane: "string", value: text }) - 1;
    return this.add({ op: "stringPredicate", lane: "bool", predicate, a, pattern });
  }

  check(site: Site, guard: ValueId | null = null): Check {
    return { site: this.#sites.push(site) - 1, guard };
  }

  output(dtype: DType, value: ValueId, validity: ValueId | null = null): void {
    this.#outputs.push({ dtype, value, validity });
  }

  /** A column as it is. */
  pass(column: number): void {
    const dtype = this.#inputs[column] as DType;
    this.output(dtype, this.load(column), this.valid(column));
  }

  filter(predicate: ValueId): void {
    this.#predicate = predicate;
  }

  build(): Program {
    return {
      inputs: this.#inputs,
      instructions: this.#instructions,
      constants: this.#constants,
      sets: this.#sets,
      tables: this.#tables,
      sites: this.#sites,
      predicate: this.#predicate,
      outputs: this.#outputs,
    };
  }
}
