// Into how many parts an exchange deals: what one task holds each, as long as the pieces do not become too many.

import { expect, test } from "vitest";
import type { PlanningContext } from "../../src/physical/build.ts";
import { partCount } from "../../src/physical/staged/parts.ts";

const MIB = 2 ** 20;
/** One task may gather a megabyte. */
const context = { hostBudgetBytes: 4 * MIB } as PlanningContext;

test.each([
  { mebibytes: 0.5, partitions: 3, parts: 2, why: "an exchange has two parts at least" },
  { mebibytes: 31.5, partitions: 31, parts: 32, why: "as many as tasks hold" },
  { mebibytes: 128, partitions: 128, parts: 128, why: "16384 pieces are not too many" },
  { mebibytes: 129, partitions: 128, parts: 12, why: "twice the square root" },
  { mebibytes: 400, partitions: 1000, parts: 16, why: "no more pieces than that" },
  { mebibytes: 400, partitions: 100_000, parts: 2, why: "however many partitions there are" },
])("$mebibytes MiB of $partitions partitions: $parts, $why", ({ mebibytes, partitions, parts }) => {
  expect(partCount(context, mebibytes * MIB, partitions)).toBe(parts);
});
