// Stable LSD radix sort of row numbers by a matrix of key words, 8 bits a pass. Kernels: kernels/shared/radix_*.wesl.

import { at } from "../../../base/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import { scan, TILE } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** One digit of one key word. Passes run from the least significant digit to the most significant one. */
export interface RadixPass {
  readonly word: number;
  readonly shift: number;
}

/** Key words of rows, [word][row], word 0 the most significant. */
export interface KeyMatrix {
  readonly words: DeviceBuffer;
  readonly wordCount: number;
  /** Words between the beginnings of two words' rows. */
  readonly stride: number;
  readonly rowCount: number;
}

const ROWS_PER_HISTOGRAM_GROUP = 16384;
const DIGITS = 4;

/** Counts all values of all digits in one pass: [word][digit][256], to be read back and given to `neededPasses`. */
export function digitHistogram(
  recording: Recording,
  workspace: Workspace,
  keys: KeyMatrix,
): DeviceBuffer {
  const { words, wordCount, stride, rowCount } = keys;
  const histogram = workspace.zeroed(recording, wordCount * DIGITS * 256 * 4);
  const groupsPerWord = Math.ceil(rowCount / ROWS_PER_HISTOGRAM_GROUP);
  recording.dispatch({
    kernel: { path: "shared/radix_histogram" },
    buffers: { words, histogram },
    params: { rowCount, stride, wordCount, groupsPerWord },
    workgroups: groupsPerWord * wordCount,
  });
  return histogram;
}

/** All digits that have more than one value, least significant first. */
export function neededPasses(histogram: Uint32Array, rowCount: number): RadixPass[] {
  const passes: RadixPass[] = [];
  const digits = histogram.length / 256;
  for (let digit = 0; digit < digits; digit++) {
    const counts = histogram.subarray(digit * 256, digit * 256 + 256);
    if (counts.includes(rowCount)) continue;
    passes.push({ word: Math.floor(digit / DIGITS), shift: (digit % DIGITS) * 8 });
  }
  return passes.sort((a, b) => b.word - a.word || a.shift - b.shift);
}

/** The passes for one word whose values are below `bound`. */
export function passesBelow(bound: number, word = 0): RadixPass[] {
  const passes: RadixPass[] = [];
  for (let shift = 0; shift < 32 && 2 ** shift < bound; shift += 8) passes.push({ word, shift });
  return passes;
}

/** What a sort gives: row numbers in key order, and the keys of the last pass where they were asked for. */
interface SortedRows {
  readonly rows: DeviceBuffer;
  readonly keys: DeviceBuffer | null;
}

interface RadixOptions {
  /** Also give the key word of the last pass, in sorted order. */
  readonly keepKeys?: boolean;
  /** An order of the rows that equal keys keep; default: row order. The sort recycles it. */
  readonly order?: DeviceBuffer | null;
}

/** Sorts rows 0..rowCount by the given digits (at least one). Each pass is 3 to 5 dispatches. */
export function radixSort(
  recording: Recording,
  workspace: Workspace,
  matrix: KeyMatrix,
  passes: readonly RadixPass[],
  { keepKeys = false, order = null }: RadixOptions = {},
): SortedRows {
  let rows = order;
  let keys: DeviceBuffer | null = null;
  for (const [index, { word, shift }] of passes.entries()) {
    const fetch = index === 0 || at(passes, index - 1).word !== word;
    const next = passes[index + 1];
    const carry = next === undefined ? keepKeys : next.word === word;
    const source: PassSource =
      fetch || keys === null
        ? { keys: matrix.words, fetch: true, rows }
        : { keys, fetch: false, rows };
    const sorted = radixPass(recording, workspace, matrix, source, { word, shift }, carry);
    if (rows) workspace.recycle(rows);
    if (keys) workspace.recycle(keys);
    ({ rows, keys } = sorted);
  }
  if (rows === null) throw new RangeError("a radix sort has at least one pass");
  return { rows, keys };
}

interface PassSource {
  readonly keys: DeviceBuffer;
  readonly fetch: boolean;
  /** Null: row i is i. */
  readonly rows: DeviceBuffer | null;
}

function radixPass(
  recording: Recording,
  workspace: Workspace,
  { rowCount: count, stride }: KeyMatrix,
  source: PassSource,
  { word, shift }: RadixPass,
  carry: boolean,
): SortedRows {
  const tiles = Math.ceil(count / TILE);
  const params = {
    count,
    tiles,
    shift,
    wordOffset: word * stride,
    identity: Number(source.rows === null),
    fetch: Number(source.fetch),
    carry: Number(carry),
  };
  const input = { keysIn: source.keys, rowsIn: source.rows ?? source.keys };
  const tileCounts = workspace.acquire(256 * tiles * 4);
  recording.dispatch({
    kernel: { path: "shared/radix_count" },
    buffers: { ...input, tileCounts },
    params,
    workgroups: tiles,
    traffic: { read: count * (source.fetch && source.rows ? 8 : 4), written: tiles * 1024 },
  });
  const tileStarts = scan(recording, workspace, { buffer: tileCounts, count: 256 * tiles });
  const rowsOut = workspace.acquire(count * 4);
  const keysOut = carry ? workspace.acquire(count * 4) : null;
  recording.dispatch({
    kernel: { path: "shared/radix_scatter" },
    // Nothing is written to keysOut without `carry`; the counts are no longer needed.
    buffers: { ...input, tileStarts, rowsOut, keysOut: keysOut ?? tileCounts },
    params,
    workgroups: tiles,
    traffic: {
      read: count * (source.rows ? 8 : 4) + tiles * 1024,
      written: count * (carry ? 8 : 4),
    },
  });
  workspace.recycle(tileCounts);
  workspace.recycle(tileStarts);
  return { rows: rowsOut, keys: keysOut };
}
