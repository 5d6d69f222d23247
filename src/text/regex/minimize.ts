// The smallest automaton that gives the same answers: Hopcroft, "An n log n algorithm for minimizing states in a finite
// automaton" (1971). Afterwards ACCEPT is 0 and DEAD, which may be unreachable, is 1.

import { ACCEPT, DEAD, type Dfa, type State } from "./dfa.ts";

export function minimized(states: readonly State[], classCount: number): Dfa {
  const blockOf = hopcroft(states, classCount);
  const accept = blockOf[ACCEPT] as number;
  const members = new Map<number, State>();
  for (const [number, state] of states.entries()) members.set(blockOf[number] as number, state);
  const isDead = (block: number, { next, acceptsAtEnd }: State) =>
    !acceptsAtEnd && next.every((to) => blockOf[to] === block);
  const dead = [...members].find(([block, state]) => isDead(block, state))?.[0];
  const numbers = new Map<number, number>([[accept, ACCEPT]]);
  if (dead !== undefined) numbers.set(dead, DEAD);
  let stateCount = 2;
  for (const block of members.keys()) if (!numbers.has(block)) numbers.set(block, stateCount++);
  const next = new Uint16Array(stateCount * classCount);
  const acceptsAtEnd = new Uint8Array(stateCount);
  next.fill(DEAD, DEAD * classCount, (DEAD + 1) * classCount);
  for (const [block, state] of members) {
    const number = numbers.get(block) as number;
    acceptsAtEnd[number] = Number(state.acceptsAtEnd);
    for (const [index, to] of state.next.entries()) {
      next[number * classCount + index] = numbers.get(blockOf[to] as number) as number;
    }
  }
  const start = numbers.get(blockOf[1] as number) as number; // the construction numbers the start 1
  return { classCount, stateCount, start, next, acceptsAtEnd };
}

/** The block of every state; states of one block cannot be told apart by any text. */
function hopcroft(states: readonly State[], classCount: number): Int32Array {
  const sources = inverse(states, classCount);
  const blocks = new Blocks(states.length);
  // ACCEPT may end like others, and is told from them by what comes later: it stays where it is.
  blocks.split(states.flatMap(({ acceptsAtEnd }, number) => (acceptsAtEnd ? [number] : [])));
  const waiting = new Set<number>(Array.from({ length: blocks.count }, (_, block) => block));
  for (const splitter of waiting) {
    waiting.delete(splitter);
    const members = blocks.members(splitter);
    for (let index = 0; index < classCount; index++) {
      const reaching = members.flatMap((state) => sources.of(state, index));
      for (const [from, created] of blocks.split(reaching)) {
        if (waiting.has(from)) waiting.add(created);
        else waiting.add(blocks.size(from) < blocks.size(created) ? from : created);
      }
    }
  }
  return blocks.blockOf;
}

function inverse(states: readonly State[], classCount: number) {
  const lists = new Map<number, number[]>();
  for (const [number, { next }] of states.entries()) {
    for (const [index, to] of next.entries()) {
      const key = to * classCount + index;
      const list = lists.get(key);
      if (list === undefined) lists.set(key, [number]);
      else list.push(number);
    }
  }
  const none: readonly number[] = [];
  return { of: (state: number, index: number) => lists.get(state * classCount + index) ?? none };
}

/** A partition of the states. */
class Blocks {
  readonly blockOf: Int32Array;
  readonly #members: Set<number>[];

  constructor(count: number) {
    this.blockOf = new Int32Array(count);
    this.#members = [new Set(Array.from({ length: count }, (_, state) => state))];
  }

  get count(): number {
    return this.#members.length;
  }

  members(block: number): number[] {
    return [...(this.#members[block] ?? [])];
  }

  size(block: number): number {
    return this.#members[block]?.size ?? 0;
  }

  /** Takes the states out of their blocks into new ones, where others stay behind; gives old and new block of each. */
  split(states: readonly number[]): [from: number, created: number][] {
    const touched = new Map<number, number[]>();
    for (const state of new Set(states)) {
      const block = this.blockOf[state] as number;
      const list = touched.get(block);
      if (list === undefined) touched.set(block, [state]);
      else list.push(state);
    }
    const created: [number, number][] = [];
    for (const [block, leaving] of touched) {
      const stay = this.#members[block] as Set<number>;
      if (leaving.length === stay.size) continue;
      const number = this.#members.push(new Set(leaving)) - 1;
      for (const state of leaving) {
        stay.delete(state);
        this.blockOf[state] = number;
      }
      created.push([block, number]);
    }
    return created;
  }
}
