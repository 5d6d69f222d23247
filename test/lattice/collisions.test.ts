// All hashes are equal: only comparisons of keys tell them apart, on every executor that has a hash table.
import { afterAll, describe, test } from "vitest";
import { FLOAT64, INT64, STRING } from "../../src/dtype/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateCases, aggregateOperation } from "./cases/aggregate.ts";
import { joinCases } from "./cases/join.ts";
import { concatCases } from "./cases/rows.ts";
import { sortCases } from "./cases/sort.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { expectReferenceResult, type LatticeCase } from "./lattice.ts";
import { randomBatch } from "./random.ts";

const isFull = process.env.GDF_LATTICE === "full";

/** Keys too far apart for direct addressing, and too many for luck: they must go through a hash table. */
function manyGroups(rows: number, distinct: number): LatticeCase {
  const shapes = [{ dtype: INT64, distinct }, { dtype: FLOAT64 }];
  const operation = aggregateOperation([0], {
    monoids: [{ kind: "count" }, { kind: "max", column: 1 }],
    calls: [
      { kind: "value", monoid: 0 },
      { kind: "value", monoid: 1 },
    ],
    dtypes: [INT64, FLOAT64],
  });
  const inputs = [randomBatch(rows, rows, shapes)];
  return { name: `${distinct} groups of ${rows} rows`, operation, inputs };
}

/** A text column whose dictionary has to be built: every distinct text is compared with all before it. */
const texts: LatticeCase = {
  name: "groups of plain texts",
  operation: aggregateOperation([0], { monoids: [], calls: [], dtypes: [] }),
  inputs: [randomBatch(3, 3000, [{ dtype: STRING, plain: true }])],
};

/** Every dtype as a key, joins of every kind, dictionaries put together, sorts of texts. */
const cases: readonly LatticeCase[] = [
  manyGroups(5000, 900),
  manyGroups(40_000, 500),
  manyGroups(40_000, 2000),
  texts,
  ...aggregateCases.filter(({ name, operation }) => {
    if ((operation as AggregateOperation).keys.length === 0) return false;
    return isFull || /by (many|few) .*: folds|by three keys|keys only|by two keys/.test(name);
  }),
  ...joinCases,
  ...concatCases.filter(({ name }) => name.includes("dictionar") || name.includes("plain")),
  ...sortCases.filter(({ name }) => name.includes("string")),
];

const executors = await executorsUnderTest({ hashMask: 0 });

describe.each(executors)("$name", (executor) => {
  afterAll(() => executor.executor.close());
  test.each(casesFor(executor, executors, cases, 4))("$name", async (entry) => {
    await expectReferenceResult(executor, entry);
  });
});
