// evaluate: walks a program row by row. Every instruction becomes one closure over the row's registers.

import { assertNever, at } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { Check, Instruction, Program, SiteId, ValueSet } from "../../ir/index.ts";
import { siteError } from "../site_error.ts";
import { arithmetic, convert, fits, unary } from "./arithmetic.ts";
import { matchesLike } from "./like.ts";
import { formatValue, parseValue } from "./text.ts";
import {
  canonical,
  compareKeys,
  keyText,
  readColumn,
  type Scalar,
  type Value,
  writeColumn,
} from "./values.ts";

/** Computes one value of a row from the row's earlier values; calls `fail` where a check fails. */
type Step = (registers: Scalar[], row: number, fail: (check: Check) => void) => Scalar;

export function evaluate(program: Program, batch: Batch): Batch {
  const steps = compile(program, batch);
  const needed = predicateDependencies(program);
  const outputs = program.outputs.map((): Value[] => []);
  const registers: Scalar[] = new Array(steps.length);
  let keptRows = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    const failures: { readonly site: SiteId; readonly ofPredicate: boolean }[] = [];
    for (const [id, step] of steps.entries()) {
      registers[id] = step(registers, row, (check) => {
        if (check.guard !== null && registers[check.guard] !== true) return;
        failures.push({ site: check.site, ofPredicate: needed.has(id) });
      });
    }
    const keep = program.predicate === null || registers[program.predicate] === true;
    const counting = failures.filter(({ ofPredicate }) => keep || ofPredicate);
    if (counting.length > 0) {
      const site = Math.min(...counting.map((failure) => failure.site));
      throw siteError(at(program.sites, site), row);
    }
    if (!keep) continue;
    keptRows += 1;
    for (const [index, { value, validity }] of program.outputs.entries()) {
      const valid = validity === null || registers[validity] === true;
      at(outputs, index).push(valid ? (registers[value] as Scalar) : null);
    }
  }
  const columns = program.outputs.map(({ dtype }, index) => writeColumn(dtype, at(outputs, index)));
  return { rowCount: keptRows, columns };
}

/** The instructions that the predicate is computed from: their checks see every row. */
function predicateDependencies(program: Program): ReadonlySet<number> {
  const needed = new Set<number>();
  const visit = (id: number | null) => {
    if (id === null || needed.has(id)) return;
    needed.add(id);
    for (const argument of argumentsOf(at(program.instructions, id))) visit(argument);
  };
  visit(program.predicate);
  return needed;
}

function argumentsOf(instruction: Instruction): (number | null)[] {
  const ids: (number | null)[] = [];
  if ("a" in instruction) ids.push(instruction.a);
  if ("b" in instruction) ids.push(instruction.b);
  if ("condition" in instruction) ids.push(instruction.condition);
  if ("check" in instruction) ids.push(instruction.check?.guard ?? null);
  return ids;
}

function compile(program: Program, batch: Batch): Step[] {
  const columns = new Map<number, Value[]>();
  const columnValues = (index: number): Value[] => {
    const known = columns.get(index) ?? readColumn(at(batch.columns, index));
    columns.set(index, known);
    return known;
  };
  return program.instructions.map((instruction) => compileStep(instruction, program, columnValues));
}

function compileStep(
  instruction: Instruction,
  program: Program,
  columnValues: (index: number) => Value[],
): Step {
  const get = (registers: Scalar[], id: number) => registers[id] as Scalar;
  switch (instruction.op) {
    case "load": {
      const values = columnValues(instruction.column);
      const underNull = zeroOf(instruction.lane);
      return (_, row) => (values[row] ?? underNull) as Scalar;
    }
    case "loadValidity": {
      const values = columnValues(instruction.column);
      return (_, row) => values[row] !== null;
    }
    case "constant": {
      const constant = at(program.constants, instruction.constant);
      const integer = constant.lane === "i32" || constant.lane === "u32";
      const value = integer ? BigInt(constant.value) : constant.value;
      return () => value;
    }
    case "neg":
    case "abs":
    case "sqrt":
    case "floor":
    case "ceil":
    case "trunc":
    case "round": {
      const { op, lane, a, check } = instruction;
      return (registers, _, fail) => {
        const { value, failed } = unary(op, lane, get(registers, a));
        if (failed && check !== null) fail(check);
        return value;
      };
    }
    case "eq":
    case "ne":
    case "lt":
    case "le": {
      const { op, a, b } = instruction;
      return (registers) => {
        const order = compareKeys(get(registers, a), get(registers, b));
        return { eq: order === 0, ne: order !== 0, lt: order < 0, le: order <= 0 }[op];
      };
    }
    case "and":
      return (registers) =>
        get(registers, instruction.a) === true && get(registers, instruction.b) === true;
    case "or":
      return (registers) =>
        get(registers, instruction.a) === true || get(registers, instruction.b) === true;
    case "xor":
      return (registers) => get(registers, instruction.a) !== get(registers, instruction.b);
    case "not":
      return (registers) => get(registers, instruction.a) !== true;
    case "isNan":
      return (registers) => Number.isNaN(get(registers, instruction.a));
    case "isFinite":
      return (registers) => Number.isFinite(get(registers, instruction.a));
    case "select": {
      const { condition, a, b } = instruction;
      return (registers) => get(registers, get(registers, condition) === true ? a : b);
    }
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
    case "inSet": {
      const members = memberTexts(at(program.sets, instruction.set));
      return (registers) => members.has(keyText([get(registers, instruction.a)]));
    }
    case "stringPredicate": {
      const { predicate, a, pattern } = instruction;
      const text = at(program.constants, pattern).value as string;
      const test = stringTest(predicate, text);
      return (registers) => test(get(registers, a) as string);
    }
    case "parse": {
      const { dtype, lane, a } = instruction;
      return (registers) => parseValue(get(registers, a) as string, dtype) ?? zeroOf(lane);
    }
    case "parseFits":
      return (registers) =>
        parseValue(get(registers, instruction.a) as string, instruction.dtype) !== null;
    case "format":
      return (registers) => formatValue(get(registers, instruction.a), instruction.dtype);
    default: {
      const { op, lane, a, b, check } = instruction;
      return (registers, _, fail) => {
        const { value, failed } = arithmetic(op, lane, get(registers, a), get(registers, b));
        if (failed && check !== null) fail(check);
        return value;
      };
    }
  }
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
