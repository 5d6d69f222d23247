// The first rows of a sorted order without sorting all of them: digit by digit from the most significant, a histogram tells
// how far the rows that are wanted reach; what lies above that threshold is left out, and the rest is sorted. The first
// digit's histogram is there already; each further one is a pass over the keys and a round trip, made only while it is worth
// more than it costs. Kernels: kernels/sort/prefix_histogram.wesl, mark_candidates.wesl.

import { at } from "../../../base/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { type KeyMatrix, type RadixPass, radixSort } from "./radix_sort.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** Rows whose key words are not above `words`: at least as many as are wanted. */
export interface Threshold {
  readonly words: Uint32Array;
  readonly candidates: number;
}

/** A further digit is worth looking at while more rows than this share of all are left. */
const WORTHWHILE_SHARE = 1 / 32;
const ROWS_PER_GROUP = 16384;

/**
 * The threshold for the first `count` rows (at least 1, fewer than all). `histogram`: of all digits of all rows, [word]
 * [digit][value]; `passes`: the digits that vary, least significant first.
 */
export async function findThreshold(
  workspace: Workspace,
  keys: KeyMatrix,
  passes: readonly RadixPass[],
  histogram: Uint32Array,
  count: number,
): Promise<Threshold> {
  const { rowCount, wordCount } = keys;
  const words = new Uint32Array(wordCount).fill(0xffffffff);
  const wanted = Math.max(2 * count, rowCount * WORTHWHILE_SHARE);
  let below = 0;
  let candidates = rowCount;
  let placed = 0;
  for (const [step, digit] of passes.toReversed().entries()) {
    if (candidates <= wanted) break;
    const { word, shift } = digit;
    const place = 4 * word + (3 - shift / 8);
    fixConstantDigits(words, histogram, rowCount, placed, place);
    placed = place + 1;
    // Above the first digit that varies all rows are alike.
    const counts =
      step === 0
        ? digitCounts(histogram, word, shift)
        : await prefixCounts(workspace, keys, words, digit);
    let value = 0;
    while (below + at(counts, value) < count) {
      below += at(counts, value);
      value += 1;
    }
    candidates = below + at(counts, value);
    const ones = 2 ** (shift + 8) - 1;
    words[word] = ((at(words, word) & ~ones) | (value << shift) | (ones >>> 8)) >>> 0;
  }
  return { words, candidates };
}

/** Sets digits `from` up to `to`, counted from the most significant one of the first word, to their only values. */
function fixConstantDigits(
  words: Uint32Array,
  histogram: Uint32Array,
  rowCount: number,
  from: number,
  to: number,
): void {
  for (let digit = from; digit < to; digit++) {
    const [word, shift] = [Math.floor(digit / 4), (3 - (digit % 4)) * 8];
    const value = digitCounts(histogram, word, shift).indexOf(rowCount);
    words[word] = ((at(words, word) & ~(0xff << shift)) | (value << shift)) >>> 0;
  }
}

function digitCounts(histogram: Uint32Array, word: number, shift: number): Uint32Array {
  const first = (word * 4 + shift / 8) * 256;
  return histogram.subarray(first, first + 256);
}

/** The digit's histogram over the rows whose keys begin like the threshold. */
async function prefixCounts(
  workspace: Workspace,
  { words, stride, rowCount }: KeyMatrix,
  threshold: Uint32Array,
  { word, shift }: RadixPass,
): Promise<Uint32Array> {
  const recording = workspace.context.record();
  const thresholdBuffer = workspace.constant(recording, threshold.slice());
  const histogram = workspace.zeroed(recording, 1024);
  recording.dispatch({
    kernel: { path: "sort/prefix_histogram" },
    buffers: { words, threshold: thresholdBuffer, histogram },
    params: { rowCount, stride, word, shift, prefixMask: ~(2 ** (shift + 8) - 1) >>> 0 },
    workgroups: Math.ceil(rowCount / ROWS_PER_GROUP),
    traffic: { read: rowCount * 4 * (word + 1), written: 1024 },
  });
  const counts = recording.read(histogram);
  await recording.submit();
  workspace.recycle(thresholdBuffer);
  workspace.recycle(histogram);
  return new Uint32Array(await counts);
}

/** The candidates in sorted order, stably. */
export function sortCandidates(
  recording: Recording,
  workspace: Workspace,
  keys: KeyMatrix,
  passes: readonly RadixPass[],
  { words: threshold, candidates }: Threshold,
): DeviceBuffer {
  const { words, stride, wordCount, rowCount } = keys;
  const bitmap = workspace.acquire(Math.ceil(rowCount / 32) * 4);
  recording.dispatch({
    kernel: { path: "sort/mark_candidates" },
    buffers: { words, threshold: workspace.constant(recording, threshold), bitmap },
    params: { rowCount, stride, wordCount },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * 4, written: rowCount / 8 },
  });
  const sums = scanBitmap(recording, workspace, bitmap, rowCount);
  const order = workspace.acquire(candidates * 4);
  selectRows(recording, bitmap, sums, rowCount, order);
  const listed = { ...keys, rowCount: candidates };
  return radixSort(recording, workspace, listed, passes, { order }).rows;
}
