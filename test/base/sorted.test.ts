// Sorting in steps gives what Array.prototype.sort gives, which is stable.

import { expect, test } from "vitest";
import { atOnce, sortedSteps } from "../../src/base/index.ts";
import { Random } from "../lattice/random.ts";

const byKey = (a: readonly [number, number], b: readonly [number, number]) => a[0] - b[0];

test.each([0, 1, 2, 511, 512, 513, 1024, 1025, 1537, 20_000])("%s items", (length) => {
  const random = new Random(length);
  const items = Array.from({ length }, (_, place) => [random.below(300), place] as const);
  expect(atOnce(sortedSteps(items, byKey))).toEqual([...items].sort(byKey));
});

test("it is divided", () => {
  const items = Array.from({ length: 100_000 }, (_, place) => -place);
  let steps = 0;
  for (const _ of sortedSteps(items, (a, b) => a - b)) steps += 1;
  expect(steps).toBeGreaterThan(1000);
});
