// Columns by the thousand, to the addon and back in parts between turns of the event loop: native/core/column_lists.cc.

import { at, inSlices, type Steps, throwIfAborted } from "../../base/index.ts";
import type { Column } from "../../column/index.ts";
import { type BlockOwner, fromRowsOf, toNative } from "./marshal.ts";
import type {
  NativeAddon,
  NativeColumn,
  NativeColumns,
  NativeHandle,
  NativeResults,
} from "./native_addon.ts";

/** So many are read at once: a part pays for a call of its own. As kMostAtOnce of the addon. */
const MOST_AT_ONCE = 64;
/** A tenth of a slice. */
const PART = 32;

/** Who calls the addon. Once the signal aborts, results are freed and not taken. */
export interface Caller {
  readonly native: NativeAddon;
  readonly signal: AbortSignal | undefined;
}

/**
 * What a call takes for the columns; the event loop turns meanwhile, as in the next one. Until the call somebody has to hold
 * their blocks.
 */
export const toNatives = (
  caller: Pick<Caller, "native">,
  columns: readonly Column[],
): Promise<NativeColumns> => toNativesOf(caller, columns, toNative);

/** As toNatives. */
export const toNativesOf = <T>(
  { native }: Pick<Caller, "native">,
  items: readonly T[],
  of: (item: T) => NativeColumn,
): Promise<NativeColumns> => inSlices(nativesOf(native, items, of));

function* nativesOf<T>(
  native: NativeAddon,
  items: readonly T[],
  of: (item: T) => NativeColumn,
): Steps<NativeColumns> {
  if (items.length <= MOST_AT_ONCE) return items.map((item) => of(item));
  const views = native.newViews();
  const kept: NativeColumn[][] = [];
  for (let begin = 0; begin < items.length; begin += PART) {
    const part = items.slice(begin, begin + PART).map((item) => of(item));
    native.addViews(views, part);
    kept.push(part);
    yield;
  }
  return { views, kept };
}

/** `of` of each column of a result. @throws AbortError, and what `of` throws; then the columns that are left are freed. */
export async function takenColumns<T>(
  { native, signal }: Caller,
  results: NativeResults,
  of: (column: NativeColumn, index: number) => T,
): Promise<T[]> {
  if (isList(results)) {
    try {
      return await inSlices(takenOf(native, results, of, signal));
    } finally {
      freeResults(native, results);
    }
  }
  return results.map((column, index) => of(column, index));
}

function* takenOf<T>(
  native: NativeAddon,
  list: NativeHandle,
  of: (column: NativeColumn, index: number) => T,
  signal: AbortSignal | undefined,
): Steps<T[]> {
  const taken: T[] = [];
  for (;;) {
    throwIfAborted(signal);
    const part = native.takeColumns(list, PART);
    if (part.length === 0) return taken;
    for (const column of part) taken.push(of(column, taken.length));
    yield;
  }
}

/** What was not taken. */
export function freeResults(native: NativeAddon, results: NativeResults): void {
  if (isList(results)) native.freeColumns(results);
}

const isList = (results: NativeResults): results is NativeHandle => !Array.isArray(results);

/** fromRowsOf() of each. */
export const rowsOfAll = (
  caller: Caller & { readonly blocks: BlockOwner },
  results: NativeResults,
  sources: readonly Column[],
): Promise<Column[]> =>
  takenColumns(caller, results, (column, index) =>
    fromRowsOf(caller.blocks, column, at(sources, index)),
  );
