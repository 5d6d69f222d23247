// Every operation on every executor against the reference.
import { afterAll, describe, test } from "vitest";
import { aggregateCases } from "./cases/aggregate.ts";
import { groupRowsCases } from "./cases/group_rows.ts";
import { joinCases } from "./cases/join.ts";
import {
  concatCases,
  exponentRangeCases,
  numberRowsCases,
  sampleCases,
  sliceCases,
} from "./cases/rows.ts";
import { sortCases } from "./cases/sort.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectReferenceResult, type LatticeCase } from "./lattice.ts";

const tables: Record<string, readonly LatticeCase[]> = {
  sort: sortCases,
  join: joinCases,
  aggregate: aggregateCases,
  groupRows: groupRowsCases,
  slice: sliceCases,
  concat: concatCases,
  exponentRange: exponentRangeCases,
  numberRows: numberRowsCases,
  sample: sampleCases,
};

const gaps = new Gaps();
afterAll(() => gaps.report());

const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  describe.each(Object.entries(tables))("%s", (_, cases) => {
    test.each(casesFor(executor, executors, cases, 2))("$name", async (entry) => {
      gaps.note(executor, entry.operation.kind, await expectReferenceResult(executor, entry));
    });
  });
});
