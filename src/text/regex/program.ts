// The program of a pattern: a nondeterministic automaton (Thompson 1968) over the classes of its alphabet, whose forks
// are ordered, so that a backtracking matcher's preference is the order of its threads (Pike; Cox 2009).
//
// JavaScript's quantifiers reject an optional repetition that matched nothing. A loop gives that for free: its head has
// been visited at this place already. Copies of a counted repetition have no common head; their bodies are built twice,
// "nothing consumed yet" and "consumed", and the end of the first kind fails.

import { NotSupportedError, type Steps } from "../../base/index.ts";
import { type CharacterSet, codePointsIn, keyOfCharacters } from "../character_set.ts";
import type { CodePointSet } from "../code_point_set.ts";
import { type Alphabet, alphabetOf, tooManySets } from "./alphabet.ts";
import {
  type Assertion,
  characters,
  EMPTY,
  isNullable,
  type Regex,
  type RegexNode,
} from "./syntax.ts";

/** Instructions are four numbers: operation, next, and two operands. The numbers are shared with native/kernels/text. */
export const OP = { match: 0, set: 1, split: 2, save: 3, assert: 4, clear: 5, fail: 6 } as const;
export const ASSERTIONS: readonly Assertion[] = [
  "start",
  "end",
  "lineStart",
  "lineEnd",
  "wordBoundary",
  "noBoundary",
];

/** A program whose sets are names yet: quickly made, so that a pattern can be refused where it is written. */
export interface RegexCode {
  /** set: members of `a`. split: prefers next to `a`. save: slot `a`. assert: ASSERTIONS[a]. clear: slots a to b. */
  readonly code: Int32Array;
  readonly start: number;
  /** Two slots a group: where it begins and ends; group 0 is the whole match. */
  readonly slotCount: number;
  readonly hasAssertions: boolean;
  readonly sets: readonly CharacterSet[];
  /** What assertions ask of a neighbour, as sets. */
  readonly lineEnds: number;
  readonly word: number;
}

export interface RegexProgram extends Omit<RegexCode, "sets" | "lineEnds" | "word"> {
  readonly alphabet: Alphabet;
  /** What assertions ask of a neighbour: by class, bit 0: ends a line, bit 1: is part of a word. */
  readonly contexts: Uint8Array;
}

const MAX_INSTRUCTIONS = 20_000;
/** Each costs its question, and a row of the alphabet's table of members. */
const MAX_SETS = 4096;
/** Copies of copies being built; n copies of what may be empty take n * n / 2 instructions, so that 500 are too many. */
const MAX_DEPTH = 500;
const FAIL = 0;
const MATCH = 1;
const LINE_ENDS = characters("\n\r\u2028\u2029");
const NO_WORD: CharacterSet = { kind: "points", set: [] };

/** @throws NotSupportedError for a pattern that takes too many instructions. */
export function regexCode(regex: Regex): RegexCode {
  const builder = new ProgramBuilder();
  const end = builder.emit(OP.save, MATCH, 1);
  const start = builder.emit(OP.save, builder.build(regex.root, end), 0);
  const [lineEnds, word] = [builder.set(LINE_ENDS), builder.set(regex.word)];
  const { sets, hasAssertions } = builder;
  if (sets.length > MAX_SETS) throw tooManySets(sets.length);
  const code = Int32Array.from(builder.code);
  const slotCount = 2 * (regex.groupCount + 1);
  return { code, start, slotCount, hasAssertions, sets, lineEnds, word };
}

/** Asks what is in the sets, and makes them classes of one alphabet. */
export function* compileRegex(regex: RegexCode): Steps<RegexProgram> {
  const { code, start, slotCount, hasAssertions, lineEnds, word } = regex;
  const sets: CodePointSet[] = [];
  for (const set of regex.sets) {
    sets.push(yield* codePointsIn(set));
    yield;
  }
  const alphabet = yield* alphabetOf(sets);
  const has = (set: number, index: number) => alphabet.members[set]?.[index] ?? 0;
  const contexts = Uint8Array.from(
    { length: alphabet.size },
    (_, index) => has(lineEnds, index) + 2 * has(word, index),
  );
  return { code, start, slotCount, hasAssertions, alphabet, contexts };
}

