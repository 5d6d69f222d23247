// A growing set of distinct byte strings, numbered in order of insertion: open addressing over their hashes, the
// bytes one after the other in one array.

import { Dictionary } from "../../column/index.ts";

export class EntryTable {
  #slots = new Int32Array(64).fill(-1);
  #hashes = new Uint32Array(32);
  #offsets = new Int32Array(33);
  #bytes = new Uint8Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of bytes[start .. end), which is added if it is new. */
  insert(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const slot = this.#slotOf(hash, bytes, start, end);
    const found = this.#slots[slot] as number;
    if (found >= 0) return found;
    const code = this.#size;
    this.#slots[slot] = code;
    this.#append(hash, bytes, start, end);
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return code;
  }

  /** The number of bytes[start .. end), or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(hashBytes(bytes, start, end), bytes, start, end)] as number;
  }

  toDictionary(): Dictionary {
    const end = this.#offsets[this.#size] as number;
    return new Dictionary(this.#offsets.slice(0, this.#size + 1), this.#bytes.slice(0, end));
  }

  static of(dictionary: Dictionary): EntryTable {
    const table = new EntryTable();
    const { offsets, bytes, size } = dictionary;
    for (let code = 0; code < size; code++) {
      table.insert(bytes, offsets[code] as number, offsets[code + 1] as number);
    }
    return table;
  }

  /** The slot that holds the entry, or the empty one where it belongs. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.#slots[slot] as number;
      if (code < 0) return slot;
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const first = this.#offsets[code] as number;
    if ((this.#offsets[code + 1] as number) - first !== end - start) return false;
    for (let i = start; i < end; i++) {
      if (this.#bytes[first + i - start] !== bytes[i]) return false;
    }
    return true;
  }

  #append(hash: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#size === this.#hashes.length) {
      this.#hashes = grown(this.#hashes, new Uint32Array(2 * this.#hashes.length));
      this.#offsets = grown(this.#offsets, new Int32Array(2 * this.#offsets.length));
    }
    const first = this.#offsets[this.#size] as number;
    const last = first + end - start;
    if (last > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(last, 2 * this.#bytes.length)));
    }
    this.#bytes.set(bytes.subarray(start, end), first);
    this.#hashes[this.#size] = hash;
    this.#size += 1;
    this.#offsets[this.#size] = last;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = this.#slots.length - 1;
    for (let code = 0; code < this.#size; code++) {
      let slot = (this.#hashes[code] as number) & mask;
      while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

function grown<A extends Uint8Array | Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** FNV-1a with a final mix, so that the low bits depend on every byte. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
