// exchange, and what prepares it (kernels/exchange, number_rows, sample): rows to parts by a hash or by splitters.

import { assert, at } from "../../base/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import { type DType, INT64 } from "../../dtype/index.ts";
import type {
  ExchangeOperation,
  NumberRowsOperation,
  SampleOperation,
  SortKey,
} from "../../physical/index.ts";
import { concat } from "./concat.ts";
import { rowOrder } from "./sort.ts";
import { gather, readColumn, type Value, writeColumn } from "./values.ts";

export function exchange(
  { parts, route }: ExchangeOperation,
  inputs: readonly Batch[],
): readonly Batch[] {
  const batch = at(inputs, 0);
  const partOf =
    route.kind === "hash" ? hashRoute(route, parts, batch) : rangeRoute(route.keys, inputs);
  const rows: number[][] = Array.from({ length: parts }, () => []);
  for (let row = 0; row < batch.rowCount; row++) at(rows, partOf(row)).push(row);
  return rows.map((own) => ({
    rowCount: own.length,
    columns: batch.columns.map((column) => gather(column, own)),
  }));
}

export function numberRows({ partition }: NumberRowsOperation, batch: Batch): Batch {
  const first = BigInt(partition) << 32n;
  const numbers = Array.from({ length: batch.rowCount }, (_, row) => first + BigInt(row));
  return { rowCount: batch.rowCount, columns: [...batch.columns, writeColumn(INT64, numbers)] };
}

export function sample({ count }: SampleOperation, batch: Batch): Batch {
  const rows = sampledRows(batch.rowCount, count);
  return { rowCount: rows.length, columns: batch.columns.map((column) => gather(column, rows)) };
}

/** Which rows a sample of `count` has: the middles of so many even runs. */
export function sampledRows(rowCount: number, count: number): number[] {
  const size = Math.min(rowCount, count);
  return Array.from({ length: size }, (_, index) =>
    Math.floor(((2 * index + 1) * rowCount) / (2 * size)),
  );
}

type HashRoute = Extract<ExchangeOperation["route"], { readonly kind: "hash" }>;

function hashRoute({ keys, seed, spreadNulls }: HashRoute, parts: number, batch: Batch) {
  const columns = keys.map((key) => ({
    dtype: at(batch.columns, key).dtype,
    values: readColumn(at(batch.columns, key)),
  }));
  return (row: number): number => {
    const values = columns.map((column) => column.values[row] as Value);
    if (spreadNulls && values.includes(null)) return row % parts;
    const bytes = new Uint8Array(8 * values.length);
    const view = new DataView(bytes.buffer);
    for (const [index, value] of values.entries()) {
      view.setBigUint64(8 * index, keyBits(at(columns, index).dtype, value), true);
    }
    return Math.floor((murmur3(bytes, seed) * parts) / 2 ** 32);
  };
}

const NULL_BITS = 0x9e3779b97f4a7c15n;
const NAN_BITS = 0x7ff8000000000000n;
const encoder = new TextEncoder();

function keyBits(dtype: DType, value: Value): bigint {
  switch (typeof value) {
    case "boolean":
      return value ? 1n : 0n;
    case "number": {
      if (Number.isNaN(value)) return NAN_BITS;
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value === 0 ? 0 : value);
      return view.getBigUint64(0);
    }
    case "bigint": {
      const low = BigInt.asUintN(64, value);
      return dtype.kind === "decimal" ? low ^ BigInt.asUintN(64, value >> 64n) : low;
    }
    case "string": {
      const bytes = encoder.encode(value);
      return (BigInt(bytes.length) << 32n) | BigInt(murmur3(bytes, 0));
    }
    default:
      assert(value === null, "aggregate states are no keys");
      return NULL_BITS;
  }
}

/** MurmurHash3_x86_32. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = seed | 0;
  for (let offset = 0; offset < whole; offset += 4) {
    hash ^= scrambled(view.getUint32(offset, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let offset = bytes.length - 1; offset >= whole; offset--) {
    tail = (tail << 8) | at(bytes, offset);
  }
  hash ^= scrambled(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** Splitters and rows as one batch of keys, compared row by row. */
function rangeRoute(keys: readonly SortKey[], [batch, splitters]: readonly Batch[]) {
  assert(batch !== undefined && splitters !== undefined, "ranges have splitters");
  const own: Column[] = keys.map(({ column }) => at(batch.columns, column));
  const all = concat([splitters, { rowCount: batch.rowCount, columns: own }]);
  const compare = rowOrder(
    keys.map((key, column) => ({ ...key, column })),
    all,
  );
  return (row: number): number => {
    let part = 0;
    while (part < splitters.rowCount && compare(part, splitters.rowCount + row) <= 0) part += 1;
    return part;
  };
}
