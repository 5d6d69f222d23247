// The dictionary of a column in a file that is written batch by batch. Arrow's file format has one dictionary a column,
// which later batches may only add to: each batch's new texts become a delta.

import { type Data, makeData, Utf8, Vector } from "apache-arrow";
import { at } from "../../base/index.ts";
import { type Column, Dictionary, isValid } from "../../column/index.ts";

export class GrowingDictionary {
  readonly #codes = new Map<string, number>();
  readonly #chunks: Data<Utf8>[] = [];
  /** By dictionary of a batch: its codes in the file; null: the same. */
  readonly #maps = new WeakMap<Dictionary, Uint32Array | null>();
  #vector: Vector<Utf8> = new Vector([chunkOf(Dictionary.EMPTY)]);

  /** All texts so far. The first chunks stay the same objects: by that the writer knows what is new. */
  get vector(): Vector<Utf8> {
    return this.#vector;
  }

  /** The column's codes in the file. */
  encode(column: Column): Uint32Array {
    const { data } = column;
    if (data.encoding === "plain") return this.#encodeTexts(column, data.offsets, data.bytes);
    if (data.encoding !== "dictionary") throw new Error(`${data.encoding} values are no texts`);
    const map = this.#mapOf(data.dictionary);
    if (map === null) return data.codes.subarray(0, column.length);
    const codes = new Uint32Array(column.length);
    // Under a null there may be any code.
    for (let row = 0; row < codes.length; row++) codes[row] = map[at(data.codes, row)] ?? 0;
    return codes;
  }

  #mapOf(dictionary: Dictionary): Uint32Array | null {
    const known = this.#maps.get(dictionary);
    if (known !== undefined) return known;
    const map = new Uint32Array(dictionary.size);
    const added: string[] = [];
    for (let code = 0; code < map.length; code++) {
      map[code] = this.#codeOf(dictionary.text(code), added);
    }
    this.#add(added.length === dictionary.size ? dictionary : Dictionary.fromTexts(added));
    const same = map.every((mapped, code) => mapped === code);
    this.#maps.set(dictionary, same ? null : map);
    return same ? null : map;
  }

  #encodeTexts(column: Column, offsets: Int32Array, bytes: Uint8Array): Uint32Array {
    const codes = new Uint32Array(column.length);
    const added: string[] = [];
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for (let row = 0; row < codes.length; row++) {
      if (!isValid(column, row)) continue;
      const text = decoder.decode(bytes.subarray(at(offsets, row), at(offsets, row + 1)));
      codes[row] = this.#codeOf(text, added);
    }
    this.#add(Dictionary.fromTexts(added));
    return codes;
  }

  #codeOf(text: string, added: string[]): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(text, code);
    added.push(text);
    return code;
  }

  #add(dictionary: Dictionary): void {
    if (dictionary.size === 0 && this.#chunks.length > 0) return;
    this.#chunks.push(chunkOf(dictionary));
    this.#vector = new Vector(this.#chunks);
  }
}

function chunkOf({ size, offsets, bytes }: Dictionary): Data<Utf8> {
  const valueOffsets = offsets;
  return makeData({ type: new Utf8(), length: size, nullCount: 0, valueOffsets, data: bytes });
}
