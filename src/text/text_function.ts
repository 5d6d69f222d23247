// The functions from text to text as plain data, and what each gives: the specification of native/kernels/text.

import { assertNever, atOnce, MemoryBudgetError } from "../base/index.ts";
import {
  classesOf,
  compiledRegex,
  findMatch,
  type Hopeless,
  type RegexSource,
  type Slots,
} from "./regex/index.ts";
import { parseReplacement } from "./replacement.ts";

/** Positions, lengths and counts are code points. */
export type TextFunction =
  | { readonly kind: "upper" | "lower" | "trim" | "trimStart" | "trimEnd" | "reverse" }
  /** `length` null: to the end. A negative start counts from the end, and not beyond the beginning. */
  | { readonly kind: "slice"; readonly start: number; readonly length: number | null }
  /** Part `index` between separators, from the end where it is negative; none where there are fewer. */
  | { readonly kind: "part"; readonly separator: string; readonly index: number }
  | {
      readonly kind: "replaceText";
      readonly pattern: string;
      readonly replacement: string;
      readonly all: boolean;
    }
  | {
      readonly kind: "replaceMatches";
      readonly pattern: RegexSource;
      readonly replacement: string;
      readonly all: boolean;
    }
  | {
      readonly kind: "padStart" | "padEnd";
      readonly length: number;
      readonly fill: string;
    }
  | { readonly kind: "repeat"; readonly count: number }
  | { readonly kind: "surround"; readonly before: string; readonly after: string };

/** The only function that may give no text. */
export const isPartial = ({ kind }: TextFunction): boolean => kind === "part";

/** Null: the text has no such part. */
export function applyText(apply: TextFunction, text: string): string | null {
  switch (apply.kind) {
    case "upper":
      return text.toUpperCase();
    case "lower":
      return text.toLowerCase();
    case "trim":
      return text.trim();
    case "trimStart":
      return text.trimStart();
    case "trimEnd":
      return text.trimEnd();
    case "reverse":
      return [...text].reverse().join("");
    case "slice":
      return slice([...text], apply.start, apply.length);
    case "part":
      return text.split(apply.separator).at(apply.index) ?? null;
    case "replaceText":
      return apply.all
        ? text.replaceAll(apply.pattern, () => apply.replacement)
        : text.replace(apply.pattern, () => apply.replacement);
    case "replaceMatches":
      return replaceMatches(apply, [...text]);
    case "padStart":
    case "padEnd":
      return pad(apply, text);
    case "repeat":
      checkSize(text.length * apply.count);
      return text.repeat(apply.count);
    case "surround":
      return apply.before + text + apply.after;
    default:
      return assertNever(apply);
  }
}

/** The text without what is no Unicode: a lone surrogate becomes U+FFFD, as it does in UTF-8. */
export function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

function slice(characters: readonly string[], start: number, length: number | null): string {
  const begin = start < 0 ? Math.max(0, characters.length + start) : start;
  return characters.slice(begin, length === null ? undefined : begin + length).join("");
}

function pad(
  { kind, length, fill }: Extract<TextFunction, { kind: "padStart" | "padEnd" }>,
  text: string,
): string {
  const missing = length - [...text].length;
  if (missing <= 0) return text;
  checkSize(missing);
  const fills = [...fill];
  const padding = Array.from({ length: missing }, (_, i) => fills[i % fills.length]).join("");
  return kind === "padStart" ? padding + text : text + padding;
}

function replaceMatches(
  { pattern, replacement, all }: Extract<TextFunction, { kind: "replaceMatches" }>,
  characters: readonly string[],
): string {
  const { program, alphabet, groupNames } = atOnce(compiledRegex(pattern));
  const pieces = parseReplacement(replacement, program.slotCount / 2 - 1, groupNames);
  const classes = classesOf(alphabet, characters);
  const between = (begin: number, end: number) => characters.slice(begin, end).join("");
  let result = "";
  let copied = 0;
  const hopeless: Hopeless = new Map();
  let match = findMatch(program, classes, 0, hopeless);
  while (match !== null) {
    const [begin, end] = match as Slots & [number, number];
    result += between(copied, begin);
    for (const piece of pieces) {
      if (typeof piece === "string") result += piece;
      else if ((match[2 * piece] as number) >= 0) {
        result += between(match[2 * piece] as number, match[2 * piece + 1] as number);
      }
    }
    copied = end;
    // After an empty match the next one begins a code point later.
    const from = end === begin ? end + 1 : end;
    match = all && from <= classes.length ? findMatch(program, classes, from, hopeless) : null;
  }
  return result + between(copied, characters.length);
}

/** JavaScript's strings end below 2^29 units. */
function checkSize(units: number): void {
  if (units < 2 ** 29 - 24) return;
  throw new MemoryBudgetError("a text would be longer than 512 MiB", {
    hint: "Repeat or pad to a smaller length.",
  });
}
