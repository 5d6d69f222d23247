// The addon's functions of texts against the plain TypeScript implementation: all functions on texts of all scripts.
import { describe, expect, test } from "vitest";
import { typescriptDictionaryOperations } from "../../src/codegen/index.ts";
import { Dictionary } from "../../src/column/index.ts";
import { NativeDictionaryOperations } from "../../src/device/cpu/dictionary_operations.ts";
import { availableIsas, loadAddon } from "../../src/device/cpu/index.ts";
import { parseValue } from "../../src/device/reference/index.ts";
import type { TextFunction } from "../../src/text/index.ts";
import { HOSTILE_TEXTS, Random } from "../lattice/random.ts";

const plain = typescriptDictionaryOperations(parseValue);

const PIECES = [
  ..."abAB, _-1\0\n\u00a0\ufeff\u2028",
  ..."ßŉǰΣσςάΐİıŁǅﬁﬀ",
  "\u0345",
  "\u0301",
  "\u1f80",
  "\u{10400}",
  "\u{1e900}",
  "😀",
  "\u00ad",
  "ʰ",
];

function randomDictionary(seed: number, size: number): Dictionary {
  const random = new Random(seed);
  const texts = new Set(HOSTILE_TEXTS);
  while (texts.size < size) {
    texts.add(Array.from({ length: random.below(10) }, () => random.pick(PIECES)).join(""));
  }
  return Dictionary.fromTexts([...texts]);
}

function longDictionary(seed: number): Dictionary {
  const random = new Random(seed);
  const text = () => Array.from({ length: 4000 }, () => random.pick(PIECES)).join("");
  return Dictionary.fromTexts(Array.from({ length: 6 }, text));
}

/** Every code point that a text may hold, sixteen a text. */
const everything = Dictionary.fromTexts(
  Array.from({ length: 0x110000 / 16 }, (_, k) => 16 * k)
    .filter((first) => first < 0xd800 || first > 0xdfff)
    .map((first) => String.fromCodePoint(...Array.from({ length: 16 }, (_, i) => first + i))),
);
const DICTIONARIES: readonly [string, Dictionary][] = [
  ["an empty dictionary", Dictionary.EMPTY],
  // Without a byte: its array has no address.
  ["an empty text", Dictionary.fromTexts([""])],
  ["texts of all kinds", randomDictionary(1, 3000)],
  ["texts too long for a search in depth", longDictionary(2)],
  ["long texts", Dictionary.fromTexts(["a".repeat(65536), "aB".repeat(30_000), "Σ".repeat(999)])],
];

const replace = (pattern: RegExp, replacement: string, all = true): TextFunction => ({
  kind: "replaceMatches",
  pattern,
  replacement,
  all,
});
const FUNCTIONS: readonly TextFunction[] = [
  ...(["upper", "lower", "trim", "trimStart", "trimEnd", "reverse"] as const).map((kind) => ({
    kind,
  })),
  { kind: "slice", start: 1, length: 3 },
  { kind: "slice", start: -2, length: null },
  { kind: "slice", start: -4, length: 2 },
  { kind: "slice", start: 1000, length: 2000 },
  { kind: "part", separator: "a", index: 0 },
  { kind: "part", separator: "B", index: 2 },
  { kind: "part", separator: "aB", index: -1 },
  { kind: "part", separator: "ß", index: -2 },
  { kind: "replaceText", pattern: "a", replacement: "éé", all: true },
  { kind: "replaceText", pattern: "ab", replacement: "", all: false },
  { kind: "padStart", length: 8, fill: "é-" },
  { kind: "padEnd", length: 5, fill: " " },
  { kind: "repeat", count: 3 },
  { kind: "repeat", count: 0 },
  { kind: "surround", before: "<", after: "\0😀" },
  replace(/[a-b]+/i, "[$&]"),
  replace(/(a)|(b)/, "$2$1$$", false),
  replace(/x*/, "-"),
  replace(/\b|$/, "|"),
  replace(/(?<first>.)(?<second>\p{L})/su, "$<second>$<first>"),
  replace(/^\s+|\s+$/, ""),
  replace(/(?:a|B)*a(?:a|B){14}/, "<$&>"),
];
const PATTERNS = [
  /a/,
  /^a.b$/s,
  /\bΣ|σ$/iu,
  /^\p{Lu}+\s?$/u,
  /^$/,
  /y|x{3}/,
  /^[^a]{3}$/m,
  /\B1\b/,
  /(?:a|B)*a(?:a|B){14}/,
  /(a*)*b/,
];

