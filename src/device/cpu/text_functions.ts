// Regular expressions and text functions in the addon's form: flat arrays.

import { assertNever, type Steps } from "../../base/index.ts";
import { Dictionary } from "../../column/index.ts";
import {
  beginnings,
  type CompiledRegex,
  caseTables,
  compiledRegex,
  parseReplacement,
  type RegexSource,
  readRegex,
  type TextFunction,
} from "../../text/index.ts";
import type { NativeRegex, NativeTextFunction } from "./native_addon.ts";

const known = new WeakMap<CompiledRegex, NativeRegex>();

export function* nativeRegex(pattern: RegexSource): Steps<NativeRegex> {
  const compiled = yield* compiledRegex(pattern);
  const native = known.get(compiled) ?? (yield* flattened(compiled));
  known.set(compiled, native);
  return native;
}

function* flattened({ program, alphabet, dfa }: CompiledRegex): Steps<NativeRegex> {
  const automaton = yield* dfa();
  const members = new Uint8Array(alphabet.members.length * alphabet.size);
  for (const [set, classes] of alphabet.members.entries())
    members.set(classes, set * alphabet.size);
  return {
    pages: alphabet.pages,
    classes: alphabet.classes,
    classCount: alphabet.size,
    next: automaton?.next ?? null,
    acceptsAtEnd: automaton?.acceptsAtEnd ?? null,
    startState: automaton?.start ?? 0,
    code: program.code,
    startInstruction: program.start,
    slotCount: program.slotCount,
    contexts: program.contexts,
    begins: beginnings(program),
    members,
  };
}

/** The numbers of `Function::Kind` in native/kernels/text/text.h. */
const KINDS: Readonly<Record<TextFunction["kind"], number>> = {
  upper: 0,
  lower: 1,
  trim: 2,
  trimStart: 3,
  trimEnd: 4,
  reverse: 5,
  slice: 6,
  part: 7,
  replaceText: 8,
  replaceMatches: 9,
  padStart: 10,
  padEnd: 11,
  repeat: 12,
  surround: 13,
};

export function* nativeTextFunction(apply: TextFunction): Steps<NativeTextFunction> {
  const form = (
    numbers: readonly number[] = [],
    texts: readonly string[] = [],
    tables: Partial<Pick<NativeTextFunction, "regex" | "cases">> = {},
  ): NativeTextFunction => ({
    kind: KINDS[apply.kind],
    numbers: Int32Array.from(numbers),
    texts: Dictionary.fromTexts(texts),
    regex: null,
    cases: null,
    ...tables,
  });
  switch (apply.kind) {
    case "upper":
    case "lower":
    case "trim":
    case "trimStart":
    case "trimEnd":
      return form([], [], { cases: yield* caseTables() });
    case "reverse":
      return form();
    case "slice":
      return form([apply.start, Number(apply.length !== null), apply.length ?? 0]);
    case "part":
      return form([apply.index], [apply.separator]);
    case "replaceText":
      return form([Number(apply.all)], [apply.pattern, apply.replacement]);
    case "replaceMatches": {
      const { numbers, texts } = piecesOf(apply.pattern, apply.replacement);
      const regex = yield* nativeRegex(apply.pattern);
      return form([Number(apply.all), ...numbers], texts, { regex });
    }
    case "padStart":
    case "padEnd":
      return form([apply.length], [apply.fill]);
    case "repeat":
      return form([apply.count]);
    case "surround":
      return form([], [apply.before, apply.after]);
    default:
      return assertNever(apply);
  }
}

/** A group by its number, text k as -1 - k. */
function piecesOf(pattern: RegexSource, replacement: string) {
  const { code, groupNames } = readRegex(pattern);
  const texts: string[] = [];
  const pieces = parseReplacement(replacement, code.slotCount / 2 - 1, groupNames);
  const numbers = pieces.map((piece) => (typeof piece === "number" ? piece : -texts.push(piece)));
  return { numbers, texts };
}
