// Keys in the shapes that group-by, joins and sorts like least, seeded, so that all machines have the same.
import { Random } from "../data/random.ts";

export interface Keys {
  readonly values: Int32Array | BigInt64Array;
  /** Every key once. */
  readonly distinct: Int32Array | BigInt64Array;
}

/** Dense keys have bounds that say much, and are addressed directly where that pays; sparse ones are hashed. */
export type Encoding = "dense" | "sparse";
export const encodings: readonly Encoding[] = ["dense", "sparse"];

/** `groups` keys in equal shares, in random order: all of them occur. */
export function evenKeys(rowCount: number, groups: number): Int32Array {
  const keys = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) keys[row] = row % groups;
  return new Random(rowCount + groups, "keys").shuffle(keys);
}

export const shapes: Readonly<Record<string, (rowCount: number) => Int32Array>> = {
  "1000 keys": (rowCount) => evenKeys(rowCount, 1000),
  "half of all rows in one key": (rowCount) =>
    drawn(rowCount, (random) => (random.below(2) === 0 ? 7 : random.below(rowCount))),
  // P(key < k) = log(k + 1) / log(rows): keys are as frequent as the inverse of their numbers.
  "Zipf keys": (rowCount) =>
    drawn(rowCount, (random) => Math.floor(rowCount ** (random.uint32() / 2 ** 32)) - 1),
  "all rows equal": (rowCount) => new Int32Array(rowCount).fill(7),
  "all rows distinct": (rowCount) => evenKeys(rowCount, rowCount),
};

export function valuesOf(rowCount: number): Float64Array {
  const random = new Random(rowCount, "values");
  const values = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) values[row] = random.below(1e8) / 1024;
  return values;
}

export function encode(keys: Int32Array, encoding: Encoding): Keys {
  const distinct = distinctOf(keys);
  if (encoding === "dense") return { values: keys, distinct };
  return { values: spread(keys), distinct: spread(distinct) };
}

function distinctOf(keys: Int32Array): Int32Array {
  const seen = new Uint8Array(keys.reduce((most, key) => Math.max(most, key), 0) + 1);
  return keys.filter((key) => {
    const isNew = seen[key] === 0;
    seen[key] = 1;
    return isNew;
  });
}

/** Both words are bijections of the key: odd factors. Without BigInt, which takes longer than the query. */
function spread(keys: Int32Array): BigInt64Array {
  const words = new Int32Array(2 * keys.length);
  for (let row = 0; row < keys.length; row++) {
    words[2 * row] = Math.imul(keys[row]! + 1, 0x7f4a7c15);
    words[2 * row + 1] = Math.imul(keys[row]! + 1, 0x9e3779b9);
  }
  return new BigInt64Array(words.buffer);
}

function drawn(rowCount: number, draw: (random: Random) => number): Int32Array {
  const random = new Random(rowCount, "keys");
  return new Int32Array(rowCount).map(() => draw(random));
}
