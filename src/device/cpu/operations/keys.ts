// Key columns that the addon can compare: plain strings get a dictionary, beside the plain column, which stays what rows
// are gathered from.

import { at } from "../../../base/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import type { CpuContext } from "../context.ts";

export interface KeyedColumns {
  /** The batch's columns, then the encoded keys. */
  readonly columns: readonly Column[];
  /** The positions of the keys in `columns`. */
  readonly keys: readonly number[];
}

export async function withKeys(
  { dictionaries }: CpuContext,
  batch: Batch,
  keys: readonly number[],
): Promise<KeyedColumns> {
  const columns: Column[] = [...batch.columns];
  const positions: number[] = [];
  for (const key of keys) {
    const column = at(batch.columns, key);
    if (column.data.encoding !== "plain") {
      positions.push(key);
      continue;
    }
    positions.push(columns.length);
    columns.push(await dictionaries.encode(column));
  }
  return { columns, keys: positions };
}
