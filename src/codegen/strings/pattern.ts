// The predicates on text, by bytes: contains, startsWith, endsWith, like. UTF-8 is self-synchronising, so that comparing
// bytes is comparing code points.

import { assertNever } from "../../base/index.ts";
import type { StringPredicate } from "../../ir/index.ts";

type BytesPredicate = (text: Uint8Array) => boolean;

const PERCENT = 0x25;
const UNDERSCORE = 0x5f;
const BACKSLASH = 0x5c;

export function compilePattern(predicate: StringPredicate, pattern: Uint8Array): BytesPredicate {
  switch (predicate) {
    case "contains": {
      const needle = Buffer.from(pattern);
      return (text) => Buffer.from(text.buffer, text.byteOffset, text.length).includes(needle);
    }
    case "startsWith":
      return (text) => equalsAt(text, 0, pattern);
    case "endsWith":
      return (text) => equalsAt(text, text.length - pattern.length, pattern);
    case "like": {
      const tokens = likeTokens(pattern);
      return (text) => matchesLike(text, tokens);
    }
    default:
      return assertNever(predicate);
  }
}

function equalsAt(text: Uint8Array, start: number, pattern: Uint8Array): boolean {
  if (start < 0 || start + pattern.length > text.length) return false;
  return pattern.every((byte, index) => text[start + index] === byte);
}

/** A byte to find literally, or "any" (%: any text) or "one" (_: one code point). */
type LikeToken = number | "any" | "one";

/** A backslash takes the next byte literally; at the end it stands for itself. */
function likeTokens(pattern: Uint8Array): LikeToken[] {
  const tokens: LikeToken[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const byte = pattern[index] as number;
    if (byte === PERCENT) tokens.push("any");
    else if (byte === UNDERSCORE) tokens.push("one");
    else if (byte === BACKSLASH && index + 1 < pattern.length)
      tokens.push(pattern[++index] as number);
    else tokens.push(byte);
  }
  return tokens;
}

/** Greedy with one point of return: on a mismatch the last % takes one more byte. O(text * pattern) at worst. */
function matchesLike(text: Uint8Array, tokens: readonly LikeToken[]): boolean {
  let position = 0;
  let token = 0;
  let resumeToken = -1;
  let resumePosition = 0;
  while (position < text.length) {
    const expected = tokens[token];
    if (expected === "any") {
      resumeToken = token++;
      resumePosition = position;
    } else if (expected === "one") {
      position = nextCodePoint(text, position);
      token += 1;
    } else if (expected !== undefined && expected === text[position]) {
      position += 1;
      token += 1;
    } else if (resumeToken >= 0) {
      resumePosition = nextCodePoint(text, resumePosition);
      position = resumePosition;
      token = resumeToken + 1;
    } else {
      return false;
    }
  }
  while (tokens[token] === "any") token += 1;
  return token === tokens.length;
}

function nextCodePoint(text: Uint8Array, position: number): number {
  let next = position + 1;
  while (next < text.length && ((text[next] as number) & 0xc0) === 0x80) next += 1;
  return next;
}
