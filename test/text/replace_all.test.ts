// Replacing all matches in long texts, where searches learn from earlier ones: what JavaScript gives.
import { afterAll, describe, expect, test } from "vitest";
import { col, Session } from "../../src/index.ts";
import { applyText } from "../../src/text/index.ts";

const session = new Session({ engine: "cpu", threads: 1 });
afterAll(() => session.close());

async function replaced(texts: readonly string[], pattern: RegExp): Promise<string[]> {
  const frame = session.fromColumns({ t: [...texts] });
  const table = await frame.select(col("t").str.replace(pattern, "<$&>").as("t")).compute();
  return table.toRows().map(({ t }) => t as string);
}

/** Their searches look far ahead, or hope for more after a match. None takes RegExp exponential time. */
const PATTERNS = [
  /a(?:.*b)?/,
  /a(?:.*?b)?/,
  /a(?:.*b)?(?:.*c)?/,
  /(?:.*b)?a/,
  /(a|b)*c?/,
  /a(?:[ab]*c)?|b/,
  /x*y*z*a/,
  /(.)(?:.*é)?/u,
  /(?:a{1,20}b?){2}(?:.*c)?/,
  /\b(?:.*\bc)?/,
  /^a(?:.*$)?/m,
  /é(?:[^x]*x)?/u,
];

/** Deterministic texts over few letters, longer than what is searched depth first. */
function textOf(seed: number, letters: readonly string[], length: number): string {
  let state = seed >>> 0;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return letters[(state >>> 16) % letters.length];
  }).join("");
}

const TEXTS = [
  textOf(1, ["a"], 5000),
  textOf(2, ["a", "b"], 5000),
  `${textOf(3, ["a", "b"], 3000)}c${textOf(4, ["a", "b"], 3000)}`,
  textOf(5, ["a", "b", "c", " "], 5000),
  textOf(6, ["a", "é", "b", "😀"], 4000),
  textOf(7, ["a", "\n", "b", "c", "x"], 5000),
  `${textOf(8, ["a"], 3000)}b${textOf(9, ["a"], 3000)}c`,
  `${textOf(10, ["é"], 3000)}x${textOf(11, ["é"], 3000)}`,
];

describe("the reference gives what JavaScript gives", () => {
  test.each(PATTERNS.map((pattern) => ({ pattern })))("$pattern", ({ pattern }) => {
    const flags = `g${pattern.flags.includes("u") ? pattern.flags : `${pattern.flags}u`}`;
    const apply = { kind: "replaceMatches", pattern, replacement: "<$&>", all: true } as const;
    const texts = TEXTS.map((text) => Array.from(text).slice(0, 600).join(""));
    expect(texts.map((text) => applyText(apply, text))).toEqual(
      texts.map((text) => text.replace(new RegExp(pattern.source, flags), "<$&>")),
    );
  });
});

describe("gives what JavaScript gives", () => {
  test.each(PATTERNS.map((pattern) => ({ pattern })))("$pattern", async ({ pattern }) => {
    const flags = `g${pattern.flags.includes("u") ? pattern.flags : `${pattern.flags}u`}`;
    const global = new RegExp(pattern.source, flags);
    expect(await replaced(TEXTS, pattern)).toEqual(
      TEXTS.map((text) => text.replace(global, "<$&>")),
    );
  });
});
