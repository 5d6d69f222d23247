// evaluate: strings are resolved to codes and tables, columns that pass through unchanged are shared, and the rest is one
// call of the addon.

import { at } from "../../../base/index.ts";
import {
  type CpuProgram,
  compileProgram,
  fixedStorage,
  formatStage,
  type ResolvedStrings,
  STORAGE,
  storageOf,
} from "../../../codegen/index.ts";
import type { Batch, Column, Dictionary } from "../../../column/index.ts";
import type { Program, ProgramOutput, ResolvedProgram } from "../../../ir/index.ts";
import type { EvaluateOperation } from "../../../physical/index.ts";
import type { CpuContext } from "../context.ts";
import { fromNative, toNative } from "../marshal.ts";
import type { NativeColumn } from "../native_addon.ts";

const NO_COLUMN: NativeColumn = {
  storage: STORAGE.u8,
  length: 0,
  nullCount: 0,
  validity: null,
  values: new Uint8Array(0),
};

export function evaluate(
  context: CpuContext,
  { program }: EvaluateOperation,
  input: Batch,
): Promise<Batch> {
  return evaluateProgram(context, program, input);
}

async function evaluateProgram(
  context: CpuContext,
  program: Program,
  input: Batch,
): Promise<Batch> {
  const stage = formatStage(program);
  if (stage === null) return evaluateResolved(context, program, input);
  const values = await evaluateResolved(context, stage.values, input);
  const texts = await Promise.all(
    values.columns.map((column, index) =>
      context.dictionaries.format(column, at(stage.dtypes, index)),
    ),
  );
  const columns = [...input.columns, ...texts];
  return evaluateProgram(context, stage.rest, { rowCount: input.rowCount, columns });
}

async function evaluateResolved(
  context: CpuContext,
  program: Program,
  input: Batch,
): Promise<Batch> {
  const batch = await context.dictionaries.encodePlainColumns(input, program);
  const resolved = await context.strings.resolve(program, batch.columns.map(dictionaryOf));
  const shared = resolved.program.outputs.map((output, index) =>
    sharedColumn(resolved, output, index, batch),
  );
  const computed = resolved.program.outputs.flatMap((_, index) => (shared[index] ? [] : [index]));
  const compiled = compileProgram({
    ...resolved.program,
    outputs: computed.map((index) => at(resolved.program.outputs, index)),
  });
  if (compiled.predicate === null && compiled.code.length === 0) {
    return { rowCount: batch.rowCount, columns: shared.flatMap((column) => column ?? []) };
  }
  const result = await context.native.evaluate(
    loadedColumns(batch, compiled),
    batch.rowCount,
    compiled,
    context.threads,
  );
  const natives = new Map(computed.map((index, position) => [index, at(result.columns, position)]));
  const columns = resolved.program.outputs.map((output, index) => {
    const native = natives.get(index);
    if (native === undefined) return at(shared, index) as Column;
    const source = sourceOf(resolved.program, output);
    return fromNative(native, {
      dtype: output.dtype,
      dictionary: at(resolved.dictionaries, index),
      // A filter keeps the order of rows, so that even `sorted` still holds.
      statistics: source === null ? null : at(batch.columns, source).statistics,
    });
  });
  return { rowCount: result.rowCount, columns };
}

function dictionaryOf({ data }: Column): Dictionary | null {
  return data.encoding === "dictionary" ? data.dictionary : null;
}

/** The input column that the output's values are, row by row, or null. */
function sourceOf(program: ResolvedProgram, { value }: ProgramOutput): number | null {
  const instruction = at(program.instructions, value);
  return instruction.op === "load" ? instruction.column : null;
}

/** Without a predicate, an output that is a column: the same memory under the output's dtype. */
function sharedColumn(
  { program, dictionaries }: ResolvedStrings,
  output: ProgramOutput,
  index: number,
  batch: Batch,
): Column | null {
  const source = sourceOf(program, output);
  if (program.predicate !== null || source === null) return null;
  const column = at(batch.columns, source);
  const sameValues =
    column.data.encoding === "dictionary"
      ? column.data.dictionary === dictionaries[index]
      : storageOf(column) === fixedStorage(output.dtype);
  if (!sameValues) return null;
  if (output.validity === null) {
    return { ...column, dtype: output.dtype, validity: null, nullCount: 0 };
  }
  const validity = at(program.instructions, output.validity);
  if (validity.op !== "loadValidity" || validity.column !== source) return null;
  return { ...column, dtype: output.dtype };
}

/** Columns that the code does not load are left out: they may be of a kind that the addon's interpreter does not know. */
function loadedColumns(batch: Batch, { columns }: CpuProgram): NativeColumn[] {
  const natives = batch.columns.map(() => NO_COLUMN);
  for (const index of columns) natives[index] = toNative(at(batch.columns, index));
  return natives;
}