/** Built from the end: every node is given what comes after it. */
class ProgramBuilder {
  readonly code: number[] = [OP.fail, 0, 0, 0, OP.match, 0, 0, 0];
  readonly sets: CharacterSet[] = [];
  #depth = 0;
  readonly #bodies = new Map<RegexNode, Body>();
  readonly #setNumbers = new Map<string, number>();
  hasAssertions = false;

  set(set: CharacterSet): number {
    const key = keyOfCharacters(set);
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    this.#setNumbers.set(key, this.sets.length);
    return this.sets.push(set) - 1;
  }

  emit(op: number, next: number, a = 0, b = 0): number {
    const id = this.code.length / 4;
    if (id >= MAX_INSTRUCTIONS) {
      throw tooLarge();
    }
    this.code.push(op, next, a, b);
    return id;
  }

  build(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "set":
        return this.emit(OP.set, next, this.set(node.set));
      case "sequence":
        return node.parts.reduceRight((after, part) => this.build(part, after), next);
      case "alternation":
        return this.#forks(node.options.map((option) => this.build(option, next)));
      case "group": {
        const end = this.emit(OP.save, next, 2 * node.index + 1);
        return this.emit(OP.save, this.build(node.body, end), 2 * node.index);
      }
      case "assertion":
        this.hasAssertions = true;
        return this.emit(OP.assert, next, ASSERTIONS.indexOf(node.assertion));
      case "repeat":
        return this.#repeat(node, next);
    }
  }

  /** As build, where `ifEmpty` comes after a way through the node that consumes nothing, `next` after all others. */
  #buildConsuming(node: RegexNode, ifEmpty: number, next: number): number {
    switch (node.kind) {
      case "empty":
        return ifEmpty;
      case "set":
        return this.build(node, next);
      case "sequence":
        return node.parts.reduceRight(
          ([empty, consumed], part) =>
            [this.#buildConsuming(part, empty, consumed), this.build(part, consumed)] as const,
          [ifEmpty, next] as const,
        )[0];
      case "alternation":
        return this.#forks(node.options.map((o) => this.#buildConsuming(o, ifEmpty, next)));
      case "group": {
        const slot = 2 * node.index + 1;
        const [empty, consumed] = [ifEmpty, next].map((to) => this.emit(OP.save, to, slot));
        const body = this.#buildConsuming(node.body, empty as number, consumed as number);
        return this.emit(OP.save, body, slot - 1);
      }
      case "assertion":
        return this.build(node, ifEmpty);
      case "repeat": {
        if (this.#depth >= MAX_DEPTH) throw tooLarge();
        this.#depth += 1;
        const start = this.#repeatConsuming(node, ifEmpty, next);
        this.#depth -= 1;
        return start;
      }
    }
  }

  #repeat(node: Extract<RegexNode, { kind: "repeat" }>, next: number): number {
    const { min, max } = node;
    const body = this.#bodyOf(node.body);
    const isLoop = max === Number.POSITIVE_INFINITY;
    // x+ of what consumes something needs no copy of x.
    if (isLoop && min > 0 && !body.isNullable) {
      const loop = this.#loop(node, next, (head) => this.#body(body, head));
      return this.#copies(body, min - 1, loop.body);
    }
    let start = isLoop ? this.#loop(node, next, (head) => this.#body(body, head)).head : next;
    for (let copy = min; !isLoop && copy < max; copy++) {
      const entered = this.#optionalBody(body, start);
      start = this.#choice(node, entered, next);
    }
    return this.#copies(body, min, start);
  }

  #repeatConsuming(
    node: Extract<RegexNode, { kind: "repeat" }>,
    ifEmpty: number,
    next: number,
  ): number {
    const { min, max, greedy } = node;
    const body = this.#bodyOf(node.body);
    const rest = (count: number): RegexNode => ({
      kind: "repeat",
      body: node.body,
      min: Math.max(0, min - count),
      max: max - count,
      greedy,
    });
    if (max === 0) return ifEmpty;
    if (min > 0) {
      // One obligatory copy: what it leaves empty, the others may still consume.
      const others = rest(1);
      return this.#clear(
        body,
        this.#buildConsuming(
          body.node,
          this.#buildConsuming(others, ifEmpty, next),
          this.build(others, next),
        ),
      );
    }
    const consumed = this.#buildConsuming(body.node, FAIL, this.build(rest(1), next));
    return this.#choice(node, this.#clear(body, consumed), ifEmpty);
  }

  /** A fork between the body, which comes back to it, and what is next. */
  #loop(
    { greedy }: { readonly greedy: boolean },
    next: number,
    build: (head: number) => number,
  ): { readonly head: number; readonly body: number } {
    const head = this.emit(OP.split, 0);
    const body = build(head);
    const [preferred, other] = greedy ? [body, next] : [next, body];
    this.code[4 * head + 1] = preferred;
    this.code[4 * head + 2] = other;
    return { head, body };
  }

  #choice({ greedy }: { readonly greedy: boolean }, body: number, next: number): number {
    return greedy ? this.emit(OP.split, body, next) : this.emit(OP.split, next, body);
  }

  #optionalBody(body: Body, next: number): number {
    return body.isNullable
      ? this.#clear(body, this.#buildConsuming(body.node, FAIL, next))
      : this.#body(body, next);
  }

  #copies(body: Body, count: number, next: number): number {
    let start = next;
    for (let copy = 0; copy < count; copy++) start = this.#body(body, start);
    return start;
  }

  /** A repetition within another is built many times. */
  #bodyOf(node: RegexNode): Body {
    const body = this.#bodies.get(node) ?? bodyOf(node);
    this.#bodies.set(node, body);
    return body;
  }

  #body(body: Body, next: number): number {
    return this.#clear(body, this.build(body.node, next));
  }

  /** Groups of an earlier repetition are forgotten when the next begins. */
  #clear({ groups }: Body, next: number): number {
    return groups === null ? next : this.emit(OP.clear, next, groups[0], groups[1]);
  }

  #forks(starts: readonly number[]): number {
    return starts.reduceRight((other, start) => this.emit(OP.split, start, other));
  }
}

