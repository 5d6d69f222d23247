// Letter case and white space as tables, for executors that have no JavaScript: derived from the runtime once a process.
//
//   entry of c: index 256 * pages[c >> 8] + (c & 255) of upper, lower, properties
//   upper, lower: what is added to the code point; from SPECIAL on: specials[value - SPECIAL] is a count, and what follows
//   it are the code points
//   properties: bit 0 cased, bit 1 ignored for case, bit 2 white space

import type { Steps } from "../base/index.ts";
import { type CodePointSet, codePointsOf, rangesOf } from "./code_point_set.ts";
import { casedCodePoints, setOfClass } from "./unicode.ts";

export interface CaseTables {
  readonly pages: Uint16Array;
  readonly upper: Int32Array;
  readonly lower: Int32Array;
  readonly specials: Uint32Array;
  readonly properties: Uint8Array;
}

const PAGE = 256;
const SPECIAL = 0x1000000;
const LETTERS_A_STEP = 256;
const PROPERTIES = ["\\p{Cased}", "\\p{Case_Ignorable}", "\\s"];

let tables: CaseTables | null = null;

export function* caseTables(): Steps<CaseTables> {
  tables ??= yield* findTables();
  return tables;
}

function* findTables(): Steps<CaseTables> {
  const cased = codePointsOf(yield* casedCodePoints());
  const sets: CodePointSet[] = [];
  for (const property of PROPERTIES) sets.push(yield* setOfClass(property));
  const { pages, count } = pagesWith([
    ...cased.map((c) => c >> 8),
    ...sets.flatMap((set) => rangesOf(set).flatMap(pagesOfRange)),
  ]);
  const indexOf = (c: number) => PAGE * (pages[c >> 8] as number) + (c & 255);
  const upper = new Int32Array(PAGE * count);
  const lower = new Int32Array(PAGE * count);
  const specials: number[] = [];
  const change = (from: number, text: string): number => {
    const to = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    if (to.length === 1) return (to[0] as number) - from;
    return SPECIAL + specials.push(to.length, ...to) - to.length - 1;
  };
  for (const [index, c] of cased.entries()) {
    const text = String.fromCodePoint(c);
    upper[indexOf(c)] = change(c, text.toUpperCase());
    lower[indexOf(c)] = change(c, text.toLowerCase());
    if (index % LETTERS_A_STEP === 0) yield;
  }
  const properties = new Uint8Array(PAGE * count);
  for (const [bit, set] of sets.entries()) {
    for (const c of codePointsOf(set)) {
      const index = indexOf(c);
      properties[index] = (properties[index] as number) | (1 << bit);
    }
    yield;
  }
  return { pages, upper, lower, specials: Uint32Array.from(specials), properties };
}

function pagesOfRange([first, last]: readonly [number, number]): number[] {
  return Array.from({ length: (last >> 8) - (first >> 8) + 1 }, (_, i) => (first >> 8) + i);
}

/** Numbers for the pages that hold something; all others are page 0, where nothing is. */
function pagesWith(used: readonly number[]): { pages: Uint16Array; count: number } {
  const pages = new Uint16Array(0x110000 / PAGE);
  let count = 1;
  for (const page of used) if (pages[page] === 0) pages[page] = count++;
  return { pages, count };
}
