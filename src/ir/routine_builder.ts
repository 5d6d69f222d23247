// Writes the bodies of routines: words with methods, where each call is one instruction and equal instructions are one.

import type {
  Routine,
  RoutineInstruction,
  RoutineLane,
  RoutineTable,
  WordLane,
  WordOp,
} from "./routine.ts";

type Operand32 = U32 | number;
type Operand64 = U64 | bigint;

export class RoutineBuilder {
  readonly #instructions: RoutineInstruction[] = [];
  readonly #known = new Map<string, number>();

  parameter(index: number): U64 {
    return new U64(this, this.emit({ op: "parameter", lane: "u64", index }));
  }

  u64(value: Operand64): U64 {
    if (value instanceof U64) return value;
    const wrapped = BigInt.asUintN(64, value);
    return new U64(this, this.emit({ op: "constant", lane: "u64", value: wrapped }));
  }

  u32(value: Operand32): U32 {
    if (value instanceof U32) return value;
    const wrapped = BigInt.asUintN(32, BigInt(value));
    return new U32(this, this.emit({ op: "constant", lane: "u32", value: wrapped }));
  }

  lookup64(table: RoutineTable, index: U32): U64 {
    return new U64(this, this.emit({ op: "lookup", lane: "u64", table, a: index.id }));
  }

  lookup32(table: RoutineTable, index: U32): U32 {
    return new U32(this, this.emit({ op: "lookup", lane: "u32", table, a: index.id }));
  }

  emit(instruction: RoutineInstruction): number {
    const key = JSON.stringify(instruction, (name, value) =>
      name === "table" ? value.name : typeof value === "bigint" ? String(value) : value,
    );
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#instructions.push(instruction) - 1;
    this.#known.set(key, id);
    return id;
  }