function tooLarge(): NotSupportedError {
  return new NotSupportedError(`a pattern of more than ${MAX_INSTRUCTIONS} steps is too large`, {
    hint: "Use smaller counts in {n,m}.",
  });
}

interface Body {
  readonly node: RegexNode;
  /** The slots of its groups, first and last. */
  readonly groups: readonly [number, number] | null;
  readonly isNullable: boolean;
}

function bodyOf(node: RegexNode): Body {
  const numbers = groupsIn(node);
  const [first, last] = [numbers[0], numbers.at(-1)];
  const groups = first === undefined || last === undefined ? null : slotsOf(first, last);
  return { node, groups, isNullable: isNullable(node) };
}

const slotsOf = (first: number, last: number) => [2 * first, 2 * last + 1] as const;

/** Ascending, as they open. */
function groupsIn(node: RegexNode): number[] {
  switch (node.kind) {
    case "sequence":
      return node.parts.flatMap(groupsIn);
    case "alternation":
      return node.options.flatMap(groupsIn);
    case "group":
      return [node.index, ...groupsIn(node.body)];
    case "repeat":
      return groupsIn(node.body);
    default:
      return [];
  }
}

/** Which classes a match may begin with: 1 by class; all, where a match may be empty. Assertions are taken to hold. */
export function beginnings({ code, start, alphabet }: RegexProgram): Uint8Array {
  const begins = new Uint8Array(alphabet.size);
  const visited = new Set([start]);
  for (const instruction of visited) {
    const [op, next, a] = code.subarray(4 * instruction, 4 * instruction + 3);
    if (op === OP.match) return begins.fill(1);
    if (op === OP.fail) continue;
    if (op === OP.set) {
      for (const [index, has] of (alphabet.members[a as number] ?? []).entries()) {
        if (has === 1) begins[index] = 1;
      }
      continue;
    }
    visited.add(next as number);
    if (op === OP.split) visited.add(a as number);
  }
  return begins;
}

/** Matches where the nodes match, without groups. */
export function codeOfNodes(parts: readonly RegexNode[]): RegexCode {
  const root: RegexNode = parts.length === 0 ? EMPTY : { kind: "sequence", parts };
  return regexCode({ root, groupCount: 0, groupNames: new Map(), word: NO_WORD });
}
