// Walks over the source of a pattern, code point by code point, and knows its flags and groups.

import { NotSupportedError } from "../../base/index.ts";

export class RegexReader {
  readonly #source: string;
  readonly #flags: string;
  readonly groupNames = new Map<string, number>();
  readonly hasNamedGroups: boolean;
  groupCount = 0;
  /** Groups that are open. */
  depth = 0;
  #position = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
    this.hasNamedGroups = flags.includes("u") || /\(\?<[^=!]/.test(source);
  }

  has(flag: "i" | "m" | "s" | "u"): boolean {
    return this.#flags.includes(flag);
  }

  get atEnd(): boolean {
    return this.#position >= this.#source.length;
  }

  get rest(): string {
    return this.#source.slice(this.#position);
  }

  /** The next code point; empty at the end. */
  get peek(): string {
    const codePoint = this.#source.codePointAt(this.#position);
    return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
  }

  next(): string {
    const character = this.peek;
    this.#position += character.length;
    return character;
  }

  take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#position)) return false;
    this.#position += text.length;
    return true;
  }

  /** @param pattern sticky */
  takeMatch(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#position += match[0].length;
    return match;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.refuse(`${text} is missing`);
  }

  openGroup(name: string | null): number {
    this.groupCount += 1;
    if (name !== null) this.groupNames.set(name, this.groupCount);
    return this.groupCount;
  }

  refuse(why: string): NotSupportedError {
    return new NotSupportedError(
      `/${this.#source}/${this.#flags}: ${why} (at character ${this.#position})`,
      { hint: "Say it without that construct, or combine several matches with and, or, not." },
    );
  }
}
