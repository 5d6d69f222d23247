// Key columns as matrices of u32 words [word][row], in an order-preserving form that is equal exactly for equal keys:
// sorting, hashing and comparing then know nothing of dtypes. Kernel: kernels/shared/encode_key.wesl.
//
//   for sorting    per column, from the first key to the last: [null word, if nullable] [high ...] low
//   for equality   [one bit a column for nulls, 32 columns a word, if any is nullable] then per column [high ...] low
//
// The high words of a 64-bit column are left out where its bounds say that they are one.

import { at } from "../../../base/index.ts";
import type { SortKey } from "../../../physical/index.ts";
import type { Recording } from "../recording.ts";
import { type CellSource, cellBuffers, cellVariant, sharedHighWord } from "./cells.ts";
import type { KeyMatrix } from "./radix_sort.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

/** Four of a decimal. */
type ValueWords = 1 | 2 | 4;

interface KeyPlacement {
  readonly valueWord: number;
  readonly nullWord: number;
  readonly nullBits: number;
  readonly validBits: number;
  readonly descending: boolean;
  /** Leave the other bits of the null word alone. */
  readonly accumulate: boolean;
  readonly valueWords: ValueWords;
}

/** Of a key column, or of the columns that pair up in a join: they must have one high word to leave it out. */
function valueWords(sources: readonly CellSource[]): ValueWords {
  const [first] = sources;
  if (first?.column.bits === 128) return 4;
  if (first?.column.bits !== 64) return 1;
  const high = sharedHighWord(first.column);
  const isShared = sources.every(({ column }) => sharedHighWord(column) === high);
  return high !== null && isShared ? 1 : 2;
}

type KeyOrder = Pick<SortKey, "descending" | "nulls">;

/** The keys for sorting: unsigned order of the words from word 0 on is the order of rows. */
export function encodeSortKeys(
  recording: Recording,
  workspace: Workspace,
  sources: readonly CellSource[],
  orders: readonly KeyOrder[],
  rowCount: number,
): KeyMatrix {
  const placements: KeyPlacement[] = [];
  let wordCount = 0;
  for (const [index, source] of sources.entries()) {
    const { descending, nulls } = at(orders, index);
    const nullWord = wordCount;
    const valueWord = wordCount + (source.column.validity ? 1 : 0);
    const [nullBits, validBits] = nulls === "first" ? [0, 1] : [1, 0];
    const width = valueWords([source]);
    placements.push({
      valueWord,
      nullWord,
      nullBits,
      validBits,
      descending,
      accumulate: false,
      valueWords: width,
    });
    wordCount = valueWord + width;
  }
  const words = workspace.acquire(wordCount * rowCount * 4);
  const matrix = { words, wordCount, stride: rowCount, rowCount };
  for (const [index, source] of sources.entries()) {
    encodeKey(recording, matrix, source, at(placements, index));
  }
  return matrix;
}

export interface EqualityKeys extends KeyMatrix {
  /** How many words at the beginning hold null bits. */
  readonly nullWords: number;
}

/** Where `encodeEqualityKeys` puts things; both sides of a join share one layout. */
interface EqualityLayout {
  readonly nullWords: number;
  /** Free words after the null words, for the caller's own use. */
  readonly reserved: number;
  /** Of each key column. */
  readonly valueWords: readonly ValueWords[];
}

export function equalityLayout(
  sides: readonly (readonly CellSource[])[],
  reserved = 0,
): EqualityLayout {
  const nullable = sides.some((sources) => sources.some(({ column }) => column.validity !== null));
  const keys = at(sides, 0).map((_, key) => sides.map((sources) => at(sources, key)));
  const nullWords = nullable ? Math.ceil(keys.length / 32) : 0;
  return { nullWords, reserved, valueWords: keys.map(valueWords) };
}

export function encodeEqualityKeys(
  recording: Recording,
  workspace: Workspace,
  sources: readonly CellSource[],
  { nullWords, reserved, valueWords: widths }: EqualityLayout,
  rowCount: number,
): EqualityKeys {
  let wordCount = nullWords + reserved;
  const places = widths.map((width) => {
    const valueWord = wordCount;
    wordCount += width;
    return valueWord;
  });
  const words = workspace.acquire(wordCount * rowCount * 4);
  recording.clear(words, nullWords * rowCount * 4);
  const matrix = { words, wordCount, stride: rowCount, rowCount, nullWords };
  for (const [index, source] of sources.entries()) {
    encodeKey(recording, matrix, source, {
      valueWord: at(places, index),
      nullWord: index >>> 5,
      nullBits: 2 ** (index & 31),
      validBits: 0,
      descending: false,
      accumulate: true,
      valueWords: at(widths, index),
    });
  }
  return matrix;
}

function encodeKey(
  recording: Recording,
  { words, stride, rowCount }: KeyMatrix,
  source: CellSource,
  placement: KeyPlacement,
): void {
  const { descending, accumulate, valueWords: width, ...places } = placement;
  const { conditions, constants } = cellVariant(source);
  const written = width + (source.column.validity ? 1 : 0);
  const low = source.column.bits === 64 && width === 1;
  recording.dispatch({
    kernel: {
      path: "shared/encode_key",
      // A rank or a remapped code is a plain unsigned number.
      conditions: { ...conditions, accumulate, low },
      constants,
    },
    buffers: { ...cellBuffers(source), words },
    params: { rowCount, stride, ...places, invert: descending ? 0xffffffff : 0 },
    workgroups: groupsFor(rowCount),
    traffic: { read: (source.column.bits * rowCount) / 8, written: written * rowCount * 4 },
  });
}
