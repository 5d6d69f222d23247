// evaluate on every executor against the reference.
import { afterAll, describe, test } from "vitest";
import { evaluateCases } from "./cases/evaluate.ts";
import { executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectReferenceResult } from "./lattice.ts";

const gaps = new Gaps();
afterAll(() => gaps.report());

describe.each(await executorsUnderTest())("$name", (executor) => {
  test.each(evaluateCases)("$name", async (entry) => {
    gaps.note(executor, "evaluate", await expectReferenceResult(executor, entry));
  });
});
