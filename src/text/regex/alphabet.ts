// The alphabet of one pattern: code points that none of its sets tells apart are one class. Automata run over classes,
// so that their tables are small whatever Unicode holds.
//
//   class of c = classes[256 * pages[c >> 8] + (c & 255)]        equal pages are stored once; page 0 is code points 0-255

import { NotSupportedError, type Steps } from "../../base/index.ts";
import type { CodePointSet } from "../code_point_set.ts";
import { LAST_CODE_POINT, rangesOf } from "../code_point_set.ts";

export interface Alphabet {
  readonly size: number;
  readonly pages: Uint16Array;
  readonly classes: Uint16Array;
  /** members[set][class]: 1 where the set has the class. */
  readonly members: readonly Uint8Array[];
}

const PAGE = 256;
const PAGE_COUNT = (LAST_CODE_POINT + 1) / PAGE;
/** Bytes of `members`: 2,000 sets of 2,000 classes. */
const MAX_MEMBERS = 1 << 22;
/** Sets looked at for all runs of code points together. */
const MAX_WORK = 1 << 20;
/** Of that work, in a step. */
const A_STEP = 256;

/** @throws NotSupportedError for sets that take too large tables. */
export function* alphabetOf(sets: readonly CodePointSet[]): Steps<Alphabet> {
  const { starts, classOfInterval, signatures } = yield* intervalsOf(sets);
  if (sets.length * signatures.length > MAX_MEMBERS) throw tooManySets(sets.length);
  const members = sets.map(() => new Uint8Array(signatures.length));
  const isStepOver = steps();
  for (const [index, signature] of signatures.entries()) {
    for (const set of signature) (members[set] as Uint8Array)[index] = 1;
    if (isStepOver(1 + signature.length)) yield;
  }
  return { size: signatures.length, members, ...(yield* pagesOf(starts, classOfInterval)) };
}

export function classOf({ pages, classes }: Alphabet, codePoint: number): number {
  return classes[PAGE * (pages[codePoint >> 8] as number) + (codePoint & 255)] as number;
}

/** Whether enough has been done since it last said so. */
function steps(): (work: number) => boolean {
  let spent = 0;
  return (work) => {
    spent += work;
    if (spent < A_STEP) return false;
    spent = 0;
    return true;
  };
}

export function tooManySets(count: number): NotSupportedError {
  return new NotSupportedError(
    `a pattern of ${count} different characters and classes takes too large an alphabet`,
    { hint: "Ask for whole texts with isIn(), or divide the pattern and combine with or." },
  );
}

interface Intervals {
  readonly starts: readonly number[];
  readonly classOfInterval: readonly number[];
  /** The sets that have a class. */
  readonly signatures: readonly (readonly number[])[];
}

/** The runs of code points between which membership in some set changes, and which sets they are in. */
function* intervalsOf(sets: readonly CodePointSet[]): Steps<Intervals> {
  const events = new Map<number, number[]>([[0, []]]);
  const toggle = (codePoint: number, set: number) => {
    if (codePoint > LAST_CODE_POINT) return;
    const known = events.get(codePoint);
    if (known === undefined) events.set(codePoint, [set]);
    else known.push(set);
  };
  const isStepOver = steps();
  for (const [number, set] of sets.entries()) {
    for (const [first, last] of rangesOf(set)) {
      toggle(first, number);
      toggle(last + 1, number);
    }
    if (isStepOver(1 + set.length)) yield;
  }
  const starts = [...events.keys()].sort((a, b) => a - b);
  const current = new Set<number>();
  const numbers = new Map<string, number>();
  const signatures: number[][] = [];
  const classOfInterval: number[] = [];
  let work = 0;
  for (const start of starts) {
    for (const set of events.get(start) ?? []) if (!current.delete(set)) current.add(set);
    const signature = [...current].sort((a, b) => a - b);
    const key = signature.join();
    const number = numbers.get(key) ?? signatures.push(signature) - 1;
    numbers.set(key, number);
    classOfInterval.push(number);
    work += 1 + signature.length;
    if (work > MAX_WORK) throw tooManySets(sets.length);
    if (isStepOver(1 + signature.length)) yield;
  }
  return { starts, classOfInterval, signatures };
}

function* pagesOf(
  starts: readonly number[],
  classOfInterval: readonly number[],
): Steps<Pick<Alphabet, "pages" | "classes">> {
  const pages = new Uint16Array(PAGE_COUNT);
  const stored = new Map<string, number>();
  const contents: Uint16Array[] = [];
  const store = (key: string, content: () => Uint16Array): number => {
    const known = stored.get(key) ?? contents.push(content()) - 1;
    stored.set(key, known);
    return known;
  };
  const startOf = (k: number) => starts[k] ?? LAST_CODE_POINT + 1;
  const valueOf = (k: number) => classOfInterval[k] as number;
  let interval = 0;
  for (let page = 0; page < PAGE_COUNT; ) {
    while (startOf(interval + 1) <= page * PAGE) interval += 1;
    // Most intervals are many pages long.
    const uniformEnd = Math.floor(startOf(interval + 1) / PAGE);
    if (uniformEnd > page) {
      const index = valueOf(interval);
      const number = store(`all ${index}`, () => new Uint16Array(PAGE).fill(index));
      pages.fill(number, page, uniformEnd);
      page = uniformEnd;
      continue;
    }
    const content = new Uint16Array(PAGE).fill(valueOf(interval));
    while (startOf(interval + 1) < (page + 1) * PAGE) {
      interval += 1;
      content.fill(valueOf(interval), startOf(interval) - page * PAGE);
    }
    pages[page++] = store(content.join(), () => content);
    yield;
  }
  const classes = new Uint16Array(PAGE * contents.length);
  for (const [index, content] of contents.entries()) classes.set(content, PAGE * index);
  return { pages, classes };
}
