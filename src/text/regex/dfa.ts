// The deterministic automaton that says whether a text has a match. A state stands for the program's threads before the
// next class is known, and for what assertions ask of the class before; so a match shows with the class after it, or with
// the end.
//
//   next[state * classCount + class]      state ACCEPT once a match is found, DEAD where none can come: both stay
//   acceptsAtEnd[state]                   1: the text may end here

import type { Steps } from "../../base/index.ts";
import { minimized } from "./minimize.ts";
import type { RegexProgram } from "./program.ts";
import { SubsetConstruction } from "./subsets.ts";

export interface Dfa {
  readonly classCount: number;
  readonly stateCount: number;
  readonly start: number;
  readonly next: Uint16Array;
  readonly acceptsAtEnd: Uint8Array;
}

export const ACCEPT = 0;
export const DEAD = 1;

/** Null: the automaton would be too large. */
export function* buildDfa(program: RegexProgram): Steps<Dfa | null> {
  const states = yield* new SubsetConstruction(program).run();
  return states === null ? null : yield* minimized(states, program.alphabet.size);
}

/** Does a text of these classes have a match? */
export function runDfa(dfa: Dfa, text: Uint16Array): boolean {
  let state = dfa.start;
  for (const index of text) {
    state = dfa.next[state * dfa.classCount + index] as number;
    if (state <= DEAD) return state === ACCEPT;
  }
  return dfa.acceptsAtEnd[state] === 1;
}
