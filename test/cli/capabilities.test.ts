// Every operation on every dtype: the reference and the CPU run it, and a GPU runs it or says why not. The reasons stand
// here, so that a new gap does not come unseen.
import { describe, expect, test } from "vitest";
import { CAPABILITY_DTYPES, capabilitiesOf } from "../../src/cli/capabilities.ts";
import { cpuSupports } from "../../src/device/cpu/index.ts";
import { gpuSupports } from "../../src/device/gpu/index.ts";
import { dtypeName, isFloat, isInteger, isUnsigned } from "../../src/dtype/index.ts";
import { DateTimeMethods, Expr, StringMethods } from "../../src/expr/index.ts";

const NOT_OF_NUMBERS = ["and", "or", "not", "any()", "all()"];
const OF_BITS = ["bitAnd", "bitOr", "bitXor", "bitNot", "shiftLeft", "shiftRight"];
const OF_INTEGERS = [...OF_BITS, "cast to date", "cast to timestamp[us]", "cast to duration[us]"];
const TEMPORAL = /^(date|timestamp|duration)/;
/** The operation, the dtypes, and how the reason begins. */
const GPU_GAPS: readonly (readonly [RegExp, RegExp, RegExp])[] = [
  [/^cast to string$/, /^(?!string)/, /^numbers become text on the CPU/],
  [/^dt\.format$/, TEMPORAL, /^numbers become text on the CPU/],
  [/^str\.concat$/, /^string/, /^texts of two columns are joined on the CPU/],
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

test("every function of the public API is asked for", () => {
  const asked = new Set(capabilitiesOf(cpuSupports).map(({ question }) => question));
  // What is no function of its own: names, and what gives the objects of other functions.
  const other = new Set(["constructor", "as", "cast", "str", "dt"]);
  const methods = [
    ...methodsOf(Expr.prototype, ""),
    ...methodsOf(StringMethods.prototype, "str."),
    ...methodsOf(DateTimeMethods.prototype, "dt."),
  ].filter((name) => !other.has(name.split(".").at(-1) as string));
  expect(methods.length).toBeGreaterThan(120);
  expect(methods.filter((name) => !asked.has(name) && !asked.has(`${name}()`))).toEqual([]);
});

function methodsOf(prototype: object, prefix: string): string[] {
  return Object.getOwnPropertyNames(prototype).map((name) => prefix + name);
}

test("every dtype is cast to", () => {
  const answers = capabilitiesOf(cpuSupports);
  for (const to of CAPABILITY_DTYPES.map(dtypeName)) {
    const from = answers.filter(
      ({ question, support }) => question === `cast to ${to}` && support?.ok === true,
    );
    expect(from.length).toBeGreaterThanOrEqual(2);
  }
});

test("operations that a dtype has not are left out", () => {
  const missing = capabilitiesOf(cpuSupports)
    .filter(({ support }) => support === null)
    .map(({ question, dtype }) => `${question} ${dtypeName(dtype)}`);
  expect(missing).toContain("add bool");
  expect(missing).toContain("sum() string");
  for (const dtype of CAPABILITY_DTYPES.filter((each) => isInteger(each) || isFloat(each))) {
    const lacks = isInteger(dtype)
      ? isUnsigned(dtype)
        ? [...NOT_OF_NUMBERS, "neg"]
        : NOT_OF_NUMBERS
      : [...NOT_OF_NUMBERS, ...OF_INTEGERS];
    const numeric = missing
      .filter((line) => line.endsWith(` ${dtypeName(dtype)}`) && !/^(str|dt)\./.test(line))
      .map((line) => line.slice(0, -dtypeName(dtype).length - 1));
    expect(numeric.sort()).toEqual([...lacks].sort());
  }
});