  /** Instructions that the result does not need are dropped. */
  finish(name: string, arity: 1 | 2, result: U64): Routine {
    const live = new Set([result.id]);
    for (let id = this.#instructions.length - 1; id >= 0; id--) {
      if (!live.has(id)) continue;
      for (const argument of argumentsOf(this.#instructions[id] as RoutineInstruction)) {
        live.add(argument);
      }
    }
    const kept = [...live].sort((a, b) => a - b);
    const numbers = new Map(kept.map((id, position) => [id, position]));
    const renumbered = kept.map((id) => {
      const copy: Record<string, unknown> = { ...(this.#instructions[id] as RoutineInstruction) };
      for (const field of FIELDS) {
        if (field in copy) copy[field] = numbers.get(copy[field] as number);
      }
      return copy as unknown as RoutineInstruction;
    });
    return { name, arity, instructions: renumbered, result: numbers.get(result.id) as number };
  }
}

const FIELDS = ["a", "b", "count", "condition"] as const;

function argumentsOf(instruction: RoutineInstruction): number[] {
  const fields: Readonly<Record<string, unknown>> = { ...instruction };
  return FIELDS.flatMap((field) => (field in fields ? [fields[field] as number] : []));
}

abstract class Value {
  readonly builder: RoutineBuilder;
  readonly id: number;

  constructor(builder: RoutineBuilder, id: number) {
    this.builder = builder;
    this.id = id;
  }

  protected abstract readonly lane: RoutineLane;

  protected word(op: WordOp, b: Value): number {
    return this.builder.emit({ op, lane: this.lane as WordLane, a: this.id, b: b.id });
  }

  protected compare(op: "eq" | "lt", b: Value): Flag {
    const of = this.lane as WordLane;
    return new Flag(this.builder, this.builder.emit({ op, lane: "bool", of, a: this.id, b: b.id }));
  }

  protected shift(op: "shl" | "shr", count: Operand32): number {
    const by = this.builder.u32(count).id;
    return this.builder.emit({ op, lane: this.lane as WordLane, a: this.id, count: by });
  }

  leadingZeros(): U32 {
    const of = this.lane as WordLane;
    return new U32(
      this.builder,
      this.builder.emit({ op: "leadingZeros", lane: "u32", of, a: this.id }),
    );
  }
}

export class U64 extends Value {
  protected readonly lane = "u64";

  #with(op: WordOp, b: Operand64): U64 {
    return new U64(this.builder, this.word(op, this.builder.u64(b)));
  }

  add(b: Operand64): U64 {
    return this.#with("add", b);
  }
  sub(b: Operand64): U64 {
    return this.#with("sub", b);
  }
  /** b - this. */
  subFrom(b: Operand64): U64 {
    return this.builder.u64(b).sub(this);
  }
  mul(b: Operand64): U64 {
    return this.#with("mul", b);
  }
  mulHigh(b: Operand64): U64 {
    return this.#with("mulHigh", b);
  }
  and(b: Operand64): U64 {
    return this.#with("bitAnd", b);
  }
  or(b: Operand64): U64 {
    return this.#with("bitOr", b);
  }
  xor(b: Operand64): U64 {
    return this.#with("bitXor", b);
  }
  shl(count: Operand32): U64 {
    return new U64(this.builder, this.shift("shl", count));
  }
  shr(count: Operand32): U64 {
    return new U64(this.builder, this.shift("shr", count));
  }
  eq(b: Operand64): Flag {
    return this.compare("eq", this.builder.u64(b));
  }
  lt(b: Operand64): Flag {
    return this.compare("lt", this.builder.u64(b));
  }
  /** Is the top bit set? */
  negative(): Flag {
    return this.high().negative();
  }
  low(): U32 {
    return new U32(this.builder, this.builder.emit({ op: "low", lane: "u32", a: this.id }));
  }
  high(): U32 {
    return new U32(this.builder, this.builder.emit({ op: "high", lane: "u32", a: this.id }));
  }
}

export class U32 extends Value {
  protected readonly lane = "u32";

  #with(op: WordOp, b: Operand32): U32 {
    return new U32(this.builder, this.word(op, this.builder.u32(b)));
  }

  add(b: Operand32): U32 {
    return this.#with("add", b);
  }
  sub(b: Operand32): U32 {
    return this.#with("sub", b);
  }
  /** b - this. */
  subFrom(b: Operand32): U32 {
    return this.builder.u32(b).sub(this);
  }
  mulHigh(b: Operand32): U32 {
    return this.#with("mulHigh", b);
  }
  mul(b: Operand32): U32 {
    return this.#with("mul", b);
  }
  and(b: Operand32): U32 {
    return this.#with("bitAnd", b);
  }
  shl(count: Operand32): U32 {
    return new U32(this.builder, this.shift("shl", count));
  }
  shr(count: Operand32): U32 {
    return new U32(this.builder, this.shift("shr", count));
  }
  eq(b: Operand32): Flag {
    return this.compare("eq", this.builder.u32(b));
  }
  lt(b: Operand32): Flag {
    return this.compare("lt", this.builder.u32(b));
  }
  ltSigned(b: Operand32): Flag {
    const other = this.builder.u32(b).id;
    return new Flag(
      this.builder,
      this.builder.emit({ op: "ltSigned", lane: "bool", a: this.id, b: other }),
    );
  }
  negative(): Flag {
    return this.ltSigned(0);
  }
  /** The smaller or larger one, in two's complement. */
  min(b: Operand32): U32 {
    return this.ltSigned(b).pick32(this, b);
  }
  max(b: Operand32): U32 {
    return this.ltSigned(b).pick32(this.builder.u32(b), this);
  }
  widen(): U64 {
    return new U64(this.builder, this.builder.emit({ op: "widen", lane: "u64", a: this.id }));
  }
}

export class Flag extends Value {
  protected readonly lane = "bool";

  and(b: Flag): Flag {
    return new Flag(
      this.builder,
      this.builder.emit({ op: "and", lane: "bool", a: this.id, b: b.id }),
    );
  }
  or(b: Flag): Flag {
    return new Flag(
      this.builder,
      this.builder.emit({ op: "or", lane: "bool", a: this.id, b: b.id }),
    );
  }
  not(): Flag {
    return new Flag(this.builder, this.builder.emit({ op: "not", lane: "bool", a: this.id }));
  }
  /** Are the two different? */
  xor(b: Flag): Flag {
    return this.and(b.not()).or(b.and(this.not()));
  }
  pick(yes: Operand64, no: Operand64): U64 {
    return new U64(this.builder, this.#select("u64", this.builder.u64(yes), this.builder.u64(no)));
  }
  pick32(yes: Operand32, no: Operand32): U32 {
    return new U32(this.builder, this.#select("u32", this.builder.u32(yes), this.builder.u32(no)));
  }
  #select(lane: WordLane, yes: Value, no: Value): number {
    if (yes.id === no.id) return yes.id;
    return this.builder.emit({ op: "select", lane, condition: this.id, a: yes.id, b: no.id });
  }
}
