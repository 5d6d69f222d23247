// What stands in the place of a match: JavaScript's `$$`, `$&`, `$1` to `$99` and `$<name>`.

import { NotSupportedError } from "../base/index.ts";

/** A text, or the number of a group (0: the match). */
export type ReplacementPiece = string | number;

/** ECMA-262, GetSubstitution. What names no group stands for itself. */
export function parseReplacement(
  replacement: string,
  groupCount: number,
  groupNames: ReadonlyMap<string, number>,
): readonly ReplacementPiece[] {
  const pieces: ReplacementPiece[] = [];
  const pattern = /\$(?:([$&`'])|(\d{1,2})|<([^>]*)>)/g;
  let copied = 0;
  for (const { index, 0: whole, 1: sign, 2: digits, 3: name } of replacement.matchAll(pattern)) {
    pieces.push(replacement.slice(copied, index));
    copied = index + whole.length;
    if (sign === "$" || sign === "&") pieces.push(sign === "$" ? "$" : 0);
    else if (sign !== undefined) {
      throw new NotSupportedError(`$${sign} in a replacement is not supported`, {
        hint: "Capture what you need in a group and write $1.",
      });
    } else if (name !== undefined) {
      // Without named groups $<name> is text; an unknown name is an empty text.
      if (groupNames.size === 0) pieces.push(whole);
      else if (groupNames.has(name)) pieces.push(groupNames.get(name) as number);
    } else pieces.push(...numberedPiece(digits as string, groupCount));
  }
  pieces.push(replacement.slice(copied));
  return pieces.filter((piece) => piece !== "");
}

/** Two digits where there is such a group, else one. */
function numberedPiece(digits: string, groupCount: number): ReplacementPiece[] {
  const isGroup = (number: number) => number >= 1 && number <= groupCount;
  if (isGroup(Number(digits))) return [Number(digits)];
  const first = Number(digits[0]);
  if (digits.length === 2 && isGroup(first)) return [first, digits[1] as string];
  return [`$${digits}`];
}
