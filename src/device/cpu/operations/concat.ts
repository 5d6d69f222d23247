// concat: dictionaries are unified first; then every column is one call of the addon that copies, and remaps codes.

import { assert, at } from "../../../base/index.ts";
import type { Batch, Column, ColumnStatistics } from "../../../column/index.ts";
import type { CpuContext } from "../context.ts";
import { fromNative, toNative } from "../marshal.ts";

export async function concat(context: CpuContext, batches: readonly Batch[]): Promise<Batch> {
  assert(batches.length > 0, "a concat has an input");
  const first = at(batches, 0);
  if (batches.length === 1) return first;
  const columns = await Promise.all(
    first.columns.map((_, index) =>
      concatColumns(
        context,
        batches.map((batch) => at(batch.columns, index)),
      ),
    ),
  );
  return { rowCount: batches.reduce((rows, batch) => rows + batch.rowCount, 0), columns };
}

/** Rows of all parts, one after the other. */
export async function concatColumns(
  context: CpuContext,
  parts: readonly Column[],
): Promise<Column> {
  const { native, run } = context;
  const aligned = await sameEncoding(context, parts);
  const dictionaries = aligned.flatMap(({ data }) =>
    data.encoding === "dictionary" ? [data.dictionary] : [],
  );
  const isShared = dictionaries.every((dictionary) => dictionary === dictionaries[0]);
  const { dictionary, remaps } = isShared
    ? { dictionary: dictionaries[0] ?? null, remaps: [] }
    : await context.dictionaries.unify(dictionaries);
  const column = await native.concat(aligned.map(toNative), [...remaps], run);
  return fromNative(context.blocks, column, {
    dtype: at(parts, 0).dtype,
    dictionary,
    statistics: mergedStatistics(parts),
  });
}

/** Plain parts become dictionaries where others are; all plain stays plain. */
async function sameEncoding(
  { dictionaries }: CpuContext,
  parts: readonly Column[],
): Promise<readonly Column[]> {
  const plain = parts.filter(({ data }) => data.encoding === "plain").length;
  if (plain === 0 || plain === parts.length) return parts;
  return Promise.all(parts.map((part) => dictionaries.encode(part)));
}

/** A bound holds for the whole where every part that has values has it. */
function mergedStatistics(parts: readonly Column[]): ColumnStatistics | null {
  const bounds = parts
    .filter(({ length, nullCount }) => nullCount < length)
    .map(({ statistics }) => statistics ?? {});
  if (bounds.length === 0) return null;
  const all = <T>(pick: (from: ColumnStatistics) => T | undefined): readonly T[] | null => {
    const values = bounds.map(pick);
    return values.every((value) => value !== undefined) ? (values as T[]) : null;
  };
  const extreme = <T>(values: readonly T[], isBetter: (a: T, b: T) => boolean): T =>
    values.reduce((best, value) => (isBetter(value, best) ? value : best));
  const min = all(({ min }) => min);
  const max = all(({ max }) => max);
  const low = all(({ lowExponent }) => lowExponent);
  const high = all(({ highExponent }) => highExponent);
  const specials = all(({ hasSpecials }) => hasSpecials);
  return {
    ...(min === null ? {} : { min: extreme(min, (a, b) => a < b) }),
    ...(max === null ? {} : { max: extreme(max, (a, b) => a > b) }),
    ...(low === null ? {} : { lowExponent: Math.min(...low) }),
    ...(high === null ? {} : { highExponent: Math.max(...high) }),
    ...(specials === null ? {} : { hasSpecials: specials.includes(true) }),
  };
}
