// evaluate: strings are resolved to codes and tables, columns that pass through unchanged are shared, and the rest is one
// call of the addon.

import { assert, at, inSlices, mapped, turnIfOver } from "../../../base/index.ts";
import {
  type CpuProgram,
  compileProgram,
  fixedStorage,
  STORAGE,
  storageOf,
  type TextColumn,
  textStage,
} from "../../../codegen/index.ts";
import {
  type Batch,
  type Column,
  columnOf,
  type Dictionary,
  partsOf,
} from "../../../column/index.ts";
import { UINT32 } from "../../../dtype/index.ts";
import type { Program, ProgramOutput, ResolvedProgram } from "../../../ir/index.ts";
import type { EvaluateOperation } from "../../../physical/index.ts";
import { rowsOfAll, takenColumns, toNatives, toNativesOf } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import { fromNative, toNative, toNativeSpan } from "../marshal.ts";
import type { NativeColumn, NativeRows } from "../native_addon.ts";
import { loadedColumns, sourceOf } from "./program_columns.ts";

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
  return evaluateStages(context, program, input);
}

async function evaluateStages(context: CpuContext, program: Program, input: Batch): Promise<Batch> {
  const stage = textStage(program);
  if (stage === null) return evaluateProgram(context, program, input);
  const { columns } = await evaluateProgram(context, stage.values, input);
  const texts = await Promise.all(stage.texts.map((text) => textsOf(context, text, columns)));
  const { rowCount } = input;
  return evaluateStages(context, stage.rest, { rowCount, columns: [...input.columns, ...texts] });
}

function textsOf(
  { dictionaries }: CpuContext,
  text: TextColumn,
  values: readonly Column[],
): Promise<Column> {
  if (text.kind === "format")
    return dictionaries.format(at(values, text.value), text.dtype, text.pattern);
  const [a, b] = text.values;
  return dictionaries.concatTexts(at(values, a), at(values, b));
}

/** How an output comes about. */
type Route =
  /** Without a predicate, the input column itself. */
  | { readonly kind: "shared"; readonly column: Column }
  /** With a predicate, rows of a plain column: gathered by number, so that it needs no dictionary. */
  | { readonly kind: "gathered"; readonly source: Column }
  | { readonly kind: "computed"; readonly output: ProgramOutput };

async function evaluateProgram(
  context: CpuContext,
  program: Program,
  input: Batch,
): Promise<Batch> {
  const toRoute = (output: ProgramOutput) => routeOf(program, output, input);
  const routes = await inSlices(mapped(program.outputs, toRoute));
  const computed = routes.flatMap((route) => (route.kind === "computed" ? [route.output] : []));
  const rest = withOutputs(program, computed);
  await turnIfOver();
  const batch = await context.dictionaries.encodeColumns(input, loadedColumns(rest));
  await turnIfOver();
  const resolved = await context.strings.resolve(
    rest,
    batch.columns.map(dictionaryOf),
    context.signal,
  );
  const rowNumbers = routes.some(({ kind }) => kind === "gathered");
  const code = await compiled(resolved.program, rowNumbers);
  const { rowCount, columns } = await run(context, code, batch);
  const toColumn = (column: NativeColumn, index: number): Column => {
    const output = computed[index];
    // Behind the outputs.
    if (output === undefined) return fromNative(context.blocks, column, { dtype: UINT32 });
    const source = sourceOf(program, output);
    return fromNative(context.blocks, column, {
      dtype: output.dtype,
      dictionary: at(resolved.dictionaries, index),
      // A filter keeps the order of rows, so that even `sorted` still holds.
      statistics: source === null ? null : at(input.columns, source).statistics,
    });
  };
  const results = await takenColumns(context, columns, toColumn);
  const gathered = rowNumbers ? await gatherRows(context, routes, results.pop()) : [];
  const next = { computed: results.values(), gathered: gathered.values() };
  return {
    rowCount,
    columns: routes.map((route): Column => {
      if (route.kind === "shared") return route.column;
      const { value, done } = next[route.kind].next();
      assert(!done, "every output has a column");
      return value;
    }),
  };
}

// The resolver of strings knows programs by identity: partitions of one query must get the same objects.
const narrowed = new WeakMap<Program, Map<string, Program>>();

/** The program with some of its outputs. */
function withOutputs(program: Program, outputs: readonly ProgramOutput[]): Program {
  if (outputs.length === program.outputs.length) return program;
  const known = narrowed.get(program) ?? new Map<string, Program>();
  narrowed.set(program, known);
  const key = outputs.map((output) => program.outputs.indexOf(output)).join();
  const found = known.get(key) ?? { ...program, outputs };
  known.set(key, found);
  return found;
}

const codes = new WeakMap<ResolvedProgram, Map<boolean, CpuProgram>>();

/** Once for all partitions, and for all queries that share a plan. */
async function compiled(program: ResolvedProgram, rowNumbers: boolean): Promise<CpuProgram> {
  const known = codes.get(program) ?? new Map<boolean, CpuProgram>();
  codes.set(program, known);
  const code = known.get(rowNumbers) ?? (await inSlices(compileProgram(program, { rowNumbers })));
  known.set(rowNumbers, code);
  return code;
}

async function run(context: CpuContext, code: CpuProgram, batch: Batch): Promise<NativeRows> {
  if (code.predicate === null && code.code.length === 0) {
    return { rowCount: batch.rowCount, columns: [] };
  }
  // Columns that the code does not load are left out: the interpreter may not know their storage.
  const loaded = new Set(code.columns);
  const columns = await toNativesOf(context, [...batch.columns.keys()], (index) =>
    loaded.has(index) ? toNative(at(batch.columns, index)) : NO_COLUMN,
  );
  return context.native.evaluate(columns, batch.rowCount, code, context.run);
}

async function gatherRows(
  context: CpuContext,
  routes: readonly Route[],
  numbers: Column | undefined,
): Promise<readonly Column[]> {
  assert(numbers !== undefined, "the last output is the row numbers");
  const { data } = partsOf(numbers);
  assert(data.encoding === "fixed", "row numbers are uint32");
  const rows = toNativeSpan(data.values);
  const sources = routes.flatMap((route) => (route.kind === "gathered" ? [route.source] : []));
  const natives = await toNatives(context, sources);
  const results = await context.native.gatherRows(natives, rows, context.run);
  return await rowsOfAll(context, results, sources);
}

function routeOf(program: Program, output: ProgramOutput, batch: Batch): Route {
  const column = passedColumn(program, output, batch);
  if (column === null) return { kind: "computed", output };
  if (program.predicate === null) return { kind: "shared", column };
  if (column.data.encoding === "plain") return { kind: "gathered", source: column };
  return { kind: "computed", output };
}

/** The input column that the output is, value for value and null for null, under the output's dtype; else null. */
function passedColumn(program: Program, output: ProgramOutput, batch: Batch): Column | null {
  const source = sourceOf(program, output);
  if (source === null) return null;
  const column = at(batch.columns, source);
  const isString = output.dtype.kind === "string";
  if (!isString && storageOf(column) !== fixedStorage(output.dtype)) return null;
  const parts = partsOf(column);
  if (output.validity === null) {
    return columnOf({ ...parts, dtype: output.dtype, validity: null, nullCount: 0 });
  }
  const validity = at(program.instructions, output.validity);
  const isOwn = validity.op === "loadValidity" && validity.column === source;
  return isOwn ? columnOf({ ...parts, dtype: output.dtype }) : null;
}

function dictionaryOf({ data }: Column): Dictionary | null {
  return data.encoding === "dictionary" ? data.dictionary : null;
}
