// Patterns: read where they are written, compiled when they are run, remembered by source and flags.

import { atOnce, type Steps } from "../../base/index.ts";
import type { Alphabet } from "./alphabet.ts";
import { buildDfa, type Dfa, runDfa } from "./dfa.ts";
import { parseRegex } from "./parse.ts";
import { classesOf, findMatch } from "./pike.ts";
import {
  codeOfNodes,
  compileRegex,
  type RegexCode,
  type RegexProgram,
  regexCode,
} from "./program.ts";
import type { RegexNode, RegexSource } from "./syntax.ts";

/** What a pattern is before it is compiled. */
export interface ReadRegex {
  readonly code: RegexCode;
  readonly groupNames: ReadonlyMap<string, number>;
}

export interface CompiledRegex {
  readonly program: RegexProgram;
  readonly alphabet: Alphabet;
  readonly groupNames: ReadonlyMap<string, number>;
  /** Null: too many states, matched by the program. Built when it is first asked for. */
  readonly dfa: () => Steps<Dfa | null>;
}

// Queries have few patterns; a table of one may take megabytes.
const MAX_REMEMBERED = 32;
const read = new Map<string, ReadRegex>();
const compiled = new Map<string, CompiledRegex>();

/** @throws NotSupportedError for a pattern that no automaton can run, or that needs too large a one. */
export function readRegex(regex: RegexSource): ReadRegex {
  const key = `${regex.flags}/${regex.source}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const parsed = parseRegex(regex);
  const pattern = { code: regexCode(parsed), groupNames: parsed.groupNames };
  remember(read, key, pattern);
  return pattern;
}

/** @throws NotSupportedError as readRegex. */
export function compiledRegex(regex: RegexSource): Steps<CompiledRegex> {
  return rememberedAs(`${regex.flags}/${regex.source}`, () => readRegex(regex));
}

/** A pattern that no source writes. @param key tells it from others */
export function compiledNodes(
  key: string,
  nodes: () => readonly RegexNode[],
): Steps<CompiledRegex> {
  return rememberedAs(`nodes ${key}`, () => ({
    code: codeOfNodes(nodes()),
    groupNames: new Map(),
  }));
}

function* rememberedAs(key: string, source: () => ReadRegex): Steps<CompiledRegex> {
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const { code, groupNames } = source();
  const program = yield* compileRegex(code);
  const pattern = withDfa(program, groupNames);
  remember(compiled, key, pattern);
  return pattern;
}

function remember<T>(patterns: Map<string, T>, key: string, pattern: T): void {
  if (patterns.size >= MAX_REMEMBERED) {
    const [oldest] = patterns.keys();
    if (oldest !== undefined) patterns.delete(oldest);
  }
  patterns.set(key, pattern);
}

function withDfa(program: RegexProgram, groupNames: ReadonlyMap<string, number>): CompiledRegex {
  let dfa: Dfa | null | undefined;
  function* built(): Steps<Dfa | null> {
    if (dfa === undefined) dfa = yield* buildDfa(program);
    return dfa;
  }
  return { program, alphabet: program.alphabet, groupNames, dfa: built };
}

/** Does the pattern match anywhere in the text? */
export function matchesRegex(regex: RegexSource, text: string): boolean {
  const { alphabet, program, dfa } = atOnce(compiledRegex(regex));
  const classes = classesOf(alphabet, [...text]);
  const automaton = atOnce(dfa());
  return automaton === null ? findMatch(program, classes) !== null : runDfa(automaton, classes);
}
