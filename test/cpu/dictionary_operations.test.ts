// The addon's work on dictionaries against the plain TypeScript implementation.
import { describe, expect, test } from "vitest";
import { typescriptDictionaryOperations } from "../../src/codegen/index.ts";
import { columnFromValues, columnToValues, Dictionary } from "../../src/column/index.ts";
import { NativeDictionaryOperations } from "../../src/device/cpu/dictionary_operations.ts";
import { availableIsas, loadAddon } from "../../src/device/cpu/index.ts";
import { formatValue, parseValue } from "../../src/device/reference/index.ts";
import { FLOAT32, FLOAT64, INT64, STRING, timestamp } from "../../src/dtype/index.ts";
import type { StringPredicate } from "../../src/ir/index.ts";
import { HOSTILE_TEXTS, Random, randomColumn } from "../lattice/random.ts";

const plain = typescriptDictionaryOperations(parseValue);

function randomDictionary(seed: number, size: number): Dictionary {
  const random = new Random(seed);
  const texts = new Set(HOSTILE_TEXTS);
  // Long shared beginnings: what a sort by 8 bytes at a time must get past.
  while (texts.size < size) texts.add(`${"prefix".repeat(random.below(4))}${random.below(size)}`);
  return Dictionary.fromTexts([...texts]);
}

const DICTIONARIES: readonly [string, Dictionary][] = [
  ["an empty dictionary", Dictionary.EMPTY],
  // Without a byte: its array has no address.
  ["an empty text", Dictionary.fromTexts([""])],
  ["hostile texts", Dictionary.fromTexts(HOSTILE_TEXTS)],
  [
    "texts of 64 KiB",
    Dictionary.fromTexts(["x".repeat(65536), "x".repeat(65535), `${"x".repeat(65535)}y`]),
  ],
  ["two morsels of texts", randomDictionary(1, 40_000)],
];

describe.each(availableIsas())("%s", (isa) => {
  const addon = loadAddon({ isa });
  if (!addon.ok) throw new Error(addon.reason);
  const native = new NativeDictionaryOperations(addon.native, 3);

  test.each(DICTIONARIES)("ranks of %s", async (_, dictionary) => {
    expect(await native.ranks(dictionary)).toEqual(await plain.ranks(dictionary));
  });

  const PATTERNS: readonly [StringPredicate, string][] = [
    ["contains", ""],
    ["contains", "fix1"],
    ["contains", "é"],
    ["startsWith", "prefixp"],
    ["endsWith", "7"],
    ["endsWith", ""],
    ["like", "%1%2%"],
    ["like", "_"],
    ["like", "prefix____"],
    ["like", "\\%"],
    ["like", "%\\"],
    ["like", ""],
  ];
  test.each(PATTERNS)("%s %j", async (predicate, pattern) => {
    for (const [name, dictionary] of DICTIONARIES) {
      const expected = await plain.match(dictionary, predicate, pattern);
      expect(await native.match(dictionary, predicate, pattern), name).toEqual(expected);
    }
  });

  test("find gives the code of each text, repeated ones too, or -1", async () => {
    const dictionary = randomDictionary(2, 50_000);
    const texts = ["", "nowhere", "prefix1", "prefix1", "a\0b", "1", "49999"];
    expect(await native.find(dictionary, texts)).toEqual(await plain.find(dictionary, texts));
  });

  test("unify keeps the first one's codes and appends in order of appearance", async () => {
    const parts = [
      randomDictionary(3, 300),
      Dictionary.EMPTY,
      randomDictionary(4, 500),
      randomDictionary(3, 300),
    ];
    const [expected, actual] = [await plain.unify(parts), await native.unify(parts)];
    expect(actual.remaps).toEqual(expected.remaps);
    expect(actual.dictionary.offsets).toEqual(expected.dictionary.offsets);
    expect(actual.dictionary.bytes).toEqual(expected.dictionary.bytes);
  });

  test("unify gives the first dictionary itself where it has all entries", async () => {
    const [large, small] = [randomDictionary(5, 100), Dictionary.fromTexts(["", "%"])];
    expect((await native.unify([large, small])).dictionary).toBe(large);
  });

  test("encode numbers texts in order of first appearance, whatever the threads", async () => {
    const random = new Random(6);
    const column = randomColumn(random, 100_000, { dtype: STRING, tame: true, plain: true });
    const encoded = await native.encode(column);
    expect(columnToValues(encoded)).toEqual(columnToValues(column));
    const codes = encoded.data.encoding === "dictionary" ? encoded.data.codes : new Uint32Array();
    let next = 0;
    for (const [row, value] of columnToValues(column).entries()) {
      if (value === null) continue;
      const code = codes[row] as number;
      expect(code).toBeLessThanOrEqual(next);
      next = Math.max(next, code + 1);
    }
  });

  test.each([FLOAT64, FLOAT32, INT64, timestamp("us")])("format $kind", async (dtype) => {
    const column = randomColumn(new Random(8), 3000, { dtype, nullRatio: 0 });
    const texts = columnToValues(await native.format(column, dtype));
    const values = column.data.encoding === "fixed" ? [...column.data.values] : [];
    for (const [row, value] of values.entries()) expect(texts[row]).toBe(formatValue(value, dtype));
  });

  test("format writes the corners of JavaScript's notation", async () => {
    const values = [
      1e21, 1e20, 123456789012345680000, 1e-6, 1e-7, 0.1, 100, -0, 5e-324, 1.7976931348623157e308,
    ];
    const column = columnFromValues(Float64Array.from(values));
    expect(columnToValues(await native.format(column, FLOAT64))).toEqual(
      values.map((value) => formatValue(value, FLOAT64)),
    );
  });
});
