// Sets of code points as ascending, disjoint, closed ranges: [first, last, first, last, ...].

export type CodePointSet = readonly number[];

export const LAST_CODE_POINT = 0x10ffff;

/** Any ranges, in any order. */
export function setOfRanges(ranges: readonly (readonly [first: number, last: number])[]): number[] {
  const sorted = [...ranges].sort(([a], [b]) => a - b);
  const merged: number[] = [];
  for (const [first, last] of sorted) {
    const end = merged.at(-1);
    if (end !== undefined && first <= end + 1) {
      merged[merged.length - 1] = Math.max(end, last);
    } else {
      merged.push(first, last);
    }
  }
  return merged;
}

export function setOfText(text: string): number[] {
  return setOfRanges([...text].map((c) => [c.codePointAt(0) ?? 0, c.codePointAt(0) ?? 0]));
}

export function rangesOf(set: CodePointSet): [number, number][] {
  return Array.from({ length: set.length / 2 }, (_, i) => [
    set[2 * i] as number,
    set[2 * i + 1] as number,
  ]);
}

export function union(...sets: readonly CodePointSet[]): number[] {
  return setOfRanges(sets.flatMap(rangesOf));
}

export function complement(set: CodePointSet): number[] {
  const inverse: number[] = [];
  let next = 0;
  for (const [first, last] of rangesOf(set)) {
    if (first > next) inverse.push(next, first - 1);
    next = last + 1;
  }
  if (next <= LAST_CODE_POINT) inverse.push(next, LAST_CODE_POINT);
  return inverse;
}

export function intersection(a: CodePointSet, b: CodePointSet): number[] {
  const common: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [endA, endB] = [a[i + 1] as number, b[j + 1] as number];
    const first = Math.max(a[i] as number, b[j] as number);
    const last = Math.min(endA, endB);
    if (first <= last) common.push(first, last);
    if (endA <= endB) i += 2;
    if (endB <= endA) j += 2;
  }
  return common;
}

/** Every member, ascending. */
export function codePointsOf(set: CodePointSet): number[] {
  const members: number[] = [];
  for (const [first, last] of rangesOf(set)) for (let c = first; c <= last; c++) members.push(c);
  return members;
}
