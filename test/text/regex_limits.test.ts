// Compiling a pattern, whatever it is, takes bounded work in short steps, or the pattern is refused with the reason.
import { describe, expect, test } from "vitest";
import { NotSupportedError, type Steps } from "../../src/base/index.ts";
import { compiledRegex, type Dfa, readRegex } from "../../src/text/index.ts";

const many = (count: number, of: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => of(i));
const ideographs = (count: number) => many(count, (i) => String.fromCodePoint(0x4e00 + i)).join("");
const letters = (count: number) => many(count, (i) => String.fromCodePoint(200 + i)).join("|");
const nested = (depth: number, before: string, within: string, after: string) =>
  before.repeat(depth) + within + after.repeat(depth);

/** What JavaScript would not let us write as a literal is written as a source. */
const COSTLY: readonly (readonly [
  name: string,
  source: string,
  flags: string,
  dfa: "table" | "program",
])[] = [
  ["counted classes", "(?:\\p{L}{1,900}\\p{N}{1,900})x", "u", "table"],
  ["a window", "(?:a|b)*a(?:a|b){14}", "", "program"],
  ["counts within counts", "(?:a{1000}){19}b", "", "program"],
  ["optional counts", "(?:a?){1000}a{1000}", "", "table"],
  [
    "a chain of many classes",
    `^[^]{1000}[^]{1000}[^]{1000}[^]{900}$|^(?:${letters(250)})$`,
    "",
    "program",
  ],
  ["a window of many classes", `[^]*[ab](?:${letters(250)}|[^]){14}`, "", "program"],
  [
    "many characters",
    many(4000, (i) => String.fromCharCode(200 + ((i * i * 7919 + i * 13) % 251))).join(""),
    "",
    "table",
  ],
  ["words", many(1000, (i) => `w${(i * 7919).toString(36)}q`).join("|"), "i", "table"],
  ["long words", many(2500, (i) => `w${(i * 7919).toString(36)}`).join("|"), "", "program"],
  ["assertions", "(?:\\b\\w{1,200}\\b\\W?){20}", "", "table"],
  [
    "many large classes",
    many(200, (i) => `[\\p{L}${String.fromCodePoint(0x4e00 + i)}]`).join("|"),
    "iu",
    "table",
  ],
  ["repetitions of nothing", nested(5, "(?:", "", "){1000}"), "", "table"],
  ["what may be nothing", `${nested(5, "(?:", "b{0}", "){1000}")}?`, "", "table"],
  ["groups in groups", nested(190, "(", "a", ")+"), "", "table"],
];

/** The result, and the steps that it took: how many, and the processor time of the longest but one. */
function measured<T>(steps: Steps<T>): { value: T; count: number; longestMs: number } {
  const times: number[] = [];
  for (;;) {
    const before = process.cpuUsage();
    const step = steps.next();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
    if (step.done !== true) continue;
    return {
      value: step.value,
      count: times.length,
      longestMs: times.sort((a, b) => b - a)[1] ?? 0,
    };
  }
}

describe("compiling is bounded work in short steps", () => {
  test.each(COSTLY)("%s", (_name, source, flags, expected) => {
    const regex = { source, flags };
    readRegex(regex);
    const program = measured(compiledRegex(regex));
    const table = measured<Dfa | null>(program.value.dfa());
    expect(table.value === null ? "program" : "table").toBe(expected);
    // Steps are counted work: 2^23 of construction at 2048 a step, and minimising.
    expect(program.count + table.count).toBeLessThan(20_000);
    // A fraction of a millisecond; a collection of garbage may fall into one.
    expect(program.longestMs).toBeLessThan(60);
    expect(table.longestMs).toBeLessThan(60);
  });
});

describe("what would take more is refused, where it is written", () => {
  test.each([
    ["characters", ideographs(19_000), "u", /19002 different characters/],
    ["groups", nested(3000, "(", "a", ")"), "", /more than 200 deep/],
    ["counts of what may be empty", `${nested(150, "(?:", "a?", "){1000}")}?`, "", /20000 steps/],
    ["counts in lazy counts", nested(100, "(?:", "a?", "){2,3}?"), "", /20000 steps/],
  ])("%s", (_name, source, flags, reason) => {
    expect(() => readRegex({ source, flags })).toThrow(NotSupportedError);
    expect(() => readRegex({ source, flags })).toThrow(reason);
  });
});

test("sets that overlap in too many ways are refused before their tables are made", () => {
  const source = many(3000, (i) => `[a-\\u{${(2 * i + 100).toString(16)}}]`).join("");
  expect(() => measured(compiledRegex({ source, flags: "u" }))).toThrow(
    /takes too large an alphabet/,
  );
});
