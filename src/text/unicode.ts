// Facts of Unicode, asked of the JavaScript runtime instead of being copied here: every executor of a process works with
// the tables that this file derives, so that all know the same version of Unicode, whatever the locale. A question to all
// code points takes tens of milliseconds, so that everything here comes in steps.

import type { Steps } from "../base/index.ts";
import {
  type CodePointSet,
  codePointsOf,
  intersection,
  setOfRanges,
  union,
} from "./code_point_set.ts";

/** Code points a step. The surrogates, which stand in no text, are one step that is left out. */
const STEP = 0x800;
const SURROGATES = 0xd800;
const FIRST_PLANE = 0x10000;
/** Code points of a set whose other letter cases are asked for in a step. */
const CASED_STEP = 128;

// By definition of ECMA-262; finding them would take a search of all code points.
const known = new Map<string, CodePointSet>([
  ["\\d", [0x30, 0x39]],
  ["\\w", [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]],
]);

/** The code points that a class of JavaScript's regular expressions matches: `\\s`, `\\p{Lu}`. Surrogates are in no set. */
export function* setOfClass(source: string): Steps<CodePointSet> {
  let set = known.get(source);
  if (set === undefined) {
    set = yield* findClass(source);
    known.set(source, set);
  }
  return set;
}

function* findClass(source: string): Steps<CodePointSet> {
  const runs = new RegExp(`(?:${source})+`, "gu");
  const ranges: [number, number][] = [];
  for (let first = 0; first <= 0x10ffff; first += STEP) {
    if (first === SURROGATES) continue;
    const text = textFrom(first);
    const unitsEach = text.length / STEP;
    runs.lastIndex = 0;
    for (let run = runs.exec(text); run !== null; run = runs.exec(text)) {
      const begin = first + run.index / unitsEach;
      ranges.push([begin, begin + run[0].length / unitsEach - 1]);
    }
    yield;
  }
  return setOfRanges(ranges);
}

/** The code points of a step, ascending. */
function textFrom(first: number): string {
  const units = new Uint16Array(first < FIRST_PLANE ? STEP : 2 * STEP);
  for (let i = 0; i < STEP; i++) {
    const above = first + i - FIRST_PLANE;
    if (above < 0) units[i] = first + i;
    else {
      units[2 * i] = 0xd800 + (above >> 10);
      units[2 * i + 1] = 0xdc00 + (above & 0x3ff);
    }
  }
  // Spreading an array of numbers would take six times as long.
  return Reflect.apply(String.fromCharCode, null, units);
}

/** Letters that some conversion of case changes. */
export function casedCodePoints(): Steps<CodePointSet> {
  const changing = ["Lowercased", "Uppercased", "Titlecased", "Casefolded"]
    .map((form) => `\\p{Changes_When_${form}}`)
    .join("");
  return setOfClass(`[${changing}]`);
}

/**
 * The set with everything that JavaScript's flag `i` makes equal to one of its members: by simple case folding with the
 * flag `u`, by single upper-case letters of the first plane without it. A class of the members says which letters it
 * matches.
 */
export function* caseClosed(set: CodePointSet, unicode: boolean): Steps<CodePointSet> {
  const cased = yield* casedCodePoints();
  const letters = unicode ? cased : intersection(cased, [0, FIRST_PLANE - 1]);
  const text = String.fromCodePoint(...codePointsOf(letters));
  const members = codePointsOf(intersection(set, letters));
  const added: [number, number][] = [];
  for (let begin = 0; begin < members.length; begin += CASED_STEP) {
    const sources = members.slice(begin, begin + CASED_STEP).map(escapeOf(unicode));
    const equal = new RegExp(`[${sources.join("")}]`, unicode ? "giu" : "gi");
    for (const letter of text.match(equal) ?? []) {
      const codePoint = letter.codePointAt(0) as number;
      added.push([codePoint, codePoint]);
    }
    yield;
  }
  return union(set, setOfRanges(added));
}

const escapeOf = (unicode: boolean) => (codePoint: number) => {
  const hex = codePoint.toString(16);
  return unicode ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
};
