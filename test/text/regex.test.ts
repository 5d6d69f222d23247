// The engine's regular expressions against JavaScript's: the same matches, groups included, for random patterns and
// texts; and time that stays linear where backtracking explodes.
import { describe, expect, test } from "vitest";
import { atOnce, NotSupportedError } from "../../src/base/index.ts";
import {
  applyText,
  buildDfa,
  classesOf,
  compiledRegex,
  findMatch,
  matchesRegex,
  readRegex,
  runDfa,
} from "../../src/text/index.ts";
import { caseClosed, setOfClass } from "../../src/text/unicode.ts";
import { Random } from "../lattice/random.ts";

const LETTERS = ["a", "b", "c", "B", "1", "_", " ", "\n", "é", "ſ", "😀", "\u2028"];

function randomAtom(random: Random, depth: number): string {
  switch (random.below(depth > 0 ? 14 : 9)) {
    case 0:
      return random.pick(["\\d", "\\w", "\\s", "\\D", "\\W", "\\S"]);
    case 1:
      return random.pick(["[ab]", "[^a]", "[a-c]", "[^\\w]", "[\\da]", "[é-😀]", "[^]", "[]"]);
    case 2:
      return ".";
    case 3:
      return random.pick(["^", "$", "\\b", "\\B"]);
    case 9:
    case 10:
      return `(${randomPattern(random, depth - 1)})`;
    case 11:
    case 12:
      return `(?:${randomPattern(random, depth - 1)})`;
    case 13:
      return `(?:${randomPattern(random, depth - 1)}|)`;
    default:
      return random.pick(LETTERS);
  }
}

function randomPattern(random: Random, depth: number): string {
  const options = Array.from({ length: 1 + (random.chance(0.3) ? 1 : 0) }, () =>
    Array.from({ length: random.below(4) }, () => {
      const atom = randomAtom(random, depth);
      const isAssertion = /^(\^|\$|\\[bB])$/.test(atom);
      if (isAssertion || random.chance(0.5)) return atom;
      return (
        atom +
        random.pick(["*", "+", "?", "{2}", "{0,2}", "{1,2}", "{1,}"]) +
        random.pick(["", "?"])
      );
    }).join(""),
  );
  return options.join("|");
}

const randomText = (random: Random) =>
  Array.from({ length: random.below(9) }, () => random.pick(LETTERS)).join("");

/**
 * What RegExp finds, in code points; its positions are UTF-16 units. Undefined: V8 lets an empty match lie within a
 * surrogate pair, where the specification has no place.
 */
function expectedSlots(regex: RegExp, text: string): string | undefined {
  const match = new RegExp(regex.source, `${regex.flags}d`).exec(text) as
    | (RegExpExecArray & { readonly indices: readonly ([number, number] | undefined)[] })
    | null;
  if (match === null) return "none";
  const units = match.indices.flatMap((range) => range ?? [-1, -1]);
  const isWithinPair = (unit: number) => /[\ud800-\udbff]$/.test(text.slice(0, Math.max(unit, 0)));
  if (units.some(isWithinPair)) return undefined;
  return units.map((unit) => (unit < 0 ? -1 : Array.from(text.slice(0, unit)).length)).join();
}

