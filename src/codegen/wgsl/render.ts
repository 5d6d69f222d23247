// Renders a stage of a program as a WESL module: the bindings of its columns and outputs, and the functions that
// kernels/evaluate/predicate.wesl or outputs.wesl call. Only numbers get into the text (of instructions, columns,
// outputs, literal slots, sites), so that programs of one shape share a pipeline and nothing that a user typed can
// reach the shader.

import { assertNever, at } from "../../base/index.ts";
import type { DType } from "../../dtype/index.ts";
import {
  type Lane,
  laneOf,
  type ResolvedInstruction,
  type ResolvedProgram,
  type RoutineName,
  routine,
} from "../../ir/index.ts";
import { arithmeticText, overflowText, unaryOverflowText, unaryText } from "./arithmetic.ts";
import { compareText, inSetText } from "./compare.ts";
import { convertText, fitsText } from "./convert.ts";
import { checkOf } from "./dependencies.ts";
import { type LiteralSlots, literalSlots } from "./literals.ts";
import { routineFunctionName, routineText } from "./routine.ts";
import { importsOf } from "./shared_functions.ts";
import type { ColumnArray, Stage, StageOutput } from "./stages.ts";
import { type StoredArray, storeRowText } from "./store.ts";

/** The names of a stage's bindings, which the host binds by name. */
export const arrayName = ({ column, part }: ColumnArray) => `${part}${column}`;
export const outputName = ({ index }: StageOutput) => `output${index}`;
export const outputValidityName = ({ index }: StageOutput) => `outputValidity${index}`;
export const ARENA = "arena";

const FIRST_BINDING = 4;

export interface RenderedStage {
  /** The module `generated` of the stage's kernel. */
  readonly text: string;
  /** Which of the fixed bindings the text uses. */
  readonly usesFailures: boolean;
  readonly usesLiterals: boolean;
}

