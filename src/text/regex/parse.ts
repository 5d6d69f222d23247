// Reads JavaScript's regular expressions, as far as an automaton can run them. The pattern comes from a RegExp, so its
// syntax is known to be right: what is left to find is what no automaton has (backreferences, lookaround), refused by
// name.

import { NotSupportedError } from "../../base/index.ts";
import type { CharacterSet } from "../character_set.ts";
import { caseClosed, parseClass, readEscape, wordSet } from "./parse_class.ts";
import { RegexReader } from "./reader.ts";
import { characters, EMPTY, type Regex, type RegexNode, type RegexSource } from "./syntax.ts";

const ANY: CharacterSet = { kind: "points", set: [0, 0x10ffff] };
const ANY_IN_A_LINE: CharacterSet = { kind: "complement", of: characters("\n\r\u2028\u2029") };
const FLAGS_WITHOUT_MEANING = /[dg]/g;
const MAX_COUNT = 1000;
/** Groups within groups; all that walks the tree is recursive. */
const MAX_DEPTH = 200;

/** @throws NotSupportedError naming the construct, where no automaton can run the pattern. */
export function parseRegex({ source, flags }: RegexSource): Regex {
  const refused = flags.replace(FLAGS_WITHOUT_MEANING, "").replace(/[imsu]/g, "");
  if (refused !== "") {
    throw new NotSupportedError(`/${source}/${flags}: the flag ${refused[0]} is not supported`, {
      hint: "Flags that count here are i, m, s and u.",
    });
  }
  const reader = new RegexReader(source, flags);
  const root = parseAlternation(reader);
  const { groupCount, groupNames } = reader;
  return { root, groupCount, groupNames, word: wordSet(reader) };
}

function parseAlternation(reader: RegexReader): RegexNode {
  const options = [parseSequence(reader)];
  while (reader.take("|")) options.push(parseSequence(reader));
  return options.length === 1 ? (options[0] as RegexNode) : { kind: "alternation", options };
}

function parseSequence(reader: RegexReader): RegexNode {
  const parts: RegexNode[] = [];
  while (!reader.atEnd && reader.peek !== "|" && reader.peek !== ")") {
    const part = parseRepeat(reader, parseAtom(reader));
    // What is left takes an instruction each time that it is repeated, so that counts end somewhere.
    if (part !== EMPTY) parts.push(part);
  }
  if (parts.length === 0) return EMPTY;
  return parts.length === 1 ? (parts[0] as RegexNode) : { kind: "sequence", parts };
}

function parseRepeat(reader: RegexReader, body: RegexNode): RegexNode {
  const counts = parseCounts(reader);
  if (counts === null) return body;
  const greedy = !reader.take("?");
  const [min, max] = counts;
  if (min > MAX_COUNT || (max !== Number.POSITIVE_INFINITY && max > MAX_COUNT)) {
    throw reader.refuse(
      `a repetition of more than ${MAX_COUNT} times makes too large an automaton`,
    );
  }
  return body === EMPTY || max === 0 ? EMPTY : { kind: "repeat", body, min, max, greedy };
}

function parseCounts(reader: RegexReader): readonly [number, number] | null {
  if (reader.take("*")) return [0, Number.POSITIVE_INFINITY];
  if (reader.take("+")) return [1, Number.POSITIVE_INFINITY];
  if (reader.take("?")) return [0, 1];
  const counts = reader.takeMatch(/\{(\d+)(,(\d*))?\}/y);
  if (counts === null) return null;
  const min = Number(counts[1]);
  if (counts[2] === undefined) return [min, min];
  return [min, counts[3] === "" ? Number.POSITIVE_INFINITY : Number(counts[3])];
}

function parseAtom(reader: RegexReader): RegexNode {
  const character = reader.next();
  switch (character) {
    case "^":
      return { kind: "assertion", assertion: reader.has("m") ? "lineStart" : "start" };
    case "$":
      return { kind: "assertion", assertion: reader.has("m") ? "lineEnd" : "end" };
    case ".":
      return { kind: "set", set: reader.has("s") ? ANY : ANY_IN_A_LINE };
    case "(":
      return parseGroup(reader);
    case "[":
      return { kind: "set", set: parseClass(reader) };
    case "\\":
      return parseEscape(reader);
    default:
      return { kind: "set", set: caseClosed(reader, characters(character)) };
  }
}

function parseGroup(reader: RegexReader): RegexNode {
  if (reader.depth >= MAX_DEPTH) {
    throw reader.refuse(`groups nested more than ${MAX_DEPTH} deep are too large an automaton`);
  }
  reader.depth += 1;
  const node = parseGroupBody(reader);
  reader.depth -= 1;
  return node;
}

function parseGroupBody(reader: RegexReader): RegexNode {
  if (!reader.take("?")) return captured(reader, null);
  if (reader.take(":")) return closed(reader, parseAlternation(reader));
  const name = reader.takeMatch(/<([^=!][^>]*)>/y);
  if (name !== null) return captured(reader, name[1] as string);
  if (/^(?:<?[=!])/.test(reader.rest)) {
    throw reader.refuse(
      "lookahead and lookbehind ask for texts that an automaton does not remember",
    );
  }
  throw reader.refuse("flags inside a pattern are not supported");
}

function captured(reader: RegexReader, name: string | null): RegexNode {
  const index = reader.openGroup(name);
  return closed(reader, { kind: "group", index, body: parseAlternation(reader) });
}

function closed(reader: RegexReader, node: RegexNode): RegexNode {
  reader.expect(")");
  return node;
}

function parseEscape(reader: RegexReader): RegexNode {
  if (reader.take("b")) return { kind: "assertion", assertion: "wordBoundary" };
  if (reader.take("B")) return { kind: "assertion", assertion: "noBoundary" };
  if (/^[1-9]/.test(reader.rest) || (reader.hasNamedGroups && reader.peek === "k")) {
    throw reader.refuse("a backreference asks for a text that an automaton does not remember");
  }
  return { kind: "set", set: caseClosed(reader, readEscape(reader)) };
}
