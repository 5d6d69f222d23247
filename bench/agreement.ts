// Whether engines gave the same answer, without comparing rows: their number, sums of columns, and
// values at fixed rows where the order is the point. Engines other than this one add floats in an
// order that changes from run to run, so with them float sums agree up to rounding only; this package's
// engines must agree to the bit, order of rows included.
import type { Result } from "./engines/engine.ts";
import type { Question } from "./questions/question.ts";

export interface Fingerprint {
  readonly rowCount: number;
  readonly sums: Readonly<Record<string, number>>;
  readonly probes: Readonly<Record<string, readonly (number | null)[]>>;
}

const relativeTolerance = 1e-9;
const probeCount = 10;

export async function fingerprintOf(result: Result, question: Question): Promise<Fingerprint> {
  const rowCount = await result.rowCount();
  const sums: Record<string, number> = {};
  for (const column of question.sums) sums[column] = await result.sum(column);
  const rows = Array.from({ length: probeCount }, (_, at) =>
    Math.floor((at * (rowCount - 1)) / (probeCount - 1)),
  );
  const probes: Record<string, readonly (number | null)[]> = {};
  for (const column of question.probes ?? []) {
    probes[column] = await result.valuesAt(column, rows);
  }
  return { rowCount, sums, probes };
}

/** What differs, in words; `null` when nothing does. */
export function disagreement(
  own: Fingerprint,
  other: Fingerprint,
  sameBits: boolean,
): string | null {
  const agree = sameBits ? Object.is : close;
  if (own.rowCount !== other.rowCount) return `${own.rowCount} rows against ${other.rowCount}`;
  for (const [column, sum] of Object.entries(own.sums)) {
    if (!agree(sum, other.sums[column]!)) {
      return `sum of ${column} is ${sum} against ${other.sums[column]}`;
    }
  }
  for (const [column, values] of Object.entries(own.probes)) {
    const at = values.findIndex((value, index) => value !== other.probes[column]![index]);
    if (at >= 0)
      return `${column} at probe ${at} is ${values[at]} against ${other.probes[column]![at]}`;
  }
  return null;
}

const close = (a: number, b: number) =>
  Object.is(a, b) || Math.abs(a - b) <= relativeTolerance * Math.max(Math.abs(a), Math.abs(b));
