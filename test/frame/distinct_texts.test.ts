// Distinct texts are numbered as a Map of strings numbers them, whatever pieces they come in.

import { expect, test } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import { Dictionary } from "../../src/column/index.ts";
import { DistinctTexts, joined } from "../../src/io/arrow/distinct_texts.ts";
import { Random } from "../lattice/random.ts";

const encoder = new TextEncoder();
const textsOf = (dictionary: Dictionary) =>
  Array.from({ length: dictionary.size }, (_, code) => dictionary.text(code));
const bitmapOf = (texts: readonly (string | null)[]) => {
  const bitmap = new Uint8Array(Math.ceil(texts.length / 8));
  for (const [row, text] of texts.entries()) {
    if (text !== null) bitmap[row >> 3] = (bitmap[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return bitmap;
};

test.each([0, 1, 3, 700, 20_000])("runs of up to %s texts", (most) => {
  const random = new Random(most);
  const distinct = new DistinctTexts();
  const known = new Map<string, number>();
  for (let run = 0; run < 4; run++) {
    const texts = Array.from({ length: random.below(most + 1) }, () => {
      const number = random.below(most);
      if (number % 11 === 3) return null;
      return number % 7 === 0 ? "" : `${"ä".repeat(number % 5)}${number}`;
    });
    const runOf = Dictionary.fromEntries(texts.map((text) => encoder.encode(text ?? "zzz")));
    const codes = atOnce(distinct.add(runOf, texts.length, bitmapOf(texts)));
    const expected = texts.map((text) => {
      if (text === null) return 0;
      const code = known.get(text) ?? known.size;
      known.set(text, code);
      return code;
    });
    expect([...codes]).toEqual(expected);
    expect(distinct.size).toBe(known.size);
  }
  expect(textsOf(atOnce(joined(distinct.pieces)))).toEqual([...known.keys()]);
});

test("a dictionary whose texts are all new is a piece itself", () => {
  const distinct = new DistinctTexts();
  const first = Dictionary.fromTexts(["a", "b"]);
  atOnce(distinct.add(first, first.size, null));
  expect(atOnce(joined(distinct.pieces))).toBe(first);
  atOnce(distinct.add(Dictionary.fromTexts(["b", "a"]), 2, null));
  expect(distinct.pieces).toEqual([first]);
  const second = Dictionary.fromTexts(["c", "a", "", "d"]);
  expect([...atOnce(distinct.add(second, 4, null))]).toEqual([2, 0, 3, 4]);
  expect(distinct.pieces.map(textsOf)).toEqual([
    ["a", "b"],
    ["c", "", "d"],
  ]);
});

test("texts that start behind the first byte", () => {
  const distinct = new DistinctTexts();
  const bytes = encoder.encode("xxabab");
  atOnce(distinct.add(new Dictionary(Int32Array.of(2, 3), bytes), 1, null));
  const codes = atOnce(distinct.add({ offsets: Int32Array.of(3, 4, 5, 5), bytes }, 3, null));
  expect([...codes]).toEqual([1, 0, 2]);
  expect(textsOf(atOnce(joined(distinct.pieces)))).toEqual(["a", "b", ""]);
});
