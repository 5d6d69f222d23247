// Names that may have been meant by one that there is not.

import { distance } from "fastest-levenshtein";

/** Longer names are not compared. */
export const LONGEST_COMPARED = 256;

/** At most three names within a third of the length in edits, best first. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  if (name.length > LONGEST_COMPARED) return [];
  const folded = name.toLowerCase();
  const limit = Math.max(2, Math.ceil(name.length / 3));
  return names
    .filter((candidate) => candidate.length <= LONGEST_COMPARED)
    .map((candidate) => ({ candidate, edits: distance(folded, candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
