// Subset construction over the classes of the alphabet, with the search's start added in every state: a state is a set of
// threads, and a class leads to the threads that have read it.
//
// Most of what a state does is what the start does alone. That is worked out once for every pair of neighbours' contexts,
// and a state adds what its other threads do: of an alternation of a thousand words the start has a thousand threads
// behind it, any other thread one.

import type { Steps } from "../../base/index.ts";
import { ACCEPT } from "./dfa.ts";
import { assertionHolds } from "./pike.ts";
import { OP, type RegexProgram } from "./program.ts";

/** Above one of these the pattern runs as its program: linear too, but every thread costs. */
const MAX_STATES = 4096;
const MAX_CELLS = 1 << 20;
const MAX_THREADS = 1 << 21;
/** Threads, instructions and classes looked at in all: 0.2 s, on every machine the same patterns. */
const MAX_WORK = 1 << 23;

/** Of that work, in a step: some 0.1 ms. */
const A_STEP = 2048;
/** To merge threads and to find their state, however few. */
const A_SEARCH = 32;
/** Classes of a set that are looked at for the price of one that is in it. */
const CLASSES_A_LOOK = 32;

const NONE = new Int32Array(0);

/** What assertions see of a neighbour: its bits in `contexts`; null: an end of the text. */
type Context = number | null;

export interface State {
  readonly next: Uint16Array;
  acceptsAtEnd: boolean;
}

interface OpenState extends State {
  /** Instructions that wait for their closure, ascending; the start, which all states have, is not among them. */
  readonly threads: Int32Array;
  readonly before: Context;
}

interface Closure {
  readonly matches: boolean;
  /** The set instructions that are reached. */
  readonly sets: readonly number[];
}

/** What the start does alone, between two contexts. */
interface Start extends Closure {
  /** By instruction: 1 where it has come to. */
  readonly visited: Uint8Array;
  /** By class: the threads that have read it, ascending, and the state that they are; -1: not asked for yet. */
  readonly reached: readonly Int32Array[];
  readonly states: Int32Array;
}

export class SubsetConstruction {
  readonly #program: RegexProgram;
  /** The context of every class; all alike where nothing asks. */
  readonly #contexts: Uint8Array;
  readonly #classesByContext = new Map<number, number[]>();
  readonly #classesOfSets: (readonly number[])[] = [];
  readonly #starts = new Map<string, Start>();
  readonly #states: OpenState[] = [];
  /** By hash. */
  readonly #numbers = new Map<number, number[]>();
  #threads = 0;
  /** All work so far, and where the step ends. */
  #work = 0;
  #stepEnd = A_STEP;
  /** The instructions that a closure has come to, in the order of coming, and which closure that was. */
  readonly #reached: Int32Array;
  readonly #reachedBy: Int32Array;
  #closures = 0;

  constructor(program: RegexProgram) {
    const { alphabet, contexts, hasAssertions } = program;
    this.#program = program;
    this.#reached = new Int32Array(program.code.length / 4);
    this.#reachedBy = new Int32Array(program.code.length / 4);
    this.#contexts = hasAssertions ? contexts : new Uint8Array(alphabet.size);
    for (const [index, context] of this.#contexts.entries()) {
      const classes = this.#classesByContext.get(context);
      if (classes === undefined) this.#classesByContext.set(context, [index]);
      else classes.push(index);
    }
  }

