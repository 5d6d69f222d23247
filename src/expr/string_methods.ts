// `col("s").str`: functions of strings. Strings are UTF-8; positions and lengths count code points.

import { InvalidArgumentError, optionsWith, shownValue } from "../base/index.ts";
import type { TimeUnit } from "../dtype/index.ts";
import { Expr } from "./expr.ts";
import type { AnyExpr, ReferencesOf } from "./kind.ts";
import type { ExprNode, Options } from "./node.ts";
import { callNode, literalNode } from "./nodes.ts";

const TO_TIMESTAMP = Object.freeze({
  unit: "us",
  timezone: null,
  strict: true,
  ambiguous: "raise",
  nonExistent: "raise",
});

export class StringMethods<out Name extends string, out References extends string> {
  readonly #input: ExprNode;

  constructor(input: ExprNode) {
    this.#input = input;
  }

  /** The number of code points: 1 for "😀", 2 for "e" with a combining accent. */
  length(): Expr<"int64", Name, References> {
    return this.#call("length");
  }
  /** The number of bytes in UTF-8. */
  byteLength(): Expr<"int64", Name, References> {
    return this.#call("byteLength");
  }
  /** Upper case by all of Unicode's rules, whatever the locale: "ß" becomes "SS". */
  upper(): Expr<"string", Name, References> {
    return this.#call("upper");
  }
  /** Lower case by all of Unicode's rules, whatever the locale: "Σ" at the end of a word becomes "ς". */
  lower(): Expr<"string", Name, References> {
    return this.#call("lower");
  }
  /** Without white space at both ends: what JavaScript's `trim` takes away. */
  trim(): Expr<"string", Name, References> {
    return this.#call("trim");
  }
  trimStart(): Expr<"string", Name, References> {
    return this.#call("trimStart");
  }
  trimEnd(): Expr<"string", Name, References> {
    return this.#call("trimEnd");
  }
  contains(text: string): Expr<"bool", Name, References> {
    return this.#call("contains", { pattern: checkText(text, "contains") });
  }
  startsWith(text: string): Expr<"bool", Name, References> {
    return this.#call("startsWith", { pattern: checkText(text, "startsWith") });
  }
  endsWith(text: string): Expr<"bool", Name, References> {
    return this.#call("endsWith", { pattern: checkText(text, "endsWith") });
  }
  /** SQL's LIKE: `%` is any text, `_` one code point, `\` escapes. The whole string has to match. */
  like(pattern: string): Expr<"bool", Name, References> {
    return this.#call("like", { pattern: checkText(pattern, "like") });
  }
  /**
   * Does the regular expression match anywhere, as RegExp.test? In time linear in the text, whatever the pattern.
   *
   * Flags i, m, s and u are JavaScript's; g and d change nothing. Texts are code points, as with the flag u: `.` is one
   * "😀". Lookaround and backreferences, which no automaton has, are refused.
   *
   * @throws NotSupportedError from the method that takes the expression, naming the construct
   */
  matches(pattern: RegExp): Expr<"bool", Name, References> {
    if (!(pattern instanceof RegExp)) {
      throw new InvalidArgumentError("str.matches() takes a regular expression", {
        operator: "str.matches",
        hint: "Write str.matches(/text/), or str.contains(text) for plain text.",
      });
    }
    return this.#call("matches", { pattern });
  }
  /**
   * Replaces every occurrence of a text, or every match of a regular expression (with or without its flag g); with
   * `all: false` the first one. For a regular expression, `$&` in the replacement is the match, `$1` and `$<name>` are
   * its groups, `$$` is a dollar; for a text the replacement is plain text. Matches are those of JavaScript's `replace`.
   */
  replace(
    pattern: string | RegExp,
    replacement: string,
    options?: { readonly all?: boolean },
  ): Expr<"string", Name, References> {
    const { all } = optionsWith("str.replace", options, { all: true });
    if (!(pattern instanceof RegExp)) checkText(pattern, "replace");
    return this.#call("replace", { pattern, replacement: checkText(replacement, "replace"), all });
  }
  /** `length` code points from `start`; a negative start counts from the end; no length: to the end. */
  slice(start: number, length: number | null = null): Expr<"string", Name, References> {
    return this.#call("slice", { start, length });
  }
  /** Part `index` of the text between separators, from the end where it is negative; null where there are fewer parts. */
  split(separator: string, index: number): Expr<"string", Name, References> {
    return this.#call("split", { separator: checkText(separator, "split"), index });
  }
  /** Repeats `fill` in front until there are `length` code points; longer texts stay as they are. */
  padStart(length: number, fill = " "): Expr<"string", Name, References> {
    return this.#call("padStart", { length, fill: checkText(fill, "padStart") });
  }
  /** Repeats `fill` behind until there are `length` code points; longer texts stay as they are. */
  padEnd(length: number, fill = " "): Expr<"string", Name, References> {
    return this.#call("padEnd", { length, fill: checkText(fill, "padEnd") });
  }
  /** The text `count` times. */
  repeat(count: number): Expr<"string", Name, References> {
    return this.#call("repeat", { count });
  }
  /** The code points from the last to the first; what combines with a letter no longer follows it. */
  reverse(): Expr<"string", Name, References> {
    return this.#call("reverse");
  }
  /** This text and the others, one after the other; null where one of them is. */
  concat<const O extends readonly (AnyExpr | string)[]>(
    ...others: O
  ): Expr<"string", Name, References | ReferencesOf<O[number]>> {
    const nodes = others.map((other) =>
      other instanceof Expr
        ? other.node
        : literalNode(checkText(other, "concat"), null, "str.concat"),
    );
    return new Expr(callNode("str.concat", [this.#input, ...nodes]));
  }
  /**
   * Parses an integer: digits with or without a sign, letters a to z in bases above 10. Strict: a CastError names the
   * first row whose text is none or does not fit int64, else it is null.
   */
  toInteger(options?: {
    readonly base?: number;
    readonly strict?: boolean;
  }): Expr<"int64", Name, References> {
    return this.#call(
      "toInteger",
      optionsWith("str.toInteger", options, { base: 10, strict: true }),
    );
  }
  /** Parses a number as the CSV reader does, correctly rounded. Strict: a CastError for a text that is none, else null. */
  toFloat(options?: { readonly strict?: boolean }): Expr<"float64", Name, References> {
    return this.#call("toFloat", optionsWith("str.toFloat", options, { strict: true }));
  }
  /**
   * Parses ISO 8601, or by a pattern of strptime such as "%d.%m.%Y %H:%M" (the fields of dt.format, but for %G %V %u %w).
   * A year has four digits, or a sign before more; a pattern that says the same twice is refused.
   * Strict: a CastError for a text that is no such instant, else null. With a `timezone`, a pattern without %z reads the
   * clock of that zone; `ambiguous` and `nonExistent` are those of dt.replaceTimezone.
   */
  toTimestamp(
    pattern: string | null = null,
    options?: {
      readonly unit?: TimeUnit;
      readonly timezone?: string;
      readonly strict?: boolean;
      readonly ambiguous?: "raise" | "earliest" | "latest" | "null";
      readonly nonExistent?: "raise" | "shift" | "null";
    },
  ): Expr<"timestamp", Name, References> {
    if (pattern !== null) checkText(pattern, "toTimestamp");
    const settings = optionsWith<Options>("str.toTimestamp", options, TO_TIMESTAMP);
    if (settings.timezone !== null) checkText(settings.timezone, "toTimestamp", "timezone: ");
    return this.#call("toTimestamp", { pattern, ...settings });
  }
  /** Parses YYYY-MM-DD, or by a pattern of strptime such as "%d.%m.%Y"; strict as toTimestamp. */
  toDate(
    pattern: string | null = null,
    options?: { readonly strict?: boolean },
  ): Expr<"date", Name, References> {
    if (pattern !== null) checkText(pattern, "toDate");
    return this.#call("toDate", {
      pattern,
      ...optionsWith("str.toDate", options, { strict: true }),
    });
  }

  #call<E>(name: string, options?: Options): E {
    return new Expr(callNode(`str.${name}`, [this.#input], options)) as E;
  }
}

function checkText(text: unknown, method: string, option = ""): string {
  if (typeof text === "string") return text;
  throw new InvalidArgumentError(
    `str.${method}() takes a string, not ${option}${shownValue(text)}`,
    {
      operator: `str.${method}`,
    },
  );
}
