// The dictionary of a column in a file that is written batch by batch. Arrow's file format has one dictionary a column,
// which later batches may only add to: each batch's new texts become a delta.

import { type Data, makeData, Utf8, Vector } from "apache-arrow";
import { at, ITEMS_A_STEP, type Steps } from "../../base/index.ts";
import { type Column, Dictionary } from "../../column/index.ts";
import { DistinctTexts } from "./distinct_texts.ts";

export class GrowingDictionary {
  readonly #texts = new DistinctTexts();
  readonly #chunks: Data<Utf8>[] = [];
  /** By dictionary of a batch: its codes in the file; null: the same. */
  readonly #maps = new WeakMap<Dictionary, Uint32Array | null>();
  #vector: Vector<Utf8> = new Vector([chunkOf(Dictionary.EMPTY)]);

  /** All texts so far. The first chunks stay the same objects: by that the writer knows what is new. */
  get vector(): Vector<Utf8> {
    return this.#vector;
  }

  /** The column's codes in the file. */
  *encode(column: Column): Steps<Uint32Array> {
    const { data, length, validity } = column;
    if (data.encoding === "plain") return yield* this.#codesOf(data, length, validity);
    if (data.encoding !== "dictionary") throw new Error(`${data.encoding} values are no texts`);
    const map = yield* this.#mapOf(data.dictionary);
    if (map === null) return data.codes.subarray(0, length);
    const codes = new Uint32Array(length);
    for (let row = 0; row < length; row++) {
      // Under a null there may be any code.
      codes[row] = map[at(data.codes, row)] ?? 0;
      if (row % ROWS_A_STEP === 0) yield;
    }
    return codes;
  }

  *#mapOf(dictionary: Dictionary): Steps<Uint32Array | null> {
    const known = this.#maps.get(dictionary);
    if (known !== undefined) return known;
    const codes = yield* this.#codesOf(dictionary, dictionary.size, null);
    const map = codes.every((mapped, code) => mapped === code) ? null : codes;
    this.#maps.set(dictionary, map);
    return map;
  }

  *#codesOf(
    texts: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
    length: number,
    validity: Uint8Array | null,
  ): Steps<Uint32Array> {
    const pieces = this.#texts.pieces.length;
    const codes = yield* this.#texts.add(texts, length, validity);
    const added = this.#texts.pieces.slice(pieces);
    if (added.length === 0 && this.#chunks.length === 0) added.push(Dictionary.EMPTY);
    if (added.length === 0) return codes;
    this.#chunks.push(...added.map(chunkOf));
    this.#vector = new Vector(this.#chunks);
    return codes;
  }
}

/** Rows between two steps, each of a few nanoseconds. */
const ROWS_A_STEP = 256 * ITEMS_A_STEP;

function chunkOf({ size, offsets, bytes }: Dictionary): Data<Utf8> {
  const valueOffsets = offsets;
  return makeData({ type: new Utf8(), length: size, nullCount: 0, valueOffsets, data: bytes });
}
