import type { Steps } from "./time_slice.ts";

/** Items that are sorted, and such that are merged, between two steps. */
const RUN = 512;

/** The items in ascending order, equal ones in their own, in steps: sorting 100,000 texts takes tens of milliseconds. */
export function* sortedSteps<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<readonly T[]> {
  let runs: T[] = [];
  for (let begin = 0; begin < items.length; begin += RUN) {
    for (const item of items.slice(begin, begin + RUN).sort(compare)) runs.push(item);
    yield;
  }
  for (let width = RUN; width < items.length; width *= 2) {
    const merged: T[] = [];
    for (let begin = 0; begin < items.length; begin += 2 * width) {
      const middle = Math.min(items.length, begin + width);
      const end = Math.min(items.length, middle + width);
      let left = begin;
      let right = middle;
      while (left < middle || right < end) {
        const isRight =
          left === middle || (right < end && compare(runs[right] as T, runs[left] as T) < 0);
        merged.push(runs[isRight ? right++ : left++] as T);
        if (merged.length % RUN === 0) yield;
      }
    }
    runs = merged;
  }
  return runs;
}
