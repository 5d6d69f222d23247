// The distinct values of a dictionary-encoded string column: entry k is bytes[offsets[k] .. offsets[k + 1]).
// Entries are unique and valid UTF-8, in any order. Partitions that were read together share one Dictionary object,
// so that object identity says "the same codes".

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

export class Dictionary {
  readonly size: number;
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
  #texts: (string | undefined)[] | undefined;

  constructor(offsets: Int32Array, bytes: Uint8Array) {
    this.size = Math.max(0, offsets.length - 1);
    this.offsets = offsets;
    this.bytes = bytes;
  }

  /** Entry `code` as UTF-8 bytes; shares memory. */
  entry(code: number): Uint8Array {
    return this.bytes.subarray(this.offsets[code], this.offsets[code + 1]);
  }

  /** Entry `code` as text, decoded once. */
  text(code: number): string {
    this.#texts ??= new Array<string | undefined>(this.size);
    let text = this.#texts[code];
    if (text === undefined) {
      text = decoder.decode(this.entry(code));
      this.#texts[code] = text;
    }
    return text;
  }

  static readonly EMPTY: Dictionary = new Dictionary(new Int32Array(1), new Uint8Array(0));

  /** A dictionary of the given texts, which must be distinct. Lone surrogates become U+FFFD. */
  static fromTexts(texts: readonly string[]): Dictionary {
    return Dictionary.fromEntries(texts.map((text) => encoder.encode(text)));
  }

  static fromEntries(entries: readonly Uint8Array[]): Dictionary {
    const offsets = new Int32Array(entries.length + 1);
    let end = 0;
    for (const [code, entry] of entries.entries()) {
      end += entry.length;
      offsets[code + 1] = end;
    }
    const bytes = new Uint8Array(end);
    for (const [code, entry] of entries.entries()) bytes.set(entry, offsets[code] as number);
    return new Dictionary(offsets, bytes);
  }
}

/** Compares UTF-8 texts by bytes, as every executor orders strings. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
