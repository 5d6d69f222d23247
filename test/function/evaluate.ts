// Runs expressions on the reference executor, for tests of what functions mean.
import { expect } from "vitest";
import {
  type Batch,
  type CellValue,
  columnFromValues,
  columnToValues,
  type JsValue,
} from "../../src/column/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import { type DTypeLike, Schema, toDType } from "../../src/dtype/index.ts";
import type { AnyExpr } from "../../src/expr/index.ts";
import { bindExpression, lowerProgram } from "../../src/function/index.ts";

/** What a failing check raises: toThrow(failureAt(...)). Zero-based row of the batch. */
export function failureAt(row: number, text: string): unknown {
  return expect.objectContaining({ row, message: expect.stringContaining(text) });
}

export interface TestColumns {
  readonly [name: string]: readonly [dtype: DTypeLike, values: readonly CellValue[]];
}

export interface TestFrame {
  readonly schema: Schema;
  readonly batch: Batch;
}

export function testFrame(columns: TestColumns): TestFrame {
  const entries = Object.entries(columns);
  const schema = new Schema(entries.map(([name, [dtype]]) => ({ name, dtype: toDType(dtype) })));
  const built = entries.map(([, [dtype, values]]) => columnFromValues(values, toDType(dtype)));
  return { schema, batch: { rowCount: built[0]?.length ?? 0, columns: built } };
}

export function programOf(
  { schema }: TestFrame,
  outputs: readonly AnyExpr[],
  predicate: AnyExpr | null = null,
) {
  const bind = (expr: AnyExpr) => bindExpression(expr.node, schema, "test");
  const dtypes = schema.fields.map(({ dtype }) => dtype);
  return lowerProgram(dtypes, outputs.map(bind), predicate === null ? null : bind(predicate));
}

/** The expression's values, 64-bit integers as bigints. */
export function valuesOf(
  frame: TestFrame,
  expr: AnyExpr,
  predicate: AnyExpr | null = null,
): JsValue[] {
  const program = programOf(frame, [expr], predicate);
  const { columns } = execute({ kind: "evaluate", program }, [frame.batch]);
  return columnToValues(columns[0]!, { int64: "bigint" });
}

export function dtypeOf({ schema }: TestFrame, expr: AnyExpr) {
  return bindExpression(expr.node, schema, "test").dtype;
}
