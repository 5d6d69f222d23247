// `col("s").str`: functions of strings. Strings are UTF-8; positions and lengths count code points.

import { InvalidArgumentError } from "../base/index.ts";
import { Expr } from "./expr.ts";
import type { ExprNode, Options } from "./node.ts";
import { callNode } from "./nodes.ts";

export class StringMethods<out Name extends string, out References extends string> {
  readonly #input: ExprNode;

  constructor(input: ExprNode) {
    this.#input = input;
  }

  /** The number of code points. */
  length(): Expr<"int64", Name, References> {
    return this.#call("length");
  }
  upper(): Expr<"string", Name, References> {
    return this.#call("upper");
  }
  lower(): Expr<"string", Name, References> {
    return this.#call("lower");
  }
  /** Without white space at both ends. */
  trim(): Expr<"string", Name, References> {
    return this.#call("trim");
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
  /** Does the regular expression match anywhere, as RegExp.test? */
  matches(pattern: RegExp): Expr<"bool", Name, References> {
    if (!(pattern instanceof RegExp)) {
      throw new InvalidArgumentError("str.matches() takes a regular expression", {
        operator: "str.matches",
        hint: "Write str.matches(/text/), or str.contains(text) for plain text.",
      });
    }
    return this.#call("matches", { pattern });
  }
  /** Replaces every occurrence of a text, or every match of a regular expression. */
  replace(pattern: string | RegExp, replacement: string): Expr<"string", Name, References> {
    return this.#call("replace", { pattern, replacement: checkText(replacement, "replace") });
  }
  /** `length` code points from `start`; a negative start counts from the end; no length: to the end. */
  slice(start: number, length: number | null = null): Expr<"string", Name, References> {
    return this.#call("slice", { start, length });
  }
  /** Part `index` of the text between separators; null where there are fewer parts. */
  split(separator: string, index: number): Expr<"string", Name, References> {
    return this.#call("split", { separator: checkText(separator, "split"), index });
  }
  /** Parses an integer; strict: a CastError for a text that is none, else null. */
  toInteger(
    options: { readonly base?: number; readonly strict?: boolean } = {},
  ): Expr<"int64", Name, References> {
    return this.#call("toInteger", { base: options.base ?? 10, strict: options.strict ?? true });
  }
  /** Parses ISO 8601, or a strftime-style format. */
  toTimestamp(
    format: string | null = null,
    options: { readonly strict?: boolean } = {},
  ): Expr<"timestamp", Name, References> {
    return this.#call("toTimestamp", { format, strict: options.strict ?? true });
  }

  #call<E>(name: string, options: Options = {}): E {
    return new Expr(callNode(`str.${name}`, [this.#input], options)) as E;
  }
}

function checkText(text: string, method: string): string {
  if (typeof text === "string") return text;
  throw new InvalidArgumentError(`str.${method}() takes a string, not ${typeof text}`, {
    operator: `str.${method}`,
  });
}
