// The smallest automaton that gives the same answers: Hopcroft, "An n log n algorithm for minimizing states in a finite
// automaton" (1971). Afterwards ACCEPT is 0 and DEAD, which may be unreachable, is 1.

import type { Steps } from "../../base/index.ts";
import { Blocks } from "./blocks.ts";
import { ACCEPT, DEAD, type Dfa } from "./dfa.ts";
import type { State } from "./subsets.ts";

/** Transitions looked at in a step: 0.1 ms, or 0.5 where the interpreter runs them. */
const A_STEP = 2048;

export function* minimized(states: readonly State[], classCount: number): Steps<Dfa> {
  const blockOf = yield* hopcroft(states, classCount);
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
  const numberOf = Uint16Array.from(blockOf, (block) => numbers.get(block) as number);
  const next = new Uint16Array(stateCount * classCount);
  const acceptsAtEnd = new Uint8Array(stateCount);
  next.fill(DEAD, DEAD * classCount, (DEAD + 1) * classCount);
  yield;
  for (const [block, state] of members) {
    const number = numbers.get(block) as number;
    acceptsAtEnd[number] = Number(state.acceptsAtEnd);
    for (let index = 0; index < classCount; index++) {
      next[number * classCount + index] = numberOf[state.next[index] as number] as number;
    }
    if (number % Math.ceil(A_STEP / classCount) === 0) yield;
  }
  const start = numberOf[1] as number; // the construction numbers the start 1
  return { classCount, stateCount, start, next, acceptsAtEnd };
}

/** The block of every state; states of one block cannot be told apart by any text. */
function* hopcroft(states: readonly State[], classCount: number): Steps<Int32Array> {
  const sources: Sources[] = [];
  for (let index = 0; index < classCount; index++) {
    sources.push(sourcesOf(states, index));
    if (index % Math.ceil(A_STEP / states.length) === 0) yield;
  }
  const blocks = new Blocks(states.length);
  // ACCEPT may end like others, and is told from them by what comes later: it stays where it is.
  for (const [number, { acceptsAtEnd }] of states.entries()) if (acceptsAtEnd) blocks.mark(number);
  blocks.split(() => {});
  const waiting = new Set<number>(Array.from({ length: blocks.count }, (_, block) => block));
  const wait = (from: number, created: number) => {
    const isFirst = waiting.has(from) || blocks.size(created) <= blocks.size(from);
    waiting.add(isFirst ? created : from);
  };
  let spent = 0;
  for (const splitter of waiting) {
    waiting.delete(splitter);
    const members = blocks.members(splitter);
    for (const { begins, from } of sources) {
      for (const state of members) {
        const [begin, end] = [begins[state] as number, begins[state + 1] as number];
        for (let i = begin; i < end; i++) blocks.mark(from[i] as number);
        spent += 1 + end - begin;
        if (spent < A_STEP) continue;
        spent = 0;
        yield;
      }
      blocks.split(wait);
    }
  }
  return blocks.blockOf;
}

/** The states that a class leads from: of state s, from[begins[s]] to from[begins[s + 1] - 1]. */
interface Sources {
  readonly begins: Uint32Array;
  readonly from: Uint16Array;
}

function sourcesOf(states: readonly State[], index: number): Sources {
  const begins = new Uint32Array(states.length + 1);
  const countAt = (place: number) => begins[place] as number;
  for (const { next } of states) begins[next[index] as number] = countAt(next[index] as number) + 1;
  // What a state's places end at; filling them from the end leaves where they begin.
  for (let state = 1; state <= states.length; state++) {
    begins[state] = countAt(state - 1) + countAt(state);
  }
  const from = new Uint16Array(states.length);
  for (let source = states.length - 1; source >= 0; source--) {
    const to = (states[source] as State).next[index] as number;
    begins[to] = countAt(to) - 1;
    from[countAt(to)] = source;
  }
  return { begins, from };
}
