// Facts of Unicode, asked of the JavaScript runtime instead of being copied here: every executor of a process works with
// the tables that this file derives, so that all know the same version of Unicode, whatever the locale.

import { type CodePointSet, rangesOf, setOfRanges } from "./code_point_set.ts";

const SURROGATES = 0x800;
const CHUNK = 0x10000;

// By definition of ECMA-262; finding them would take a search of all code points.
const known = new Map<string, CodePointSet>([
  ["\\d", [0x30, 0x39]],
  ["\\w", [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]],
]);

/** The code points that a class of JavaScript's regular expressions matches: `\\s`, `\\p{Lu}`. Surrogates are in no set. */
export function setOfClass(source: string): CodePointSet {
  let set = known.get(source);
  if (set === undefined) {
    set = findClass(source);
    known.set(source, set);
  }
  return set;
}

function findClass(source: string): CodePointSet {
  const runs = new RegExp(`(?:${source})+`, "gu");
  const ranges: [number, number][] = [];
  for (let first = 0; first <= 0x10ffff; first += CHUNK) {
    for (const { index, 0: run } of chunkText(first).matchAll(runs)) {
      const begin = codePointAt(first, index);
      const end = codePointAt(first, index + run.length - (first === 0 ? 1 : 2));
      // A run of the first plane may go over the surrogates, which stand in no text.
      if (begin < 0xd800 && end > 0xdfff) ranges.push([begin, 0xd7ff], [0xe000, end]);
      else ranges.push([begin, end]);
    }
  }
  return setOfRanges(ranges);
}

/** All code points of a plane but surrogates, ascending. */
function chunkText(first: number): string {
  const pieces: string[] = [];
  for (let begin = first; begin < first + CHUNK; begin += SURROGATES) {
    if (begin === 0xd800) continue;
    pieces.push(String.fromCodePoint(...Array.from({ length: SURROGATES }, (_, i) => begin + i)));
  }
  return pieces.join("");
}

/** Which code point stands at a position of chunkText(first). */
function codePointAt(first: number, index: number): number {
  if (first > 0) return first + (index >> 1);
  return index < 0xd800 ? index : index + SURROGATES;
}

/** The code points that are equal but for case, each with all of its class, itself included. */
export type CaseClasses = ReadonlyMap<number, readonly number[]>;

let unicodeClasses: CaseClasses | null = null;
let plainClasses: CaseClasses | null = null;

/** As JavaScript's flag `i` compares: simple case folding with the flag `u`, single upper-case letters without it. */
export function caseClasses(unicode: boolean): CaseClasses {
  if (unicode) {
    unicodeClasses ??= findUnicodeClasses();
    return unicodeClasses;
  }
  plainClasses ??= classesOf(
    casedCodePoints()
      .filter((c) => c <= 0xffff)
      .map(plainGroup),
  );
  return plainClasses;
}

/** Letters that some conversion of case changes. */
export function casedCodePoints(): number[] {
  const changing = ["Lowercased", "Uppercased", "Titlecased", "Casefolded"]
    .map((form) => `\\p{Changes_When_${form}}`)
    .join("");
  return rangesOf(setOfClass(`[${changing}]`)).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

/** ECMA-262, Canonicalize without `u`: the upper-case letter, unless it is several or would become ASCII. */
function plainGroup(codePoint: number): readonly [number, string] {
  const upper = String.fromCodePoint(codePoint).toUpperCase();
  const changes = upper.length === 1 && (codePoint < 128 || upper.charCodeAt(0) >= 128);
  return [codePoint, changes ? upper : String.fromCodePoint(codePoint)];
}

/**
 * Simple case folding is not to be had from JavaScript directly. Letters whose case conversions meet are candidates; the
 * runtime's own regular expressions say which of them are equal.
 */
function findUnicodeClasses(): CaseClasses {
  const leader = new Map<string, string>();
  const find = (text: string): string => {
    const parent = leader.get(text) ?? text;
    return parent === text ? text : find(parent);
  };
  const cased = casedCodePoints();
  for (const codePoint of cased) {
    const text = String.fromCodePoint(codePoint);
    const [upper, lower] = [text.toUpperCase(), text.toLowerCase()];
    for (const other of [upper, lower, upper.toLowerCase(), lower.toUpperCase()]) {
      leader.set(find(other), find(text));
    }
  }
  const candidates = new Map<string, number[]>();
  for (const codePoint of cased) {
    const key = find(String.fromCodePoint(codePoint));
    candidates.set(key, [...(candidates.get(key) ?? []), codePoint]);
  }
  const groups = [...candidates.values()].flatMap((group) =>
    group.map((codePoint): [number, string] => {
      const hex = codePoint.toString(16);
      const equals = new RegExp(`^\\u{${hex}}$`, "iu");
      const first = group.find((other) => equals.test(String.fromCodePoint(other))) ?? codePoint;
      return [codePoint, String(first)];
    }),
  );
  return classesOf(groups);
}

function classesOf(members: readonly (readonly [number, string])[]): CaseClasses {
  const groups = new Map<string, number[]>();
  for (const [codePoint, group] of members) {
    groups.set(group, [...(groups.get(group) ?? []), codePoint]);
  }
  const classes = new Map<number, readonly number[]>();
  for (const group of groups.values()) {
    if (group.length > 1) for (const codePoint of group) classes.set(codePoint, group);
  }
  return classes;
}
