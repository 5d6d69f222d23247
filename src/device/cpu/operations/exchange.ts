// exchange, and what prepares it: see native/kernels/exchange, kernels/number_rows, kernels/sample.

import { assert, at } from "../../../base/index.ts";
import type { Batch, Column } from "../../../column/index.ts";
import { INT64 } from "../../../dtype/index.ts";
import type {
  ExchangeOperation,
  ExchangeRoute,
  NumberRowsOperation,
  SampleOperation,
} from "../../../physical/index.ts";
import { freeResults, rowsOfAll, toNatives } from "../column_lists.ts";
import type { CpuContext } from "../context.ts";
import type { NativeExchange } from "../native_addon.ts";
import { concatColumns } from "./concat.ts";

export async function exchange(
  context: CpuContext,
  { parts, route }: ExchangeOperation,
  inputs: readonly Batch[],
): Promise<readonly Batch[]> {
  const batch = at(inputs, 0);
  const keyColumns = route.kind === "range" ? await rangeKeys(context, route, inputs) : [];
  const dealt = await context.native.exchange(
    await toNatives(context, batch.columns),
    await toNatives(context, keyColumns),
    batch.columns.length,
    batch.rowCount,
    requestOf(route, parts, inputs[1]?.rowCount ?? 0),
    context.run,
  );
  const results: Batch[] = [];
  try {
    for (const { columns, rowCount } of dealt) {
      results.push({ rowCount, columns: await rowsOfAll(context, columns, batch.columns) });
    }
    return results;
  } finally {
    for (const { columns } of dealt) freeResults(context.native, columns);
  }
}

function requestOf(route: ExchangeRoute, parts: number, splitters: number): NativeExchange {
  if (route.kind === "hash") {
    const { keys, seed, spreadNulls } = route;
    return { parts, isRange: false, splitters: 0, seed, spreadNulls, keys: Int32Array.from(keys) };
  }
  const keys = Int32Array.from(
    route.keys.flatMap(({ descending, nulls }, index) => [
      index,
      descending ? 1 : 0,
      nulls === "first" ? 1 : 0,
    ]),
  );
  return { parts, isRange: true, splitters, seed: 0, spreadNulls: false, keys };
}

/** For each key the splitters' values and then the rows', in one encoding: they are compared with each other. */
async function rangeKeys(
  context: CpuContext,
  { keys }: Extract<ExchangeRoute, { readonly kind: "range" }>,
  [batch, splitters]: readonly Batch[],
): Promise<readonly Column[]> {
  assert(batch !== undefined && splitters !== undefined, "ranges have splitters");
  return Promise.all(
    keys.map(async ({ column }, index) => {
      const parts = [at(splitters.columns, index), at(batch.columns, column)];
      const both = await concatColumns(context, parts);
      return both.data.encoding === "plain" ? await context.dictionaries.encode(both) : both;
    }),
  );
}

const WORDS_A_NUMBER = 2;

export function numberRows({ partition }: NumberRowsOperation, batch: Batch): Batch {
  // Row numbers fill the low words: numbers are below 2^32 rows, so no value is ever computed in 64 bits.
  const words = new Uint32Array(WORDS_A_NUMBER * batch.rowCount);
  for (let row = 0; row < batch.rowCount; row++) {
    words[WORDS_A_NUMBER * row] = row;
    words[WORDS_A_NUMBER * row + 1] = partition;
  }
  const first = BigInt(partition) << 32n;
  const numbers: Column = {
    dtype: INT64,
    length: batch.rowCount,
    nullCount: 0,
    validity: null,
    data: { encoding: "fixed", values: new BigInt64Array(words.buffer) },
    statistics: { min: first, max: first + BigInt(Math.max(0, batch.rowCount - 1)), sorted: true },
  };
  return { rowCount: batch.rowCount, columns: [...batch.columns, numbers] };
}

export async function sample(
  context: CpuContext,
  { count }: SampleOperation,
  batch: Batch,
): Promise<Batch> {
  const { rowCount } = batch;
  if (rowCount <= count) return batch;
  const rows = Uint32Array.from({ length: count }, (_, index) =>
    Math.floor(((2 * index + 1) * rowCount) / (2 * count)),
  );
  const natives = await toNatives(context, batch.columns);
  const columns = await context.native.gatherRows(natives, rows, context.run);
  return { rowCount: rows.length, columns: await rowsOfAll(context, columns, batch.columns) };
}
