// join: a map from the right rows' keys to their row numbers, probed by the left rows in order.

import { assertNever, at, MemoryBudgetError } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { checkJoinRows, type JoinOperation } from "../../physical/index.ts";
import { gather, keyText, readColumn, type Value } from "./values.ts";

/** A result row: a row number of either side, null where that side has none. */
type Pair = readonly [left: number | null, right: number | null];

const MOST_ROWS = 2 ** 31 - 1;

export function join(operation: JoinOperation, left: Batch, right: Batch): Batch {
  const matches = matchesOf(operation, left, right);
  checkSize(operation, matches, left, right);
  const pairs = pairsOf(operation, matches, right);
  const lefts = pairs.map(([row]) => row);
  const rights = pairs.map(([, row]) => row);
  return {
    rowCount: pairs.length,
    columns: [
      ...operation.leftOutputs.map((column) => gather(at(left.columns, column), lefts)),
      ...operation.rightOutputs.map((column) => gather(at(right.columns, column), rights)),
    ],
  };
}

/** For each left row the right rows that match it, ascending. */
function matchesOf(operation: JoinOperation, left: Batch, right: Batch): (readonly number[])[] {
  const rightRows = new Map<string, number[]>();
  for (const [row, key] of keysOf(right, operation.rightKeys, operation.nullEquals).entries()) {
    if (key === null) continue;
    const rows = rightRows.get(key);
    if (rows === undefined) rightRows.set(key, [row]);
    else rows.push(row);
  }
  return keysOf(left, operation.leftKeys, operation.nullEquals).map((key) =>
    key === null ? [] : (rightRows.get(key) ?? []),
  );
}

/** One text a row; null for a row that matches nothing. */
function keysOf(batch: Batch, keys: readonly number[], nullEquals: boolean): (string | null)[] {
  const columns = keys.map((key) => readColumn(at(batch.columns, key)));
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const key = columns.map((values) => values[row] as Value);
    return !nullEquals && key.includes(null) ? null : keyText(key);
  });
}

function pairsOf(
  { how }: JoinOperation,
  matches: readonly (readonly number[])[],
  right: Batch,
): Pair[] {
  const inner = matches.flatMap((rows, left) => rows.map((row): Pair => [left, row]));
  const unmatchedRight = (): Pair[] => {
    const matched = new Set(matches.flat());
    const rows = Array.from({ length: right.rowCount }, (_, row) => row);
    return rows.filter((row) => !matched.has(row)).map((row) => [null, row]);
  };
  const leftOuter = () =>
    matches.flatMap((rows, left): Pair[] =>
      rows.length === 0 ? [[left, null]] : rows.map((row) => [left, row]),
    );
  const leftOnly = (keep: (rows: readonly number[]) => boolean) =>
    matches.flatMap((rows, left): Pair[] => (keep(rows) ? [[left, null]] : []));
  switch (how) {
    case "inner":
      return inner;
    case "left":
      return leftOuter();
    case "right":
      return [...inner, ...unmatchedRight()];
    case "full":
      return [...leftOuter(), ...unmatchedRight()];
    case "semi":
      return leftOnly((rows) => rows.length > 0);
    case "anti":
      return leftOnly((rows) => rows.length === 0);
    default:
      return assertNever(how);
  }
}

function checkSize(
  operation: JoinOperation,
  matches: readonly (readonly number[])[],
  left: Batch,
  right: Batch,
): void {
  const pairs = matches.reduce((sum, { length }) => sum + length, 0);
  checkJoinRows(operation, pairs, left.rowCount, right.rowCount);
  const rows = pairs + left.rowCount + right.rowCount;
  if (rows <= MOST_ROWS) return;
  throw new MemoryBudgetError(
    `a join of ${left.rowCount} and ${right.rowCount} rows gives ${rows}`,
    {
      hint: "Filter or aggregate the inputs before the join.",
    },
  );
}
