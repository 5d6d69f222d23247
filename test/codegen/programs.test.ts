// Every operation of the kernel IR, in every lane, on every executor of this machine, against the reference.

import { afterAll, describe, test } from "vitest";
import { casesFor, executorsUnderTest } from "../lattice/executors.ts";
import { Gaps } from "../lattice/gaps.ts";
import { expectReferenceResult } from "../lattice/lattice.ts";
import { programCases } from "./program_cases.ts";

const gaps = new Gaps();
afterAll(() => gaps.report());

const executors = (await executorsUnderTest()).filter(({ name }) => name !== "reference");

describe.each(executors)("$name", (executor) => {
  describe.each(programCases)("%s", (_, cases) => {
    test.each(casesFor(executor, executors, cases))("$name", async (entry) => {
      gaps.note(executor, entry.name, await expectReferenceResult(executor, entry));
    });
  });
});
