// Every operation on every dtype: the reference and the CPU run it, and a GPU runs it or says why not. The reasons stand
// here, so that a new gap does not come unseen.
import { describe, expect, test } from "vitest";
import { CAPABILITY_DTYPES, capabilitiesOf } from "../../src/cli/capabilities.ts";
import { cpuSupports } from "../../src/device/cpu/index.ts";
import { gpuSupports } from "../../src/device/gpu/index.ts";
import { dtypeName } from "../../src/dtype/index.ts";

const TEMPORAL = /^(date|timestamp|duration)/;
/** The operation, the dtypes, and how the reason begins. */
const GPU_GAPS: readonly (readonly [RegExp, RegExp, RegExp])[] = [
  [/^cast to string$/, /^(?!string)/, /^numbers become text on the CPU/],
];

test("the CPU runs every operation on every dtype that has it", () => {
  const gaps = capabilitiesOf(cpuSupports).filter(({ support }) => support && !support.ok);
  expect(gaps).toEqual([]);
});

describe("a GPU", () => {
  const answers = capabilitiesOf(gpuSupports).map(({ question, dtype, support }) => ({
    question,
    dtype: dtypeName(dtype),
    support,
  }));

  test("has no gap without a reason that is known", () => {
    const unknown = answers.filter(({ question, dtype, support }) => {
      if (support === null || support.ok) return false;
      return !GPU_GAPS.some(
        ([questions, dtypes, reason]) =>
          questions.test(question) && dtypes.test(dtype) && reason.test(support.reason),
      );
    });
    expect(unknown).toEqual([]);
  });

  test.each(GPU_GAPS)("still lacks %s of %s", (questions, dtypes) => {
    const gap = answers.find(
      ({ question, dtype, support }) =>
        questions.test(question) && dtypes.test(dtype) && support?.ok === false,
    );
    expect(gap).toBeDefined();
  });
});

test("operations that a dtype has not are left out", () => {
  const missing = capabilitiesOf(cpuSupports)
    .filter(({ support }) => support === null)
    .map(({ question, dtype }) => `${question} ${dtypeName(dtype)}`);
  expect(missing).toContain("add bool");
  expect(missing).toContain("sum string");
  for (const dtype of CAPABILITY_DTYPES.map(dtypeName)) {
    if (dtype === "bool" || dtype === "string" || TEMPORAL.test(dtype)) continue;
    expect(missing.filter((line) => line.endsWith(` ${dtype}`))).toEqual([]);
  }
});
