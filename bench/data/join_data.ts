// The join tables of db-benchmark: a left table of N rows and right tables of N/1e6, N/1e3 and N
// rows. Written from the definition in its join-datagen.R.
//
// Nine of ten keys of the left table occur in the right table as well: for a table of n keys, 1.1 n
// distinct numbers are drawn, of which 0.9 n are common, 0.1 n left only and 0.1 n right only.
import { CsvFile } from "./csv_file.ts";
import { Random } from "./random.ts";

const seed = 108;

export interface JoinTablePaths {
  readonly left: string;
  readonly small: string;
  readonly medium: string;
  readonly big: string;
}

/** db-benchmark starts at 1e7 rows. Below, the small table keeps the 10 rows that it has there. */
export const smallRowCount = (rowCount: number) => Math.max(10, rowCount / 1e6);
export const mediumRowCount = (rowCount: number) => Math.max(100, rowCount / 1e3);

export function writeJoinTables(paths: JoinTablePaths, rowCount: number): void {
  const small = smallRowCount(rowCount);
  const medium = mediumRowCount(rowCount);
  const key1 = splitKeys(small, "key1");
  const key2 = splitKeys(medium, "key2");
  const key3 = splitKeys(rowCount, "key3");
  writeTable(paths.left, rowCount, "v1", [key1.left, key2.left, key3.left]);
  writeTable(paths.small, small, "v2", [key1.right]);
  writeTable(paths.medium, medium, "v2", [key1.right, key2.right]);
  writeTable(paths.big, rowCount, "v2", [key1.right, key2.right, key3.right]);
}

interface SplitKeys {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

function splitKeys(keyCount: number, stream: string): SplitKeys {
  const drawn = Math.floor(keyCount * 1.1 + 1e-9);
  const common = Math.floor(keyCount * 0.9 + 1e-9);
  const keys = Int32Array.from({ length: drawn }, (_, index) => index + 1);
  new Random(seed, `join.${stream}`).shuffle(keys);
  const right = new Int32Array(drawn - keyCount + common);
  right.set(keys.subarray(0, common));
  right.set(keys.subarray(keyCount), common);
  return { left: keys.slice(0, keyCount), right };
}

/** Columns: one number per key set, the same as text (`id4` for `id1` and so on), then a value. */
function writeTable(
  path: string,
  rowCount: number,
  valueName: string,
  keySets: readonly Int32Array[],
): void {
  const numbered = keySets.map((_, index) => `id${index + 1}`);
  const textual = keySets.map((_, index) => `id${index + 4}`);
  const keys = keySets.map((set, index) =>
    sampleAll(set, rowCount, `${valueName}.${index}.${rowCount}.${keySets.length}`),
  );
  const values = new Random(seed, `join.${valueName}.${rowCount}.${keySets.length}`);
  const file = new CsvFile(path, [...numbered, ...textual, valueName]);
  for (let row = 0; row < rowCount; row++) {
    for (const key of keys) file.integer(key[row]!);
    for (const key of keys) file.identifier(key[row]!);
    file.decimal(values.below(100_000_001));
    file.endRow();
  }
  file.close();
}

/** `rowCount` keys in random order, each key of the set at least once. */
function sampleAll(keySet: Int32Array, rowCount: number, stream: string): Int32Array {
  const random = new Random(seed, `sample.${stream}`);
  const rows = new Int32Array(rowCount);
  rows.set(keySet);
  for (let row = keySet.length; row < rowCount; row++) {
    rows[row] = keySet[random.below(keySet.length)]!;
  }
  return random.shuffle(rows);
}
