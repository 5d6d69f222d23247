// A table as text, for console.log: names, dtypes, the first and last rows, and how many there are.
//
//   ┌───────┬───────┐
//   │ state │     n │
//   │ string│ int64 │
//   ├───────┼───────┤
//   │ CA    │    12 │
//   └───────┴───────┘
//   2 rows x 2 columns

import {
  type Batch,
  type Column,
  formatDurationText,
  type JsValue,
  valueAt,
} from "../column/index.ts";
import { dtypeName, isFloat, isNumeric, type Schema } from "../dtype/index.ts";

export interface PrintOptions {
  /** Rows to show; of a longer table the first and last half. */
  readonly rows: number;
  /** Characters of a line; columns that do not fit are named below. */
  readonly width: number;
}

const MAX_CELL = 32;
const ELLIPSIS = "…";

export function printTable(batch: Batch, schema: Schema, options: PrintOptions): string {
  const shown = shownRows(batch.rowCount, options.rows);
  const columns = schema.fields.map((field, index) => {
    const column = batch.columns[index] as Column;
    const cells = shown.map((row) => (row === null ? ELLIPSIS : cellText(column, row)));
    const texts = [clip(oneLine(field.name)), clip(dtypeName(field.dtype)), ...cells];
    return {
      texts,
      right: isNumeric(field.dtype) || field.dtype.kind === "duration",
      width: Math.max(...texts.map(displayWidth), 1),
    };
  });
  const fitting = fittingColumns(
    columns.map(({ width }) => width),
    options.width,
  );
  const visible = columns.slice(0, fitting);
  const line = (index: number) =>
    `│${visible.map(({ texts, right, width }) => ` ${pad(texts[index] ?? "", width, right)} `).join("│")}│`;
  const rule = (left: string, middle: string, end: string) =>
    left + visible.map(({ width }) => "─".repeat(width + 2)).join(middle) + end;
  const body = shown.map((_, index) => line(index + 2));
  const lines =
    visible.length === 0
      ? []
      : [rule("┌", "┬", "┐"), line(0), line(1), rule("├", "┼", "┤"), ...body, rule("└", "┴", "┘")];
  return [...lines, summary(batch.rowCount, schema, fitting)].join("\n");
}

function summary(rows: number, schema: Schema, fitting: number): string {
  const count = `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
  const columns = `${schema.length} ${schema.length === 1 ? "column" : "columns"}`;
  const hidden = schema.names.slice(fitting).map((name) => clip(JSON.stringify(name)));
  if (hidden.length === 0) return `${count} x ${columns}`;
  const named = hidden.slice(0, 8).join(", ") + (hidden.length > 8 ? `, ${ELLIPSIS}` : "");
  return `${count} x ${columns} (not shown: ${named})`;
}

/** Row numbers, with one null where rows are left out. */
function shownRows(rowCount: number, most: number): (number | null)[] {
  if (rowCount <= most) return Array.from({ length: rowCount }, (_, row) => row);
  const tail = Math.floor(most / 2);
  const head = most - tail;
  const range = (start: number, length: number) =>
    Array.from({ length }, (_, index) => start + index);
  return [...range(0, head), null, ...range(rowCount - tail, tail)];
}

function fittingColumns(widths: readonly number[], limit: number): number {
  let used = 1;
  for (const [index, width] of widths.entries()) {
    used += width + 3;
    if (used > limit) return Math.max(1, index);
  }
  return widths.length;
}

function cellText(column: Column, row: number): string {
  const { dtype } = column;
  const value = dateOrValue(column, row);
  if (value === null) return "null";
  if (value instanceof Date) {
    const text = value.toISOString();
    return dtype.kind === "date"
      ? text.slice(0, 10)
      : text.replace("T", " ").replace(/(\.000)?Z$/, "");
  }
  if (dtype.kind === "duration") return formatDurationText(BigInt(value), dtype.unit);
  if (typeof value === "number") return isFloat(dtype) ? floatText(value) : String(value);
  return clip(oneLine(String(value)));
}

/** Instants outside of Date's years print as their integer. */
function dateOrValue(column: Column, row: number): JsValue {
  try {
    return valueAt(column, row, { int64: "bigint" });
  } catch {
    const { data } = column;
    return data.encoding === "fixed" ? (data.values[row] ?? null) : null;
  }
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
  const short = Number(value.toPrecision(8));
  return String(short);
}

/** Control characters would break the frame, or drive the terminal. */
export function oneLine(text: string): string {
  const cut = text.length > 4 * MAX_CELL ? text.slice(0, 4 * MAX_CELL) : text;
  return cut.replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u{${character.codePointAt(0)?.toString(16)}}` : escaped;
  });
}

function clip(text: string): string {
  const characters = [...text];
  if (characters.length <= MAX_CELL) return text;
  return characters.slice(0, MAX_CELL - 1).join("") + ELLIPSIS;
}

function pad(text: string, width: number, right: boolean): string {
  const spaces = " ".repeat(Math.max(0, width - displayWidth(text)));
  return right ? spaces + text : text + spaces;
}

/** Terminal columns: East Asian wide characters and emoji take two, combining marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
