// The deterministic automaton that says whether a text has a match: subset construction over the classes of the alphabet,
// with the search's start added in every state. A state stands for the program's threads before the next class is known,
// and for what assertions ask of the class before; so a match shows with the class after it, or with the end.
//
//   next[state * classCount + class]      state ACCEPT once a match is found, DEAD where none can come: both stay
//   acceptsAtEnd[state]                   1: the text may end here

import { minimized } from "./minimize.ts";
import { assertionHolds } from "./pike.ts";
import type { RegexProgram } from "./program.ts";
import { OP } from "./program.ts";

export interface Dfa {
  readonly classCount: number;
  readonly stateCount: number;
  readonly start: number;
  readonly next: Uint16Array;
  readonly acceptsAtEnd: Uint8Array;
}

export const ACCEPT = 0;
export const DEAD = 1;

/** Above one of these the pattern runs as its program: linear too, but every thread costs. */
const MAX_STATES = 4096;
const MAX_CELLS = 1 << 20;
const MAX_THREADS = 1 << 21;

/** Null: the automaton would be too large. */
export function buildDfa(program: RegexProgram): Dfa | null {
  const states = new SubsetConstruction(program).run();
  return states === null ? null : minimized(states, program.alphabet.size);
}

/** What assertions see of a neighbour: its bits in `contexts`; null: an end of the text. */
type Context = number | null;

export interface State {
  /** Instructions that wait for their closure, ascending. */
  readonly threads: readonly number[];
  readonly before: Context;
  readonly next: Uint16Array;
  acceptsAtEnd: boolean;
}

class SubsetConstruction {
  readonly #program: RegexProgram;
  readonly #classCount: number;
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  #threads = 0;

  constructor(program: RegexProgram) {
    this.#program = program;
    this.#classCount = program.alphabet.size;
  }

  run(): readonly State[] | null {
    this.#add([], 0); // ACCEPT
    this.#numbers.clear();
    const accept = this.#states[ACCEPT] as State;
    accept.next.fill(ACCEPT);
    accept.acceptsAtEnd = true;
    this.#add([this.#program.start], null);
    for (let number = 1; number < this.#states.length; number++) {
      this.#expand(this.#states[number] as State);
      const count = this.#states.length;
      const isTooLarge = count > MAX_STATES || count * this.#classCount > MAX_CELLS;
      if (isTooLarge || this.#threads > MAX_THREADS) return null;
    }
    return this.#states;
  }

  #add(threads: readonly number[], before: Context): number {
    const context = this.#program.hasAssertions ? before : 0;
    const key = `${context} ${threads.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#states.length;
    this.#numbers.set(key, number);
    this.#threads += threads.length;
    const next = new Uint16Array(this.#classCount);
    this.#states.push({ threads, before: context, next, acceptsAtEnd: false });
    return number;
  }

  #expand(state: State): void {
    const { contexts, hasAssertions } = this.#program;
    const closures = new Map<Context, Closure>();
    const closureFor = (after: Context): Closure => {
      const key = hasAssertions ? after : 0;
      const closure = closures.get(key) ?? closureOf(this.#program, state, key);
      closures.set(key, closure);
      return closure;
    };
    state.acceptsAtEnd = closureFor(null).matches;
    for (let index = 0; index < this.#classCount; index++) {
      const context = contexts[index] as number;
      const { matches, sets } = closureFor(context);
      state.next[index] = matches ? ACCEPT : this.#add(this.#step(sets, index), context);
    }
  }

  #step(sets: readonly number[], index: number): number[] {
    const { code, alphabet, start } = this.#program;
    const reached = new Set<number>([start]);
    for (const instruction of sets) {
      const members = alphabet.members[code[4 * instruction + 2] as number];
      if (members?.[index] === 1) reached.add(code[4 * instruction + 1] as number);
    }
    return [...reached].sort((a, b) => a - b);
  }
}

interface Closure {
  readonly matches: boolean;
  /** The set instructions that are reached. */
  readonly sets: readonly number[];
}

function closureOf({ code }: RegexProgram, { threads, before }: State, after: Context): Closure {
  const visited = new Set<number>(threads);
  const sets: number[] = [];
  let matches = false;
  for (const instruction of visited) {
    const [op, next, a] = code.subarray(4 * instruction, 4 * instruction + 3);
    switch (op) {
      case OP.match:
        matches = true;
        break;
      case OP.set:
        sets.push(instruction);
        break;
      case OP.split:
        visited.add(next as number).add(a as number);
        break;
      case OP.save:
      case OP.clear:
        visited.add(next as number);
        break;
      case OP.assert:
        if (assertionHolds(a as number, before, after)) visited.add(next as number);
        break;
      default: // fail
    }
  }
  return { matches, sets };
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
