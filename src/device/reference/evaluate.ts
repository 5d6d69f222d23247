// evaluate: walks a program row by row. Every instruction becomes one closure over the row's registers.

import { at } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { Instruction, Program, SiteId } from "../../ir/index.ts";
import { siteError } from "../site_error.ts";
import { compileStep, type Step } from "./steps.ts";
import { readColumn, type Scalar, type Value, writeColumn } from "./values.ts";

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
