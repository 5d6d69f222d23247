// Drops instructions, constants, sets and sites that nothing needs, and numbers the rest anew in their order.

import { at, type Steps } from "../base/index.ts";
import type { Check, Instruction, Program, ValueId } from "../ir/index.ts";

/** Instructions a step. */
const A_STEP = 128;

export function* pruned(program: Program): Steps<Program> {
  const live = yield* liveValues(program);
  const values = renumbering(program.instructions.length, (id) => live.has(id));
  yield;
  const kept = program.instructions.filter((_, id) => live.has(id));
  yield;
  const used = kept.map(tablesOf);
  const usedOf = (table: keyof Tables) => new Set(used.map((tables) => tables[table]));
  const [constantIds, setIds, siteIds] = [usedOf("constant"), usedOf("set"), usedOf("site")];
  const tableIds = usedOf("table");
  yield;
  const constants = renumbering(program.constants.length, (id) => constantIds.has(id));
  const sets = renumbering(program.sets.length, (id) => setIds.has(id));
  const tables = renumbering(program.tables.length, (id) => tableIds.has(id));
  const sites = renumbering(program.sites.length, (id) => siteIds.has(id));
  const value = (id: ValueId) => at(values, id);
  const instructions: Instruction[] = [];
  for (const [id, instruction] of kept.entries()) {
    instructions.push(renumber(instruction, { value, constants, sets, tables, sites }));
    if (id % A_STEP === 0) yield;
  }
  return {
    inputs: program.inputs,
    instructions,
    constants: program.constants.filter((_, id) => at(constants, id) >= 0),
    sets: program.sets.filter((_, id) => at(sets, id) >= 0),
    tables: program.tables.filter((_, id) => at(tables, id) >= 0),
    sites: program.sites.filter((_, id) => at(sites, id) >= 0),
    predicate: program.predicate === null ? null : value(program.predicate),
    outputs: program.outputs.map((output) => ({
      ...output,
      value: value(output.value),
      validity: output.validity === null ? null : value(output.validity),
    })),
  };
}

/** All values that the outputs and the predicate are computed from. Arguments have smaller numbers: one pass down. */
function* liveValues(program: Program): Steps<ReadonlySet<ValueId>> {
  const live = new Set<ValueId>();
  const need = (id: ValueId | null) => {
    if (id !== null) live.add(id);
  };
  need(program.predicate);
  for (const { value, validity } of program.outputs) {
    need(value);
    need(validity);
  }
  for (let id = program.instructions.length - 1; id >= 0; id--) {
    if (id % A_STEP === 0) yield;
    if (live.has(id))
      for (const argument of argumentsOf(at(program.instructions, id))) need(argument);
  }
  return live;
}

function argumentsOf(instruction: Instruction): (ValueId | null)[] {
  const ids: (ValueId | null)[] = [];
  if ("a" in instruction) ids.push(instruction.a);
  if ("b" in instruction) ids.push(instruction.b);
  if ("condition" in instruction) ids.push(instruction.condition);
  if ("check" in instruction) ids.push(instruction.check?.guard ?? null);
  return ids;
}

interface Tables {
  readonly constant: number | null;
  readonly set: number | null;
  readonly table: number | null;
  readonly site: number | null;
}

function tablesOf(instruction: Instruction): Tables {
  const pattern = instruction.op === "stringPredicate" ? instruction.pattern : null;
  return {
    constant: instruction.op === "constant" ? instruction.constant : pattern,
    set: "set" in instruction ? instruction.set : null,
    table: instruction.op === "lookup" ? instruction.table : null,
    site: "check" in instruction ? (instruction.check?.site ?? null) : null,
  };
}

/** New numbers of the entries that are kept; -1 for the others. */
function renumbering(length: number, keep: (id: number) => boolean): number[] {
  let next = 0;
  return Array.from({ length }, (_, id) => (keep(id) ? next++ : -1));
}

interface Numbers {
  readonly value: (id: ValueId) => ValueId;
  readonly constants: readonly number[];
  readonly sets: readonly number[];
  readonly tables: readonly number[];
  readonly sites: readonly number[];
}

function renumber(instruction: Instruction, numbers: Numbers): Instruction {
  const changes: Record<string, unknown> = {};
  if ("a" in instruction) changes.a = numbers.value(instruction.a);
  if ("b" in instruction) changes.b = numbers.value(instruction.b);
  if ("condition" in instruction) changes.condition = numbers.value(instruction.condition);
  if ("check" in instruction) changes.check = renumberCheck(instruction.check, numbers);
  if (instruction.op === "constant") changes.constant = at(numbers.constants, instruction.constant);
  if (instruction.op === "stringPredicate")
    changes.pattern = at(numbers.constants, instruction.pattern);
  if ("set" in instruction) changes.set = at(numbers.sets, instruction.set);
  if (instruction.op === "lookup") changes.table = at(numbers.tables, instruction.table);
  return { ...instruction, ...changes } as Instruction;
}

function renumberCheck(check: Check | null, numbers: Numbers): Check | null {
  if (check === null) return null;
  const guard = check.guard === null ? null : numbers.value(check.guard);
  return { site: at(numbers.sites, check.site), guard };
}