/** What the plain implementation gives: computed once for all instruction sets, which took most of this file's time. */
const expectedOf = new Map<Dictionary, Map<string, Promise<unknown>>>();

function once<T>(dictionary: Dictionary, question: string, answer: () => Promise<T>): Promise<T> {
  const answers = expectedOf.get(dictionary) ?? new Map<string, Promise<unknown>>();
  expectedOf.set(dictionary, answers);
  const known = answers.get(question) ?? answer();
  answers.set(question, known);
  return known as Promise<T>;
}

/** Functions as texts; a pattern alone would be `{}`. */
const textOf = (apply: TextFunction) =>
  JSON.stringify(apply, (_, value) => (value instanceof RegExp ? String(value) : value));

describe.each(availableIsas())("%s", (isa) => {
  const addon = loadAddon({ isa });
  if (!addon.ok) throw new Error(addon.reason);
  const native = new NativeDictionaryOperations(addon.native, 3);

  async function expectSameMap(dictionary: Dictionary, apply: TextFunction): Promise<void> {
    const expected = await once(dictionary, textOf(apply), () => plain.map(dictionary, apply));
    const actual = await native.map(dictionary, apply);
    expect(actual.exists ?? new Uint32Array(0)).toEqual(existing(expected, actual));
    const has = (k: number) => {
      const word = expected.exists?.[k >> 5];
      return word === undefined || ((word >>> (k & 31)) & 1) === 1;
    };
    const differing = [...expected.codes.keys()].filter(
      (k) => has(k) && expected.codes[k] !== actual.codes[k],
    );
    expect(differing).toEqual([]);
    expect(actual.dictionary.offsets).toEqual(expected.dictionary.offsets);
    expect(Buffer.compare(actual.dictionary.bytes, expected.dictionary.bytes)).toBe(0);
  }

  /** A part that every entry has may be said to exist with or without bits. */
  function existing(
    expected: { exists: Uint32Array | null; codes: Uint32Array },
    actual: { exists: Uint32Array | null },
  ): Uint32Array {
    if (expected.exists !== null) return expected.exists;
    const { length } = expected.codes;
    if (actual.exists === null) return new Uint32Array(0);
    return Uint32Array.from({ length: Math.ceil(length / 32) }, (_, word) =>
      32 * word + 32 <= length ? 0xffffffff : 2 ** (length % 32) - 1,
    );
  }

  test.each(FUNCTIONS.map((apply) => [textOf(apply), apply] as const))("%s", async (_, apply) => {
    for (const [, dictionary] of DICTIONARIES) await expectSameMap(dictionary, apply);
  });

  test.each(["upper", "lower", "trim"] as const)("%s of every code point", async (kind) => {
    await expectSameMap(everything, { kind });
  });

  test.each(PATTERNS)("whether %s matches", async (pattern) => {
    for (const [name, dictionary] of DICTIONARIES) {
      const question = `matches ${pattern}`;
      const expected = await once(dictionary, question, () =>
        plain.matchRegex(dictionary, pattern),
      );
      expect(await native.matchRegex(dictionary, pattern), name).toEqual(expected);
    }
  });

  test("lengths", async () => {
    for (const [, dictionary] of [...DICTIONARIES, ["all", everything] as const]) {
      for (const unit of ["codePoint", "byte"] as const) {
        expect(await native.lengths(dictionary, unit)).toEqual(
          await plain.lengths(dictionary, unit),
        );
      }
    }
  });

  test("codes do not depend on the number of threads", async () => {
    const dictionary = randomDictionary(3, 70_000);
    for (const apply of [{ kind: "lower" }, { kind: "part", separator: "a", index: 1 }] as const) {
      await expectSameMap(dictionary, apply);
    }
  });

  test("a text that would be too long is an error, not a crash", async () => {
    const dictionary = Dictionary.fromTexts(["abc"]);
    const repeated = native.map(dictionary, { kind: "repeat", count: 2 ** 31 - 1 });
    await expect(repeated).rejects.toThrow(/longer than 2 GiB/);
  });
});
