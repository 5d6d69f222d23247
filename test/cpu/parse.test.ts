// The addon's parsing of dictionaries against the plain implementation: every dtype, and texts around its limits.
import { describe, expect, test } from "vitest";
import { typescriptDictionaryOperations } from "../../src/codegen/index.ts";
import { Dictionary } from "../../src/column/index.ts";
import { NativeDictionaryOperations } from "../../src/device/cpu/dictionary_operations.ts";
import { availableIsas, loadAddon } from "../../src/device/cpu/index.ts";
import { parseValue } from "../../src/device/reference/index.ts";
import { BOOL, dtypeName, INT64 } from "../../src/dtype/index.ts";
import { ALL_DTYPES } from "../lattice/dtypes.ts";
import { HOSTILE_TEXTS, Random } from "../lattice/random.ts";

const plain = typescriptDictionaryOperations(parseValue);

const LIMITS = [8n, 16n, 31n, 32n, 53n, 63n, 64n].flatMap((bits) =>
  [-1n, 0n, 1n].flatMap((step) => [String(2n ** bits + step), String(-(2n ** bits) + step)]),
);
const FLOATS = [
  "1.00000005960464477540",
  "1.000000059604644775390625",
  "1.00000005960464477539",
  "-3.4028235677973366e38",
  "3.40282356779733661637e38",
  "7.0064923216240853e-46",
  "7.00649232162408535461864791644958e-46",
  "0.1e-400",
  "1e400",
  "-.5",
  "5.",
  "1e5",
  "1E+05",
  "nan",
  "-nan",
  "NaN",
  "-inf",
  "+Infinity",
  "infinit",
  "1e",
  ".",
  "+",
  "0x10",
  "1_0",
  " 1",
  "1 ",
  "٣",
  "9".repeat(400),
  `0.${"0".repeat(330)}1`,
];
const OTHERS = [
  "true",
  "FALSE",
  "tru\x45",
  "Falſe",
  "2024-02-30",
  "2023-02-28T24:00",
  "1969-12-31T23:59:59.9999999999Z",
  "0001-01-01",
  "-0001-01-01",
  "P1D",
  "-PT1.5S",
  "zz",
  "-ZZ",
  "1y2p0ij32e8e7",
  "-1y2p0ij32e8e8",
  "1y2p0ij32e8e8",
];

function texts(): Dictionary {
  const random = new Random(5);
  const all = new Set([...HOSTILE_TEXTS, ...LIMITS, ...FLOATS, ...OTHERS]);
  while (all.size < 6000) {
    const length = 1 + random.below(22);
    all.add(Array.from({ length }, () => random.pick([..."0123456789.-+eE"])).join(""));
    all.add(String((random.bits() - 2 ** 31) / 10 ** random.below(12)));
  }
  return Dictionary.fromTexts([...all]);
}

describe.each(availableIsas())("%s", (isa) => {
  const addon = loadAddon({ isa });
  if (!addon.ok) throw new Error(addon.reason);
  const native = new NativeDictionaryOperations(addon.native, 3);
  const dictionary = texts();

  async function differences(dtype: (typeof ALL_DTYPES)[number], radix: number) {
    const expected = await plain.parse(dictionary, dtype, radix);
    const actual = await native.parse(dictionary, dtype, radix);
    const perEntry = expected.words.length / dictionary.size;
    const fits = (words: Uint32Array, k: number) => (((words[k >> 5] ?? 0) >>> (k & 31)) & 1) === 1;
    const value = ({ words }: { words: Uint32Array }, k: number) =>
      dtype === BOOL ? fits(words, k) : words.slice(perEntry * k, perEntry * (k + 1)).join();
    return Array.from({ length: dictionary.size }, (_, k) => k)
      .filter((k) => {
        if (fits(expected.fits, k) !== fits(actual.fits, k)) return true;
        return fits(expected.fits, k) && value(expected, k) !== value(actual, k);
      })
      .map((k) => dictionary.text(k));
  }

  const parsed = ALL_DTYPES.filter(({ kind }) => kind !== "string");
  test.each(parsed.map((dtype) => [dtypeName(dtype), dtype] as const))("%s", async (_, dtype) => {
    expect(await differences(dtype, 10)).toEqual([]);
  });

  test.each([2, 7, 16, 36])("int64 in base %i", async (radix) => {
    expect(await differences(INT64, radix)).toEqual([]);
  });
});
