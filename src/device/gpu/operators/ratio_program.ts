// The exact numbers of a ratio as steps over scratch memory: where each number lies, how many words it may have, and by
// how much the addends of a sum are shifted into its unit. Windows bound everything, so no step depends on the data.
// Kernel: kernels/aggregate/ratio.wesl.

import { assertNever, at } from "../../../base/index.ts";
import type { ExactStep, RatioCall } from "../../../ir/index.ts";

/** What is known of a state before it is there. */
export interface StateShape {
  /** Words of its magnitude. */
  readonly words: number;
  /** The power of two that bit 0 stands for. */
  readonly exponent: number;
}

/** A number in scratch memory: the word of its head, and how many follow. */
export interface Place extends StateShape {
  readonly at: number;
}

export interface RatioProgram {
  /** Six words a step, as the kernel reads them. */
  readonly steps: Uint32Array;
  /** [monoid]: where its state is loaded to. */
  readonly states: ReadonlyMap<number, Place>;
  readonly flagsAt: number;
  readonly countAt: number;
  readonly numeratorAt: number;
  readonly denominatorAt: number;
  /** Of the quotient. */
  readonly exponent: number;
  readonly signAt: number;
  readonly divisorAt: number;
  readonly restAt: number;
  /** Words of one group. */
  readonly scratchWords: number;
}

const OPCODES = { multiply: 0, add: 1, subtract: 2, constant: 3 } as const;
/** Words of a quotient behind the point that the kernel asks for, at most. */
const QUOTIENT_WORDS = 4;

export function ratioProgram(
  call: Pick<RatioCall, "steps" | "numerator" | "denominator" | "root" | "count">,
  shapeOf: (monoid: number) => StateShape,
): RatioProgram {
  // Word 0 holds the flags of all states.
  let scratchWords = 1;
  const reserve = (words: number): number => {
    scratchWords += words;
    return scratchWords - words;
  };
  const states = new Map<number, Place>();
  const stateAt = (monoid: number): Place => {
    const known = states.get(monoid);
    if (known) return known;
    const shape = shapeOf(monoid);
    const place = { ...shape, at: reserve(1 + shape.words) };
    states.set(monoid, place);
    return place;
  };
  const encoded: number[] = [];
  const places: Place[] = [];
  for (const step of call.steps) {
    const placed = place(step, places, stateAt, reserve);
    places.push(placed);
    encoded.push(...encode(step, placed, places));
  }
  const [numerator, denominator] = [at(places, call.numerator), at(places, call.denominator)];
  return {
    // A binding has at least one word.
    steps: Uint32Array.from(encoded.length > 0 ? encoded : [0]),
    countAt: stateAt(call.count).at,
    states,
    flagsAt: 0,
    numeratorAt: numerator.at,
    denominatorAt: denominator.at,
    exponent: numerator.exponent - denominator.exponent,
    signAt: at(places, call.root?.sign ?? call.numerator).at,
    divisorAt: reserve(denominator.words),
    restAt: reserve(denominator.words + QUOTIENT_WORDS + 1),
    scratchWords,
  };
}

function place(
  step: ExactStep,
  places: readonly Place[],
  stateAt: (monoid: number) => Place,
  reserve: (words: number) => number,
): Place {
  switch (step.op) {
    case "state":
      return stateAt(step.monoid);
    case "constant":
      return { at: reserve(2), words: 1, exponent: 0 };
    case "multiply": {
      const [left, right] = [at(places, step.left), at(places, step.right)];
      const words = left.words + right.words;
      return { at: reserve(1 + words), words, exponent: left.exponent + right.exponent };
    }
    case "add":
    case "subtract": {
      const sides = [at(places, step.left), at(places, step.right)];
      const exponent = Math.min(...sides.map((side) => side.exponent));
      const extents = sides.map((side) => side.words + Math.ceil((side.exponent - exponent) / 32));
      // A word for a carry and the sign.
      const words = Math.max(...extents) + 1;
      return { at: reserve(1 + words), words, exponent };
    }
    default:
      return assertNever(step);
  }
}

function encode(step: ExactStep, placed: Place, places: readonly Place[]): readonly number[] {
  switch (step.op) {
    case "state":
      return [];
    case "constant": {
      const { value } = step;
      return [OPCODES.constant, placed.at, Math.abs(value), value < 0 ? 1 : 0, 0, 0];
    }
    case "multiply":
    case "add":
    case "subtract": {
      const sides = [at(places, step.left), at(places, step.right)];
      const shifts = sides.map(({ exponent }) =>
        step.op === "multiply" ? 0 : exponent - placed.exponent,
      );
      return [OPCODES[step.op], placed.at, ...sides.map((side) => side.at), ...shifts];
    }
    default:
      return assertNever(step);
  }
}