  /** Null: more than the budgets allow. The first state is ACCEPT, the second where the search begins. */
  *run(): Steps<readonly State[] | null> {
    const classCount = this.#contexts.length;
    const accept = { threads: NONE, before: null, acceptsAtEnd: true };
    this.#states.push({ ...accept, next: new Uint16Array(classCount).fill(ACCEPT) });
    this.#add(NONE, this.#program.hasAssertions ? null : 0);
    for (let number = 1; number < this.#states.length; number++) {
      yield* this.#expand(this.#states[number] as OpenState);
      const count = this.#states.length;
      const isTooLarge = count > MAX_STATES || count * classCount > MAX_CELLS;
      if (isTooLarge || this.#threads > MAX_THREADS || this.#isWorkOver) return null;
    }
    return this.#states;
  }

  /** What is left where the work is over is never read. */
  *#expand(state: OpenState): Steps<void> {
    const end = yield* this.#start(state.before, null);
    state.acceptsAtEnd = end.matches || this.#closure(state, null, end.visited).matches;
    for (const [after, classes] of this.#classesByContext) {
      const start = yield* this.#start(state.before, after);
      const { matches, sets } = this.#closure(state, after, start.visited);
      if (start.matches || matches) {
        for (const index of classes) state.next[index] = ACCEPT;
        continue;
      }
      const moves = yield* this.#moves(sets, after);
      for (const index of classes) {
        const reached = moves.get(index);
        state.next[index] =
          reached === undefined
            ? this.#stateOfStart(start, index, after)
            : this.#add(
                merged(start.reached[index] as Int32Array, reached, this.#program.start),
                after,
              );
        this.#work += reached === undefined ? 1 : A_SEARCH + reached.length + state.threads.length;
        if (this.#isStepOver()) yield;
        if (this.#isWorkOver) return;
      }
    }
  }

  /** By class of that context: the threads that have read it. */
  *#moves(sets: readonly number[], context: number): Steps<Map<number, number[]>> {
    const { code } = this.#program;
    const moves = new Map<number, number[]>();
    for (const instruction of sets) {
      const next = code[4 * instruction + 1] as number;
      const classes = this.#classesOf(code[4 * instruction + 2] as number);
      for (const index of classes) {
        if (this.#contexts[index] !== context) continue;
        const reached = moves.get(index);
        if (reached === undefined) moves.set(index, [next]);
        else reached.push(next);
      }
      this.#work += 1 + classes.length;
      if (this.#isStepOver()) yield;
      if (this.#isWorkOver) break;
    }
    return moves;
  }

  *#start(before: Context, after: Context): Steps<Start> {
    const key = `${before} ${after}`;
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const { matches, sets, count } = this.#closureOf([this.#program.start], before, after);
    const visited = new Uint8Array(this.#reached.length);
    for (const instruction of this.#reached.subarray(0, count)) visited[instruction] = 1;
    const moves = after === null ? new Map<number, number[]>() : yield* this.#moves(sets, after);
    const states = new Int32Array(this.#contexts.length).fill(-1);
    const reached: Int32Array[] = [];
    for (const index of states.keys()) {
      const threads = moves.get(index) ?? [];
      reached.push(merged(NONE, threads, this.#program.start));
      this.#work += 1 + threads.length;
      if (this.#isStepOver()) yield;
    }
    const start = { matches, sets, visited, reached, states };
    this.#starts.set(key, start);
    return start;
  }

  #stateOfStart({ states, reached }: Start, index: number, context: number): number {
    if (states[index] === -1) states[index] = this.#add(reached[index] as Int32Array, context);
    return states[index] as number;
  }

  /** Where the state's own threads come to, beyond what the start has come to. */
  #closure({ threads, before }: OpenState, after: Context, known: Uint8Array): Closure {
    return this.#closureOf(threads, before, after, known);
  }

  /** @param known what needs no visit. `count` instructions were come to. */
  #closureOf(
    threads: Iterable<number>,
    before: Context,
    after: Context,
    known?: Uint8Array,
  ): Closure & { readonly count: number } {
    const { code } = this.#program;
    const [reached, reachedBy, closure] = [this.#reached, this.#reachedBy, ++this.#closures];
    let count = 0;
    const reach = (instruction: number) => {
      if (reachedBy[instruction] === closure) return;
      reachedBy[instruction] = closure;
      if (known === undefined || known[instruction] === 0) reached[count++] = instruction;
    };
    for (const instruction of threads) reach(instruction);
    const sets: number[] = [];
    let matches = false;
    for (let k = 0; k < count; k++) {
      const instruction = reached[k] as number;
      const place = 4 * instruction;
      const [op, next, a] = [code[place], code[place + 1] as number, code[place + 2] as number];
      if (op === OP.match) matches = true;
      else if (op === OP.set) sets.push(instruction);
      else if (op === OP.assert ? assertionHolds(a, before, after) : op !== OP.fail) reach(next);
      if (op === OP.split) reach(a);
    }
    this.#work += 1 + count;
    return { matches, sets, count };
  }

  #classesOf(set: number): readonly number[] {
    const known = this.#classesOfSets[set];
    if (known !== undefined) return known;
    const members = this.#program.alphabet.members[set] ?? new Uint8Array(0);
    const classes: number[] = [];
    for (let index = members.indexOf(1); index >= 0; index = members.indexOf(1, index + 1)) {
      classes.push(index);
    }
    this.#work += Math.ceil(members.length / CLASSES_A_LOOK);
    this.#classesOfSets[set] = classes;
    return classes;
  }

  /** The number of the state with these threads and the start. */
  #add(threads: Int32Array, before: Context): number {
    const hash = hashOf(threads, before);
    const alike = this.#numbers.get(hash) ?? [];
    for (const number of alike) {
      const state = this.#states[number] as OpenState;
      if (state.before === before && isEqual(state.threads, threads)) return number;
    }
    this.#threads += 1 + threads.length;
    const next = new Uint16Array(this.#contexts.length);
    const number = this.#states.push({ threads, before, next, acceptsAtEnd: false }) - 1;
    this.#numbers.set(hash, [...alike, number]);
    return number;
  }

  #isStepOver(): boolean {
    if (this.#work < this.#stepEnd) return false;
    this.#stepEnd = this.#work + A_STEP;
    return true;
  }

  get #isWorkOver(): boolean {
    return this.#work > MAX_WORK;
  }
}

/** The ascending threads with others, each once, without the start. */
function merged(threads: Int32Array, others: readonly number[], start: number): Int32Array {
  const all = new Int32Array(threads.length + others.length);
  all.set(threads);
  all.set(others, threads.length);
  all.sort();
  let count = 0;
  for (const thread of all) {
    if (thread !== start && (count === 0 || all[count - 1] !== thread)) all[count++] = thread;
  }
  return all.subarray(0, count);
}

/** FNV-1a over words. */
function hashOf(threads: Int32Array, before: Context): number {
  let hash = 0x811c9dc5 ^ ((before ?? -1) + 1);
  for (let index = 0; index < threads.length; index++) {
    hash = Math.imul(hash ^ (threads[index] as number), 0x01000193);
  }
  return hash;
}

function isEqual(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
