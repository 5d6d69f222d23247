// The order of dictionary entries as tables of u32, made once a dictionary by the host.

import type { Dictionary } from "../../../column/index.ts";
import type { GpuContext } from "../context.ts";

const rankTables = new WeakMap<Dictionary, Promise<Uint32Array>>();

/** ranks[code]: how many entries are smaller, by bytes. */
export function ranksOf(context: GpuContext, dictionary: Dictionary): Promise<Uint32Array> {
  let ranks = rankTables.get(dictionary);
  if (ranks === undefined) {
    ranks = context.dictionaries.ranks(dictionary);
    rankTables.set(dictionary, ranks);
    ranks.catch(() => rankTables.delete(dictionary));
  }
  return ranks;
}

/** codes[rank]: the inverse of the ranks. */
export function codesByRank(ranks: Uint32Array): Uint32Array {
  const codes = new Uint32Array(ranks.length);
  for (const [code, rank] of ranks.entries()) codes[rank] = code;
  return codes;
}
