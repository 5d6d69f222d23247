// Sets of code points as a pattern names them. What is in them is asked of the runtime when the pattern is compiled, not
// when it is read: most questions go to all of Unicode.

import { assertNever, type Steps } from "../base/index.ts";
import { type CodePointSet, complement, union } from "./code_point_set.ts";
import { caseClosed, setOfClass } from "./unicode.ts";

export type CharacterSet =
  | { readonly kind: "points"; readonly set: CodePointSet }
  /** A class of JavaScript's regular expressions: `\\s`, `\\p{Lu}`. */
  | { readonly kind: "class"; readonly source: string }
  | { readonly kind: "union"; readonly of: readonly CharacterSet[] }
  | { readonly kind: "complement"; readonly of: CharacterSet }
  /** With what the flag `i` makes equal to a member. */
  | { readonly kind: "caseClosed"; readonly of: CharacterSet; readonly unicode: boolean };

/** Equal texts are equal sets. */
export function keyOfCharacters(characters: CharacterSet): string {
  switch (characters.kind) {
    case "points":
      return characters.set.join();
    case "class":
      return characters.source;
    case "union":
      return `(${characters.of.map(keyOfCharacters).join("|")})`;
    case "complement":
      return `!${keyOfCharacters(characters.of)}`;
    case "caseClosed":
      return `${characters.unicode ? "iu" : "i"}:${keyOfCharacters(characters.of)}`;
    default:
      return assertNever(characters);
  }
}

export function* codePointsIn(characters: CharacterSet): Steps<CodePointSet> {
  switch (characters.kind) {
    case "points":
      return characters.set;
    case "class":
      return yield* setOfClass(characters.source);
    case "union": {
      const sets: CodePointSet[] = [];
      for (const one of characters.of) sets.push(yield* codePointsIn(one));
      return union(...sets);
    }
    case "complement":
      return complement(yield* codePointsIn(characters.of));
    case "caseClosed":
      return yield* caseClosed(yield* codePointsIn(characters.of), characters.unicode);
    default:
      return assertNever(characters);
  }
}
