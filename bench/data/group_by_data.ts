// The group-by table of db-benchmark, G1_<rows>_<groups>_0_0: no nulls, random order. Written from
// the definition in its groupby-datagen.R.
import { CsvFile } from "./csv_file.ts";
import { Random } from "./random.ts";

const seed = 108;

const columns = ["id1", "id2", "id3", "id4", "id5", "id6", "v1", "v2", "v3"] as const;

/** id1, id2, id4, id5 have `groupCount` values; id3 and id6 have `rowCount / groupCount`. */
export function writeGroupByTable(path: string, rowCount: number, groupCount: number): void {
  const [id1, id2, id3, id4, id5, id6, v1, v2, v3] = columns.map(
    (name) => new Random(seed, `groupby.${name}`),
  ) as [Random, Random, Random, Random, Random, Random, Random, Random, Random];
  const smallGroups = rowCount / groupCount;
  const file = new CsvFile(path, columns);
  for (let row = 0; row < rowCount; row++) {
    file.identifier(1 + id1.below(groupCount), 3);
    file.identifier(1 + id2.below(groupCount), 3);
    file.identifier(1 + id3.below(smallGroups), 10);
    file.integer(1 + id4.below(groupCount));
    file.integer(1 + id5.below(groupCount));
    file.integer(1 + id6.below(smallGroups));
    file.integer(1 + v1.below(5));
    file.integer(1 + v2.below(15));
    file.decimal(v3.below(100_000_001));
    file.endRow();
  }
  file.close();
}
