// Operations over several morsels, on three threads and on one, for every instruction set of this machine.
import { describe, expect, test } from "vitest";
import { availableIsas, cpuSupports, createCpuExecutor } from "../../src/device/cpu/index.ts";
import type { TestExecutor } from "../lattice/executors.ts";
import { outcomeDifference, outcomeOn, referenceOutcome } from "../lattice/lattice.ts";
import { largeCases } from "./large_cases.ts";

const executors: TestExecutor[] = availableIsas().flatMap((isa) =>
  [1, 3].map((threads) => ({
    name: `cpu ${isa}, ${threads} threads`,
    executor: createCpuExecutor({ isa, threads }),
    supports: cpuSupports,
  })),
);

describe.each(Object.entries(largeCases))("%s", (_, cases) => {
  test.each(cases)("$name", async ({ operation, inputs }) => {
    const expected = referenceOutcome(operation, inputs);
    for (const executor of executors) {
      const actual = await outcomeOn(executor, operation, inputs);
      expect(outcomeDifference(expected, actual), executor.name).toBeNull();
    }
  });
});