export function renderStage(
  program: ResolvedProgram,
  nullable: readonly boolean[],
  stage: Stage,
): RenderedStage {
  const renderer = new StageRenderer(program, nullable, stage);
  const body =
    stage.predicate === null
      ? renderer.outputFunctions()
      : renderer.predicateFunction(stage.predicate);
  const text = [renderer.bindings(), ...renderer.routines(), body].join("\n");
  return {
    text: `${importsOf(text)}\n${text}\n`,
    usesFailures: text.includes(" fail("),
    usesLiterals: /\b(constant|lookup|inSet|rank)(32|64|128|Bit)\(/.test(text),
  };
}

class StageRenderer {
  readonly #program: ResolvedProgram;
  readonly #nullable: readonly boolean[];
  readonly #stage: Stage;
  readonly #slots: LiteralSlots;

  constructor(program: ResolvedProgram, nullable: readonly boolean[], stage: Stage) {
    this.#program = program;
    this.#nullable = nullable;
    this.#stage = stage;
    this.#slots = literalSlots(program);
  }

  bindings(): string {
    const { arrays, outputs, arena } = this.#stage;
    const declared: [string, string, string][] = arena
      ? [[ARENA, "read", "u32"]]
      : arrays.map((array) => [arrayName(array), "read", this.#elementOf(array)]);
    for (const output of outputs) {
      const { dtype } = at(this.#program.outputs, output.index);
      declared.push([outputName(output), "read_write", element(dtype)]);
      if (output.nullable) declared.push([outputValidityName(output), "read_write", "u32"]);
    }
    return declared
      .map(
        ([name, access, type], index) =>
          `@group(0) @binding(${FIRST_BINDING + index}) var<storage, ${access}> ${name}: array<${type}>;`,
      )
      .join("\n");
  }

  /** Each routine that the stage calls, once: inlined per call they would dominate the time to compile. */
  routines(): string[] {
    const called = new Set<RoutineName>();
    for (const value of this.#stage.values) {
      const instruction = at(this.#program.instructions, value);
      if (instruction.op === "call") called.add(instruction.routine);
    }
    return [...called]
      .sort()
      .map((name) => routineText(routine(name), (table) => this.#slots.routineTable(table)));
  }

  predicateFunction(predicate: number): string {
    return `fn keepsRow(row: u32) -> bool {\n${this.#steps()}\n  return v${predicate};\n}`;
  }

  outputFunctions(): string {
    const { outputs } = this.#stage;
    const members = outputs.flatMap(({ index, nullable }) => {
      const { dtype } = at(this.#program.outputs, index);
      const value = `  value${index}: ${laneType(laneOf(dtype))},`;
      return nullable ? [value, `  valid${index}: bool,`] : [value];
    });
    const results = outputs.flatMap(({ index, nullable }) => {
      const { value, validity } = at(this.#program.outputs, index);
      const set = `  values.value${index} = ${this.#outputValue(index, value)};`;
      return nullable ? [set, `  values.valid${index} = v${validity};`] : [set];
    });
    return [
      `struct RowValues {\n${members.join("\n") || "  none: u32,"}\n}`,
      `fn evaluateRow(row: u32) -> RowValues {\n${this.#steps()}\n  var values: RowValues;`,
      ...results,
      "  return values;\n}",
      storeRowText(outputs.flatMap((output) => this.#stores(output))),
    ].join("\n");
  }

  #stores(output: StageOutput): StoredArray[] {
    const { index } = output;
    const { dtype } = at(this.#program.outputs, index);
    const value = unsigned(dtype, `values.value${index}`);
    const values = { name: outputName(output), bits: storedBits(dtype), value };
    if (!output.nullable) return [values];
    const valid = `select(0u, 1u, values.valid${index})`;
    return [values, { name: outputValidityName(output), bits: 1, value: valid }];
  }

  /** String outputs are codes, which laneOf knows as strings. */
  #outputValue(index: number, value: number): string {
    const { dtype } = at(this.#program.outputs, index);
    const { lane } = at(this.#program.instructions, value);
    const wanted = laneType(laneOf(dtype));
    return wanted === laneType(lane) ? `v${value}` : `bitcast<${wanted}>(v${value})`;
  }

  #steps(): string {
    const { values, checks } = this.#stage;
    const lines: string[] = [];
    for (const [value, instruction] of this.#program.instructions.entries()) {
      if (!values.has(value)) continue;
      lines.push(`  let v${value} = ${this.#expression(instruction)};`);
      if (checks.has(value)) lines.push(...this.#check(instruction));
    }
    return lines.join("\n");
  }

  #check(instruction: ResolvedInstruction): string[] {
    const check = checkOf(instruction);
    const failed = failureText(instruction);
    if (check === null || failed === null) return [];
    const condition = check.guard === null ? failed : `v${check.guard} && ${failed}`;
    return [`  if (${condition}) { fail(row, ${check.site}u); }`];
  }

  #expression(instruction: ResolvedInstruction): string {
    switch (instruction.op) {
      case "load":
        return this.#load(instruction.column);
      case "loadValidity": {
        const { column } = instruction;
        if (!this.#nullable[column]) return "true";
        return bitText(this.#wordText({ column, part: "validity" }, "row / 32u"));
      }
      case "constant":
        return constantText(instruction.lane, this.#slots.constant(instruction.constant));
      case "lookup":
        return lookupText(instruction.lane, this.#slots.table(instruction.table), instruction.a);
      case "inSet":
        return inSetText(instruction.of, this.#slots.set(instruction.set), `v${instruction.a}`);
      case "rank":
        return `rank64(${this.#slots.set(instruction.set)}u, orderI64(v${instruction.a}))`;
      default:
        return computedText(instruction);
    }
  }

  #load(column: number): string {
    const dtype = at(this.#program.inputs, column);
    const array: ColumnArray = { column, part: "values" };
    switch (dtype.kind) {
      case "bool":
        return bitText(this.#wordText(array, "row / 32u"));
      case "int8":
      case "uint8":
      case "int16":
      case "uint16": {
        const bits = storedBits(dtype);
        const word = this.#wordText(array, `row / ${32 / bits}u`);
        const start = `(row & ${32 / bits - 1}u) * ${bits}u`;
        const signed = !dtype.kind.startsWith("u");
        return `extractBits(${signed ? `bitcast<i32>(${word})` : word}, ${start}, ${bits}u)`;
      }
      case "int32":
      case "date":
        return `bitcast<i32>(${this.#wordText(array, "row")})`;
      case "uint32":
      case "float32":
      case "string":
        return this.#wordText(array, "row");
      case "decimal":
        if (!this.#stage.arena) return `${arrayName(array)}[row]`;
        return `vec4<u32>(${[0, 1, 2, 3].map((word) => this.#wordText(array, `4u * row + ${word}u`)).join(", ")})`;
      default:
        if (!this.#stage.arena) return `${arrayName(array)}[row]`;
        return `vec2<u32>(${this.#wordText(array, "2u * row")}, ${this.#wordText(array, "2u * row + 1u")})`;
    }
  }

  #wordText(array: ColumnArray, index: string): string {
    if (!this.#stage.arena) return `${arrayName(array)}[${index}]`;
    const { arrays } = this.#stage;
    const place = arrays.findIndex(
      ({ column, part }) => column === array.column && part === array.part,
    );
    return `${ARENA}[constant32(${this.#slots.count + place}u) + ${index}]`;
  }

  #elementOf({ column, part }: ColumnArray): string {
    return part === "validity" ? "u32" : element(at(this.#program.inputs, column));
  }
}

function computedText(
  instruction: Exclude<
    ResolvedInstruction,
    { readonly op: "load" | "loadValidity" | "constant" | "lookup" | "inSet" | "rank" }
  >,
): string {
  switch (instruction.op) {
    case "eq":
    case "ne":
    case "lt":
    case "le":
      return compareText(instruction.op, instruction.of, `v${instruction.a}`, `v${instruction.b}`);
    case "and":
      return `(v${instruction.a} && v${instruction.b})`;
    case "or":
      return `(v${instruction.a} || v${instruction.b})`;
    case "xor":
      return `(v${instruction.a} != v${instruction.b})`;
    case "not":
      return `!v${instruction.a}`;
    case "isNan":
    case "isFinite":
      return `${instruction.op}${instruction.of === "f32" ? "F32" : "F64"}(v${instruction.a})`;
    case "select":
      return `select(v${instruction.b}, v${instruction.a}, v${instruction.condition})`;
    case "convert":
      return convertText(instruction.from, instruction.lane, `v${instruction.a}`);
    case "fits":
      return fitsText(instruction.from, instruction.to, `v${instruction.a}`);
    case "quotient":
      return `${instruction.lane}Quotient${instruction.of.toUpperCase()}(v${instruction.a}, v${instruction.b})`;
    case "roundedProduct":
      return `i128ProductF64(v${instruction.a}, v${instruction.b})`;
    case "call": {
      const operands = "b" in instruction ? [instruction.a, instruction.b] : [instruction.a];
      return `${routineFunctionName(instruction.routine)}(${operands.map((id) => `v${id}`).join(", ")})`;
    }
    case "require":
      return `v${instruction.condition}`;
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return unaryText(instruction.op, instruction.lane, `v${instruction.a}`);
    default:
      return arithmeticText(
        instruction.op,
        instruction.lane,
        `v${instruction.a}`,
        `v${instruction.b}`,
      );
  }
}

/** True where the instruction's check fails; null where it cannot. */
function failureText(instruction: ResolvedInstruction): string | null {
  switch (instruction.op) {
    case "require":
      return `!v${instruction.condition}`;
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return unaryOverflowText(instruction.op, instruction.lane, `v${instruction.a}`);
    default: {
      if (!("check" in instruction)) return null;
      const { op, lane, a, b } = instruction;
      return overflowText(op, lane, `v${a}`, `v${b}`);
    }
  }
}

function constantText(lane: Lane, slot: number): string {
  switch (lane) {
    case "bool":
      return `(constant32(${slot}u) != 0u)`;
    case "i32":
      return `bitcast<i32>(constant32(${slot}u))`;
    case "u32":
    case "f32":
      return `constant32(${slot}u)`;
    case "i64":
    case "u64":
    case "f64":
      return `constant64(${slot}u)`;
    case "i128":
      return `constant128(${slot}u)`;
    case "string":
      throw new Error("strings are resolved before they are rendered");
    default:
      return assertNever(lane);
  }
}

function lookupText(lane: Lane, slot: number, code: number): string {
  switch (lane) {
    case "bool":
      return `lookupBit(${slot}u, v${code})`;
    case "i32":
      return `bitcast<i32>(lookup32(${slot}u, v${code}))`;
    case "u32":
    case "f32":
      return `lookup32(${slot}u, v${code})`;
    case "i64":
    case "u64":
    case "f64":
      return `lookup64(${slot}u, v${code})`;
    case "i128":
      return `lookup128(${slot}u, v${code})`;
    case "string":
      throw new Error("strings are resolved before they are rendered");
    default:
      return assertNever(lane);
  }
}

/** The WGSL type of a register. */
function laneType(lane: Lane): string {
  switch (lane) {
    case "bool":
    case "i32":
      return lane;
    case "u32":
    case "f32":
    case "string":
      return "u32";
    case "i128":
      return "vec4<u32>";
    default:
      return "vec2<u32>";
  }
}

function storedBits(dtype: DType): number {
  switch (dtype.kind) {
    case "bool":
      return 1;
    case "int8":
    case "uint8":
      return 8;
    case "int16":
    case "uint16":
      return 16;
    case "decimal":
      return 128;
    default:
      return /64/.test(laneOf(dtype)) ? 64 : 32;
  }
}

/** The element of an array of the dtype's values. */
function element(dtype: DType): string {
  const bits = storedBits(dtype);
  return bits === 128 ? "vec4<u32>" : bits === 64 ? "vec2<u32>" : "u32";
}

function bitText(word: string): string {
  return `(((${word} >> (row & 31u)) & 1u) == 1u)`;
}

/** The bits of a value that is stored. */
function unsigned(dtype: DType, value: string): string {
  const lane = laneOf(dtype);
  if (lane === "bool") return `select(0u, 1u, ${value})`;
  return lane === "i32" ? `bitcast<u32>(${value})` : value;
}
