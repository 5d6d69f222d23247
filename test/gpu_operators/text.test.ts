// Patterns matched by the device against the plain implementation: every adapter, dictionaries of all sizes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { typescriptDictionaryOperations } from "../../src/codegen/index.ts";
import { Dictionary } from "../../src/column/index.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { gpuDictionaries } from "../../src/device/gpu/dictionaries.ts";
import { parseValue } from "../../src/device/reference/index.ts";
import type { StringPredicate } from "../../src/ir/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { HOSTILE_TEXTS, Random } from "../lattice/random.ts";

const plain = typescriptDictionaryOperations(parseValue);

function randomDictionary(size: number): Dictionary {
  const random = new Random(size);
  const texts = new Set(HOSTILE_TEXTS.slice(0, size));
  while (texts.size < size) {
    const length = random.chance(0.01) ? 300 : random.below(12);
    texts.add(Array.from({ length }, () => random.pick([..."ab1 \néß😀\uffff"])).join(""));
  }
  return Dictionary.fromTexts([...texts]);
}

const DICTIONARIES = [0, 1, 2, 31, 32, 33, 257, 3000].map(randomDictionary);
const PATTERNS = [
  /a+b/,
  /^$/,
  /\bé|ß$/iu,
  /^[^a]*$/m,
  /[\u{1f600}-\u{1f6ff}]1/u,
  /(a|b)*1(a|b){5}/,
  /\uffff/,
];
const PREDICATES: readonly [StringPredicate, string][] = [
  ["contains", "ab"],
  ["contains", ""],
  ["startsWith", "😀"],
  ["endsWith", "é"],
  ["endsWith", ""],
  ["like", "%a_1%"],
  ["like", "\\%"],
  ["like", "%\\"],
  ["like", "_"],
];

describe.each(testDevices)("$name", ({ open }) => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await open();
  });
  afterAll(() => context.destroy());

  /** Without a host: what the device does not do is an error. */
  const onDevice = () => {
    const refuse = () => Promise.reject(new Error("the host was asked"));
    return gpuDictionaries(context, { ...plain, match: refuse, matchRegex: refuse }, 0);
  };

  test.each(PATTERNS)("%s", async (pattern) => {
    for (const dictionary of DICTIONARIES) {
      const expected = await plain.matchRegex(dictionary, pattern);
      expect(await onDevice().matchRegex(dictionary, pattern)).toEqual(expected);
    }
  });

  test.each(PREDICATES)("%s %j", async (predicate, pattern) => {
    for (const dictionary of DICTIONARIES) {
      const expected = await plain.match(dictionary, predicate, pattern);
      expect(await onDevice().match(dictionary, predicate, pattern)).toEqual(expected);
    }
  });

  test("small dictionaries and patterns without an automaton are the host's", async () => {
    const [dictionary] = DICTIONARIES.slice(-1) as [Dictionary];
    const pattern = /(?:a|b)*a(?:a|b){14}/;
    const expected = await plain.matchRegex(dictionary, pattern);
    expect(await gpuDictionaries(context, plain, 0).matchRegex(dictionary, pattern)).toEqual(
      expected,
    );
    const { dispatches } = context.counters;
    await gpuDictionaries(context, plain).matchRegex(dictionary, /a/);
    expect(context.counters.dispatches).toBe(dispatches);
  });
});
