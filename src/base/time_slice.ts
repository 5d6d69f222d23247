// Long work on the event loop gives way to others: timers, sockets, what other queries have finished. All work of the
// package that could take long asks between its steps whether this turn of the loop has been kept long enough:
//
//   if (isTurnOver()) await nextTurn();
//
// However many queries ask, the time is the turn's: what one of them has taken the others do not have.

import { throwIfAborted } from "./cancel.ts";

const SLICE_MS = 2;

// Asked for here and not in a turn: the runtime loads its clock when it is first named, which takes milliseconds.
const clock = performance;

/** When this turn has been kept long enough; null: nobody has asked in it yet. */
let end: number | null = null;

/** Who waits for a turn, first come first served: a turn has one of them. */
const waiting: (() => void)[] = [];

/** A turn begins where the first question is asked in it. */
export function isTurnOver(): boolean {
  const now = clock.now();
  if (end !== null) return now >= end;
  begin(now);
  return false;
}

/** Between two steps that may both be long. */
export async function turnIfOver(): Promise<void> {
  if (isTurnOver()) await nextTurn();
}

/** Lets the event loop turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(serve);
  });
}

function serve(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(serve);
  begin(clock.now());
}

function begin(now: number): void {
  // A timer of the loop's next phase ends the turn that this one begins.
  if (end === null) setImmediate(forget);
  end = now + SLICE_MS;
}

function forget(): void {
  end = null;
}

/** Work that may be interrupted at every `yield`; between two of them it takes a fraction of a slice, whatever the input. */
export type Steps<T> = Generator<void, T, void>;

/** Items that take microseconds each, so that a step is worth its question. */
export const ITEMS_A_STEP = 64;

/** `of` of every item, an item a step. */
export function* mapped<T, R>(items: Iterable<T>, of: (item: T, index: number) => R): Steps<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(of(item, results.length));
    yield;
  }
  return results;
}

/** The result, without a pause: for what is synchronous by name. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The result; the event loop turns whenever it has been kept long enough. @throws AbortError where the signal has aborted
 * meanwhile.
 */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (isTurnOver()) {
      await nextTurn();
      throwIfAborted(signal);
    }
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
