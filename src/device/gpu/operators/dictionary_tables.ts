// Tables of u32 over the entries of dictionaries, made once a dictionary by the host.

import { at } from "../../../base/index.ts";
import type { Dictionary } from "../../../column/index.ts";
import type { GpuContext } from "../context.ts";

const rankTables = new WeakMap<Dictionary, Promise<Uint32Array>>();

/** ranks[code]: how many entries are smaller, by bytes. */
export function ranksOf(context: GpuContext, dictionary: Dictionary): Promise<Uint32Array> {
  return once(rankTables, dictionary, () => context.dictionaries.ranks(dictionary));
}

/** codes[rank]: the inverse of the ranks. */
export function codesByRank(ranks: Uint32Array): Uint32Array {
  const codes = new Uint32Array(ranks.length);
  for (const [code, rank] of ranks.entries()) codes[rank] = code;
  return codes;
}

/** [left][right] */
const remaps = new WeakMap<Dictionary, WeakMap<Dictionary, Promise<Uint32Array>>>();

/**
 * The left dictionary's code of every right entry; entries that the left lacks get codes beyond its size, which no
 * left row has.
 */
export function remapOf(
  context: GpuContext,
  left: Dictionary,
  right: Dictionary,
): Promise<Uint32Array> {
  const ofLeft = remaps.get(left) ?? new WeakMap<Dictionary, Promise<Uint32Array>>();
  remaps.set(left, ofLeft);
  return once(ofLeft, right, async () => {
    const unified = await context.dictionaries.unify([left, right]);
    return at(unified.remaps, 1);
  });
}

/** What `make` gave for the key before; a failure is forgotten. */
function once<K extends object, V>(
  known: WeakMap<K, Promise<V>>,
  key: K,
  make: () => Promise<V>,
): Promise<V> {
  const before = known.get(key);
  if (before) return before;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
