// What a regular expression is once it is read: a tree over sets of code points. Flags are gone: `i` has widened the
// sets, `s` and `m` have chosen the sets and the assertions.

import type { CharacterSet } from "../character_set.ts";
import { setOfText } from "../code_point_set.ts";

/** A regular expression as plain data: what RegExp calls `source` and `flags`. */
export interface RegexSource {
  readonly source: string;
  readonly flags: string;
}

/** A place between two code points. */
export type Assertion = "start" | "end" | "lineStart" | "lineEnd" | "wordBoundary" | "noBoundary";

export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "alternation"; readonly options: readonly RegexNode[] }
  /** A capturing group, numbered from 1. */
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  | {
      readonly kind: "repeat";
      readonly body: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: "assertion"; readonly assertion: Assertion };

export interface Regex {
  readonly root: RegexNode;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
  /** The code points between which and others a word begins or ends. */
  readonly word: CharacterSet;
}

export const EMPTY: RegexNode = { kind: "empty" };

export function characters(text: string): CharacterSet {
  return { kind: "points", set: setOfText(text) };
}

/** Matches the text and nothing else. */
export function literalNodes(text: string): RegexNode {
  const parts = [...text].map((one): RegexNode => ({ kind: "set", set: characters(one) }));
  return { kind: "sequence", parts };
}

/** Can it match the empty text? Assertions may hold. */
export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.parts.every(isNullable);
    case "alternation":
      return node.options.some(isNullable);
    case "group":
      return isNullable(node.body);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
    default:
      return true;
  }
}