test("random patterns on random texts: the match and its groups are RegExp's", () => {
  const random = new Random(1968);
  const wrong: string[] = [];
  let matched = 0;
  for (let round = 0; round < 1500; round++) {
    const source = randomPattern(random, 2);
    const flags = `${random.pick(["", "i"])}${random.pick(["", "m"])}${random.pick(["", "s"])}u`;
    const regex = new RegExp(source, flags);
    const { program, alphabet } = atOnce(compiledRegex(regex));
    const dfa = atOnce(buildDfa(program));
    for (let k = 0; k < 6; k++) {
      const text = randomText(random);
      const expected = expectedSlots(regex, text);
      if (expected === undefined) continue;
      const classes = classesOf(alphabet, [...text]);
      const found = findMatch(program, classes)?.join() ?? "none";
      const isMatch = dfa === null ? expected !== "none" : runDfa(dfa, classes);
      matched += Number(isMatch);
      if (found === expected && isMatch === (expected !== "none")) continue;
      wrong.push(`${regex} on ${JSON.stringify(text)}: ${expected}, not ${found}, ${isMatch}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(matched).toBeGreaterThan(2500);
});

test("random replacements are those of String.replaceAll", () => {
  const random = new Random(2009);
  const wrong: string[] = [];
  for (let round = 0; round < 400; round++) {
    const regex = new RegExp(randomPattern(random, 1), "gu");
    const replacement = random.pick(["", "-", "<$&>", "$1$$", "[$2]", "$10$0"]);
    for (let k = 0; k < 6; k++) {
      const text = randomText(random);
      // V8 lets empty matches lie within a surrogate pair.
      if (/[\ud800-\udbff]/.test(text)) continue;
      const expected = text.replace(regex, replacement);
      const apply = { kind: "replaceMatches", pattern: regex, replacement, all: true } as const;
      const actual = applyText(apply, text);
      if (actual !== expected) wrong.push(`${regex} ${replacement} on ${text}: ${actual}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** What editors would put right in a literal. */
const read = (source: string) => new RegExp(source);

const ACCEPTED: readonly [RegExp, string, boolean][] = [
  [/a{,2}/, "a{,2}", true],
  [/x{2}{/, "xx{", true],
  [/]}/, "]}", true],
  [/[\]\-^a-]/, "-", true],
  [/[\w-z]/, "-", true],
  [/\cJ\x41\u0042/, "\nAB", true],
  [read("\\xg"), "xg", true],
  [/\u{1f600}/u, "😀", true],
  [/\ud83d\ude00$/, "😀", true],
  [/^.$/, "😀", true],
  [/^.$/, "\u2028", false],
  [/^.$/s, "\u2028", true],
  [/^b$/m, "a\u2029b\rc", true],
  [/^b$/, "a\nb", false],
  [read("[^]"), "\0", true],
  [read("[]"), "a", false],
  [read("\\k"), "k", true],
  [/(?<year>\d{4})-\d\d/, "in 2024-05", true],
  [/\p{Script=Greek}/u, "abγ", true],
  [/\P{L}/iu, "a", false],
  [/[^\P{Lu}]/iu, "a", false],
  [/\bſ/iu, "aſ", false],
  [/\bſ/i, "aſ", true],
  [/k/iu, "\u212a", true],
  [/k/i, "\u212a", false],
  [/ß/i, "ẞ", false],
  [/ß/iu, "ẞ", true],
  [/[а-я]+$/i, "ДА", true],
  [/\d/, "٣", false],
];
test.each(ACCEPTED)("%s on %j: %s", (regex, text, expected) => {
  expect(matchesRegex(regex, text)).toBe(expected);
});

test.each([
  [/(?=a)/, /lookahead/],
  [/(?<!a)b/, /lookbehind/],
  [/(a)\1/, /backreference/],
  [/(?<x>a)\k<x>/, /backreference/],
  [/a/y, /flag y/],
  [read("\\07"), /octal/],
  [read("\\p{L}"), /flag u/],
  [read("\\u{3}"), /flag u/],
  [/(?:a{1000}){1000}/, /20000 steps/],
  [/a{5000}/, /1000 times/],
])("%s is refused: %s", (regex, reason) => {
  expect(() => readRegex(regex)).toThrow(NotSupportedError);
  expect(() => readRegex(regex)).toThrow(reason);
});

describe("what makes backtracking explode takes linear time", () => {
  const many = "a".repeat(20_000);
  const patterns: readonly [RegExp, boolean][] = [
    [/^(a*)*b/, false],
    [/^(a|a)*$/, true],
    [/^((a+)+)+$/, true],
    [/(?:a?){500}a{500}/, true],
    [/^(?:a|aa|aaa)+b$/, false],
    [/(x+x+)+y/, false],
    [/^(?:(?:(?:a*)*)*)*$/, true],
  ];
  test.each(patterns)("%s", (regex, expected) => {
    const before = process.cpuUsage();
    expect(matchesRegex(regex, many)).toBe(expected);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(20_000);
  });
});

const dfaOf = (regex: RegExp) => atOnce(atOnce(compiledRegex(regex)).dfa());

test("a pattern with too many states runs as its program, and answers alike", () => {
  const regex = /(?:a|b)*a(?:a|b){14}$/;
  expect(dfaOf(regex)).toBeNull();
  const random = new Random(14);
  for (let k = 0; k < 40; k++) {
    const text = Array.from({ length: 30 }, () => random.pick(["a", "b"])).join("");
    expect(matchesRegex(regex, text)).toBe(regex.test(text));
  }
});

test("automata are minimal: equal languages have equally many states", () => {
  const states = (regex: RegExp) => dfaOf(regex)?.stateCount;
  expect(states(/^(?:ab|ac|ad)$/)).toBe(states(/^a[b-d]$/));
  expect(states(/(?:a|b|c)*c/)).toBe(states(/c/));
  expect(states(/^(?:a?){3}$/)).toBe(states(/^a{0,3}$/));
});

const members = (set: readonly number[]) => {
  const all = new Set<number>();
  for (let i = 0; i < set.length; i += 2) {
    for (let c = set[i] as number; c <= (set[i + 1] as number); c++) all.add(c);
  }
  return all;
};

test.each([true, false])(
  "letters are equal but for case as RegExp has it, with u: %s",
  (unicode) => {
    const cased = atOnce(setOfClass("[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]"));
    const text = String.fromCodePoint(...members(cased));
    const wrong: string[] = [];
    let widened = 0;
    for (const codePoint of members(cased)) {
      if (!unicode && codePoint > 0xffff) continue;
      const hex = codePoint.toString(16);
      const pattern = unicode ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
      const expected = text
        .match(new RegExp(pattern, unicode ? "giu" : "gi"))
        ?.sort()
        .join();
      const closed = members(atOnce(caseClosed([codePoint, codePoint], unicode)));
      const found = Array.from(closed, (c) => String.fromCodePoint(c)).sort();
      widened += Number(found.length > 1);
      if (found.join() !== expected) wrong.push(hex);
    }
    expect(wrong).toEqual([]);
    expect(widened).toBeGreaterThan(2000);
  },
);

test.each(["\\p{L}", "[^\\p{Cased}]"])("%s has the code points that RegExp gives it", (source) => {
  const set = members(atOnce(setOfClass(source)));
  const regex = new RegExp(`^${source}$`, "u");
  const wrong: number[] = [];
  for (let c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 997) {
    const isSurrogate = c >= 0xd800 && c <= 0xdfff;
    const expected = !isSurrogate && regex.test(String.fromCodePoint(c));
    if (set.has(c) !== expected) wrong.push(c);
  }
  expect(wrong).toEqual([]);
});
