// Runs a program over a text in time linear in (text length x program length): all threads advance together, in order of
// preference, at most one an instruction (Pike's algorithm, after Cox, "Regular Expression Matching: the Virtual Machine
// Approach", 2009). Finds the leftmost match that a backtracking matcher would prefer, and its groups.

import { type Alphabet, classOf } from "./alphabet.ts";
import { OP, type RegexProgram } from "./program.ts";

/** Slots of the match: where groups begin and end, in code points; -1 where a group has no part. */
export type Slots = Int32Array;

interface Thread {
  readonly instruction: number;
  readonly slots: Slots;
}

export function classesOf(alphabet: Alphabet, text: readonly string[]): Uint16Array {
  return Uint16Array.from(text, (character) => classOf(alphabet, character.codePointAt(0) ?? 0));
}

/**
 * By place in a text: instructions from which no match is reached there, wherever a search began. A search that has a
 * match and hopes for a preferred one reads on in vain, and the next one would read the same again.
 */
export type Hopeless = Map<number, Set<number>>;

/** Places apart at which it is remembered, at least; further for long programs, so that it stays as large as the text. */
const STRIDE = 32;

/** The first match that begins at `from` or later. @param hopeless what earlier searches of the text learned; learns too */
export function findMatch(
  program: RegexProgram,
  text: Uint16Array,
  from = 0,
  hopeless: Hopeless = new Map(),
): Slots | null {
  const { code, alphabet } = program;
  const stride = Math.max(STRIDE, code.length / 4);
  let sightings: { readonly position: number; readonly instruction: number }[] = [];
  let threads: Thread[] = [];
  let found: Slots | null = null;
  const visited = new Int32Array(code.length / 4).fill(-1);
  for (let position = from; position <= text.length; position++) {
    const next: Thread[] = [];
    if (position % stride === 0) {
      threads = threads.filter(({ instruction }) => !hopeless.get(position)?.has(instruction));
      if (found !== null)
        for (const { instruction } of threads) sightings.push({ position, instruction });
    }
    if (found === null) {
      const slots = new Int32Array(program.slotCount).fill(-1);
      threads = [...threads, { instruction: program.start, slots }];
    }
    const ready = threads.flatMap((thread) => expand(program, text, position, thread, visited));
    for (const { instruction, slots } of ready) {
      if (code[4 * instruction] === OP.match) {
        found = slots;
        sightings = [];
        break; // what comes later is less preferred
      }
      const index = text[position];
      const set = code[4 * instruction + 2] as number;
      if (index !== undefined && alphabet.members[set]?.[index] === 1) {
        next.push({ instruction: code[4 * instruction + 1] as number, slots });
      }
    }
    threads = next;
    if (threads.length === 0 && found !== null) break;
  }
  // What was seen since the last match has not matched.
  for (const { position, instruction } of sightings) {
    const known = hopeless.get(position) ?? new Set();
    hopeless.set(position, known.add(instruction));
  }
  return found;
}

/** The instructions that a thread waits at: sets and match, in order of preference. */
function expand(
  program: RegexProgram,
  text: Uint16Array,
  position: number,
  thread: Thread,
  visited: Int32Array,
): Thread[] {
  const { code } = program;
  const ready: Thread[] = [];
  const stack: Thread[] = [thread];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { instruction, slots } = top;
    if (visited[instruction] === position) continue;
    visited[instruction] = position;
    const [op, to, a, b] = code.subarray(4 * instruction, 4 * instruction + 4);
    const next = to as number;
    switch (op) {
      case OP.match:
      case OP.set:
        ready.push(top);
        break;
      case OP.split:
        stack.push({ instruction: a as number, slots }, { instruction: next, slots });
        break;
      case OP.save:
        stack.push({ instruction: next, slots: slots.with(a as number, position) });
        break;
      case OP.clear: {
        const cleared = slots.slice().fill(-1, a as number, (b as number) + 1);
        stack.push({ instruction: next, slots: cleared });
        break;
      }
      case OP.assert:
        if (holds(program, text, position, a as number)) stack.push({ instruction: next, slots });
        break;
      default: // fail
    }
  }
  return ready;
}

function holds(program: RegexProgram, text: Uint16Array, position: number, assertion: number) {
  const context = (at: number): number | null => {
    const index = text[at];
    return index === undefined ? null : (program.contexts[index] as number);
  };
  return assertionHolds(assertion, context(position - 1), context(position));
}

/** @param assertion index into ASSERTIONS; contexts of the neighbours, null at the ends of the text */
export function assertionHolds(
  assertion: number,
  before: number | null,
  after: number | null,
): boolean {
  switch (assertion) {
    case 0:
      return before === null;
    case 1:
      return after === null;
    case 2:
      return before === null || (before & 1) === 1;
    case 3:
      return after === null || (after & 1) === 1;
    default: {
      const isBoundary = ((before ?? 0) & 2) !== ((after ?? 0) & 2);
      return isBoundary === (assertion === 4);
    }
  }
}
