// evaluate on every executor against the reference.
import { afterAll, describe, test } from "vitest";
import { evaluateCases } from "./cases/evaluate.ts";
import { temporalCases } from "./cases/temporal.ts";
import { casesFor, executorsUnderTest } from "./executors.ts";
import { Gaps } from "./gaps.ts";
import { expectReferenceResult } from "./lattice.ts";

const gaps = new Gaps();
afterAll(() => gaps.report());

const executors = await executorsUnderTest();

describe.each(executors)("$name", (executor) => {
  test.each(casesFor(executor, executors, [...evaluateCases, ...temporalCases]))(
    "$name",
    async (entry) => {
      gaps.note(executor, "evaluate", await expectReferenceResult(executor, entry));
    },
  );
});
