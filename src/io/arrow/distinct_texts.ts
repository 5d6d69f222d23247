// Texts numbered in the order in which they first appear, over runs of texts: the dictionary of a column that comes in several
// pieces. An open-addressed table over hashes of the bytes: texts are not decoded, and growing it is work in steps, which
// that of a Map is not.
//
//   slots   [0 . 3 . . 1 2 .]   code + 1, at most half of them taken
//   hashes  [h0 h1 h2 ...]      by code: growing reads no text

import { at, type Steps } from "../../base/index.ts";
import { Dictionary, getBit } from "../../column/index.ts";

/** Text k is bytes[offsets[k] .. offsets[k + 1]). */
export interface Texts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** A step takes some 100 microseconds: of looking for a text, or of reading its bytes. */
const COST_A_STEP = 65_536;
const COST_OF_A_TEXT = 64;
const FIRST_SLOTS = 1024;

export class DistinctTexts {
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes = new Uint32Array(FIRST_SLOTS / 2);
  #size = 0;
  /** The texts in the order of their codes, and the code of each piece's first one. */
  readonly #pieces: Dictionary[] = [];
  readonly #firsts: number[] = [];
  /** Colliding texts cannot be prepared. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);

  get size(): number {
    return this.#size;
  }

  /** Where there is only one it is the Dictionary that was added. */
  get pieces(): readonly Dictionary[] {
    return this.#pieces;
  }

  /** The codes of the first `length` texts: 0 for nulls, which count as no text. Texts that are new become a piece. */
  *add(texts: Texts, length: number, validity: Uint8Array | null): Steps<Uint32Array> {
    const { offsets, bytes } = texts;
    const codes = new Uint32Array(length);
    const first = this.#size;
    /** By code - first: where among `texts` it stands. */
    const added: number[] = [];
    let cost = 0;
    for (let entry = 0; entry < length; entry++) {
      if (validity !== null && !getBit(validity, entry)) continue;
      const begin = at(offsets, entry);
      const end = at(offsets, entry + 1);
      const hash = hashOf(bytes, begin, end, this.#seed);
      let slot = hash & (this.#slots.length - 1);
      for (;;) {
        const code = at(this.#slots, slot) - 1;
        if (code < 0) {
          codes[entry] = this.#put(slot, hash);
          added.push(entry);
          break;
        }
        if (this.#hashes[code] === hash && this.#isText(code, first, texts, added, begin, end)) {
          codes[entry] = code;
          break;
        }
        slot = (slot + 1) & (this.#slots.length - 1);
      }
      if (2 * this.#size >= this.#slots.length) yield* this.#grow();
      cost += COST_OF_A_TEXT + end - begin;
      if (cost < COST_A_STEP) continue;
      cost = 0;
      yield;
    }
    if (added.length > 0) {
      this.#firsts.push(first);
      this.#pieces.push(yield* pieceOf(texts, length, added));
    }
    return codes;
  }

  #put(slot: number, hash: number): number {
    const code = this.#size++;
    this.#slots[slot] = code + 1;
    this.#hashes[code] = hash;
    return code;
  }

  /** Is the text with this code bytes[begin .. end) of `texts`, of which those from `first` on were added just now? */
  #isText(
    code: number,
    first: number,
    texts: Texts,
    added: readonly number[],
    begin: number,
    end: number,
  ): boolean {
    let source = texts;
    let entry = added[code - first];
    if (entry === undefined) {
      const piece = this.#firsts.findLastIndex((start) => start <= code);
      source = at(this.#pieces, piece);
      entry = code - at(this.#firsts, piece);
    }
    const from = at(source.offsets, entry);
    if (at(source.offsets, entry + 1) - from !== end - begin) return false;
    for (let index = 0; index < end - begin; index++) {
      if (source.bytes[from + index] !== texts.bytes[begin + index]) return false;
    }
    return true;
  }

  *#grow(): Steps<void> {
    const slots = new Int32Array(2 * this.#slots.length);
    const hashes = new Uint32Array(slots.length / 2);
    hashes.set(this.#hashes);
    for (let code = 0; code < this.#size; code++) {
      let slot = at(hashes, code) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = code + 1;
      if (code % (COST_A_STEP / COST_OF_A_TEXT) === 0) yield;
    }
    this.#slots = slots;
    this.#hashes = hashes;
  }
}

/** FNV-1a, with the bits mixed at the end because the lowest ones choose the slot. */
function hashOf(bytes: Uint8Array, begin: number, end: number, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = begin; index < end; index++) {
    hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** The texts at these places; a dictionary itself where they are all. */
function* pieceOf(texts: Texts, length: number, entries: readonly number[]): Steps<Dictionary> {
  if (texts instanceof Dictionary && entries.length === length && length === texts.size) {
    return texts;
  }
  const offsets = new Int32Array(entries.length + 1);
  for (const [index, entry] of entries.entries()) {
    const byteLength = at(texts.offsets, entry + 1) - at(texts.offsets, entry);
    offsets[index + 1] = at(offsets, index) + byteLength;
    if (index % (COST_A_STEP / COST_OF_A_TEXT) === 0) yield;
  }
  const bytes = new Uint8Array(at(offsets, entries.length));
  for (const [index, entry] of entries.entries()) {
    const text = texts.bytes.subarray(texts.offsets[entry], texts.offsets[entry + 1]);
    bytes.set(text, offsets[index]);
    if (index % (COST_A_STEP / COST_OF_A_TEXT) === 0) yield;
  }
  return new Dictionary(offsets, bytes);
}

/** All texts in one run. */
export function* joined(pieces: readonly Dictionary[]): Steps<Dictionary> {
  const [only, ...others] = pieces;
  if (only !== undefined && others.length === 0) return only;
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  const entries: Uint8Array[] = [];
  const offsets = new Int32Array(size + 1);
  let code = 0;
  for (const piece of pieces) {
    const start = at(offsets, code);
    const first = at(piece.offsets, 0);
    for (let entry = 1; entry <= piece.size; entry++) {
      offsets[++code] = start + at(piece.offsets, entry) - first;
      if (code % COST_A_STEP === 0) yield;
    }
    entries.push(piece.bytes.subarray(first, piece.offsets[piece.size]));
  }
  const bytes = new Uint8Array(at(offsets, size));
  let end = 0;
  for (const entry of entries) {
    bytes.set(entry, end);
    end += entry.length;
    yield;
  }
  return new Dictionary(offsets, bytes);
}
