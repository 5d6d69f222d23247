// Into what shares a source is cut for devices of different speed.

import { at } from "../base/index.ts";

/** Of the whole, what a round hands out at most: what a device waits for before its first piece has arrived. */
const COARSEST = 0.08;
/** Of what is left, what a round hands out: pieces shrink towards the end, where imbalance would show. */
const ROUND = 0.25;
/** Of the whole, what a round hands out at least: what one device can hold up the end by. */
const FINEST = 0.015;
/** A piece is worth its launch when it computes so many times longer. */
const LAUNCHES = 8;

export interface ShareDevice {
  /** Of all the work, in milliseconds, without launches. */
  readonly totalMs: number;
  readonly launchMs: number;
}

/**
 * Fractions of the rows, largest first, that add up to 1. Every round gives each device a piece in proportion to its
 * speed, so that all pieces of a round take equally long (factoring: Hummel, Schonberg and Flynn 1992, weighted).
 * One device, or too little work to pay for launches, gives one piece.
 */
export function partitionShares(devices: readonly ShareDevice[]): number[] {
  if (devices.length < 2 || devices.some(({ totalMs }) => !(totalMs > 0))) return [1];
  const speeds = devices.map(({ totalMs }) => 1 / totalMs);
  const speed = speeds.reduce((sum, one) => sum + one, 0);
  const least = devices.map(({ launchMs }, index) =>
    Math.max(at(speeds, index) * LAUNCHES * launchMs, (FINEST * at(speeds, index)) / speed),
  );
  const shares: number[] = [];
  let left = 1;
  for (;;) {
    const round = speeds.map((one, index) =>
      Math.max((Math.min(COARSEST, ROUND * left) * one) / speed, at(least, index)),
    );
    for (const share of round) {
      if (share >= left) break;
      shares.push(share);
      left -= share;
    }
    if (round.some((share) => share >= left)) break;
  }
  // What is left is less than the next piece would be.
  shares.push(left);
  return shares.sort((a, b) => b - a);
}
