// A compiled pattern: parsed once, remembered by source and flags.

import type { Alphabet } from "./alphabet.ts";
import { buildDfa, type Dfa, runDfa } from "./dfa.ts";
import { parseRegex } from "./parse.ts";
import { classesOf, findMatch } from "./pike.ts";
import { compileRegex, programOfNodes, type RegexProgram } from "./program.ts";
import type { RegexNode, RegexSource } from "./syntax.ts";

export interface CompiledRegex {
  readonly program: RegexProgram;
  readonly alphabet: Alphabet;
  readonly groupNames: ReadonlyMap<string, number>;
  /** Null: too many states, matched by the program. Built when it is first asked for. */
  readonly dfa: () => Dfa | null;
}

// Queries have few patterns; a table of one may take megabytes.
const MAX_REMEMBERED = 32;
const remembered = new Map<string, CompiledRegex>();

/** @throws NotSupportedError for a pattern that no automaton can run, or that needs too large a one. */
export function compiledRegex(regex: RegexSource): CompiledRegex {
  return rememberedAs(`${regex.flags}/${regex.source}`, () => {
    const parsed = parseRegex(regex);
    return compiled(compileRegex(parsed), parsed.groupNames);
  });
}

/** A pattern that no source writes. @param key tells it from others */
export function compiledNodes(key: string, nodes: () => readonly RegexNode[]): CompiledRegex {
  return rememberedAs(`nodes ${key}`, () => compiled(programOfNodes(nodes()), new Map()));
}

function rememberedAs(key: string, compile: () => CompiledRegex): CompiledRegex {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const pattern = compile();
  if (remembered.size >= MAX_REMEMBERED) {
    const [oldest] = remembered.keys();
    if (oldest !== undefined) remembered.delete(oldest);
  }
  remembered.set(key, pattern);
  return pattern;
}

function compiled(program: RegexProgram, groupNames: ReadonlyMap<string, number>): CompiledRegex {
  let dfa: Dfa | null | undefined;
  return {
    program,
    alphabet: program.alphabet,
    groupNames,
    dfa: () => {
      if (dfa === undefined) dfa = buildDfa(program);
      return dfa;
    },
  };
}

/** Does the pattern match anywhere in the text? */
export function matchesRegex(regex: RegexSource, text: string): boolean {
  const { alphabet, program, dfa } = compiledRegex(regex);
  const classes = classesOf(alphabet, [...text]);
  const automaton = dfa();
  return automaton === null ? findMatch(program, classes) !== null : runDfa(automaton, classes);
}
