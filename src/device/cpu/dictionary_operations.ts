// Dictionaries on the addon's threads.

import {
  assert,
  at,
  ITEMS_A_STEP,
  inSlices,
  SharedWork,
  type Steps,
  whenAborted,
} from "../../base/index.ts";
import type {
  DictionaryOperations,
  MappedDictionary,
  ParsedEntries,
  UnifiedDictionary,
} from "../../codegen/index.ts";
import { fixedStorage, typescriptDictionaryOperations } from "../../codegen/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import { Dictionary, shownColumn } from "../../column/index.ts";
import { type DType, STRING } from "../../dtype/index.ts";
import type { StringPredicate, TextUnit } from "../../ir/index.ts";
import type { RegexSource, TextFunction } from "../../text/index.ts";
import { parseValue } from "../reference/index.ts";
import { type BlockOwner, type BlockScope, fromNative, toNative } from "./marshal.ts";
import type { NativeAddon, NativeRun } from "./native_addon.ts";
import { nativeRegex, nativeTextFunction } from "./text_functions.ts";

/** The numbers of `Predicate` in native/kernels/dictionary/dictionary.h. */
const PREDICATES: Readonly<Record<StringPredicate, number>> = {
  contains: 0,
  startsWith: 1,
  endsWith: 2,
  like: 3,
};

const plain = typescriptDictionaryOperations(parseValue);
const encoder = new TextEncoder();

const wanted = new WeakMap<readonly string[], Promise<Dictionary>>();

/** Encoded once a list: every partition looks for the same texts. */
function wantedTexts(texts: readonly string[]): Promise<Dictionary> {
  const known = wanted.get(texts);
  if (known !== undefined) return known;
  const encoded = inSlices(encodedTexts(texts));
  wanted.set(texts, encoded);
  return encoded;
}

function* encodedTexts(texts: readonly string[]): Steps<Dictionary> {
  const offsets = new Int32Array(texts.length + 1);
  for (const [index, text] of texts.entries()) {
    offsets[index + 1] = at(offsets, index) + Buffer.byteLength(text);
    if (index % ITEMS_A_STEP === 0) yield;
  }
  const bytes = Buffer.allocUnsafeSlow(at(offsets, texts.length));
  for (const [index, text] of texts.entries()) {
    bytes.write(text, at(offsets, index));
    if (index % ITEMS_A_STEP === 0) yield;
  }
  return new Dictionary(offsets, new Uint8Array(bytes.buffer));
}

export class NativeDictionaryOperations implements DictionaryOperations {
  readonly #native: NativeAddon;
  readonly #threads: number;
  readonly #run: NativeRun;
  readonly #signal: AbortSignal | undefined;
  readonly #owner: BlockOwner;
  // One encoded form a column: partitions of one query ask again, and equal objects say "the same codes".
  readonly #encoded: WeakMap<object, SharedWork<Column>>;

  constructor(native: NativeAddon, threads: number, during?: During) {
    this.#native = native;
    this.#threads = threads;
    this.#run = during?.run ?? native.newRun(threads);
    this.#signal = during?.signal;
    this.#owner = during?.blocks ?? native;
    this.#encoded = during?.encoded ?? new WeakMap();
  }

  /** The same, for the calls of one operation: with a run, which the signal cancels. */
  during(operation: Omit<During, "encoded">): NativeDictionaryOperations {
    const during = { ...operation, encoded: this.#encoded };
    return new NativeDictionaryOperations(this.#native, this.#threads, during);
  }

  /** The signal must not outlive the work by much: it is listened to as long as it lives. */
  cancellable(signal: AbortSignal): NativeDictionaryOperations {
    const run = this.#native.newRun(this.#threads);
    whenAborted(signal, () => this.#native.cancelRun(run));
    return this.during({ run, signal });
  }

  match(dictionary: Dictionary, predicate: StringPredicate, pattern: string): Promise<Uint32Array> {
    const bytes = encoder.encode(pattern);
    return this.#native.matchEntries(dictionary, PREDICATES[predicate], bytes, this.#run);
  }

  ranks(dictionary: Dictionary): Promise<Uint32Array> {
    return this.#native.rankEntries(dictionary, this.#run);
  }

  async unify(dictionaries: readonly Dictionary[]): Promise<UnifiedDictionary> {
    const { dictionary, remaps } = await this.#native.unifyDictionaries(
      [...dictionaries],
      this.#run,
    );
    return {
      dictionary:
        dictionary === null
          ? (dictionaries[0] ?? Dictionary.EMPTY)
          : new Dictionary(dictionary.offsets, dictionary.bytes),
      remaps,
    };
  }

  async find(dictionary: Dictionary, texts: readonly string[]): Promise<Int32Array> {
    return await this.#native.findEntries(dictionary, await wantedTexts(texts), this.#run);
  }

  parse(
    dictionary: Dictionary,
    dtype: DType,
    radix: number,
    pattern?: string,
  ): Promise<ParsedEntries> {
    if (pattern !== undefined) return plain.parse(dictionary, dtype, radix, pattern);
    // 128-bit arithmetic on digits is JavaScript's bigint so far.
    if (dtype.kind === "decimal") return plain.parse(dictionary, dtype, radix);
    const { kind, fractionDigits } = textForm(dtype);
    const storage = fixedStorage(dtype);
    const run = this.#run;
    return this.#native.parseEntries(dictionary, storage, kind, fractionDigits, radix, run);
  }

  async matchRegex(dictionary: Dictionary, pattern: RegexSource): Promise<Uint32Array> {
    const regex = await inSlices(nativeRegex(pattern));
    return await this.#native.matchTextRegex(dictionary, regex, this.#run);
  }

  lengths(dictionary: Dictionary, unit: TextUnit): Promise<Uint32Array> {
    return this.#native.textLengths(dictionary, unit === "byte", this.#run);
  }

  async map(dictionary: Dictionary, apply: TextFunction): Promise<MappedDictionary> {
    const form = await inSlices(nativeTextFunction(apply));
    const { codes, exists } = await this.#native.mapTexts(dictionary, form, this.#run);
    const { data } = fromNative(this.#owner, codes, { dtype: STRING });
    assert(data.encoding === "dictionary", "mapped texts have a dictionary");
    return { dictionary: data.dictionary, codes: data.codes, exists };
  }

  /** In every row one text after the other. Both columns are strings of any encoding; under a null, any text. */
  async concatTexts(a: Column, b: Column): Promise<Column> {
    const texts = await this.#native.concatTexts(toNative(a), toNative(b), this.#run);
    return fromNative(this.#owner, texts, { dtype: STRING });
  }

  /** The same strings with a dictionary. */
  encode(column: Column): Promise<Column> {
    if (column.data.encoding !== "plain") return Promise.resolve(column);
    const known = this.#encoded.get(column.data);
    const encoded = known?.isUsable
      ? known
      : new SharedWork((signal) => this.cancellable(signal).#encodePlain(column));
    this.#encoded.set(column.data, encoded);
    return encoded.wait(this.#signal);
  }

  async #encodePlain(column: Column): Promise<Column> {
    const native = await this.#native.encodePlain(toNative(column), this.#run);
    const { dtype, statistics, validity, nullCount } = column;
    // It is remembered for as long as the plain column lives, which nobody says: so it is the collector's.
    const encoded = shownColumn(fromNative(this.#owner, native, { dtype, statistics }));
    return { ...encoded, validity, nullCount };
  }

  /** The texts of the values, as the CSV writer writes them, or by a pattern where there is one. */
  async format(column: Column, dtype: DType, pattern = ""): Promise<Column> {
    if (dtype.kind === "string") return column;
    const { kind, fractionDigits } = textForm(dtype);
    const values = toNative(column);
    return fromNative(
      this.#owner,
      await this.#native.formatValues(
        values,
        kind,
        fractionDigits,
        encoder.encode(pattern),
        this.#run,
      ),
      { dtype: STRING },
    );
  }

  /** The batch with dictionaries for the plain columns among `columns`. */
  async encodeColumns(batch: Batch, columns: readonly number[]): Promise<Batch> {
    const isPlain = (index: number) => at(batch.columns, index).data.encoding === "plain";
    const wanted = new Set(columns.filter(isPlain));
    if (wanted.size === 0) return batch;
    const encoded = await Promise.all(
      batch.columns.map(async (column, index) =>
        wanted.has(index) ? await this.encode(column) : column,
      ),
    );
    return { rowCount: batch.rowCount, columns: encoded };
  }
}

interface During {
  readonly run: NativeRun;
  readonly signal?: AbortSignal | undefined;
  readonly blocks?: BlockScope;
  readonly encoded: WeakMap<object, SharedWork<Column>>;
}

/** The numbers of `TextForm` in native/kernels/dictionary/dictionary.h. */
function textForm(dtype: DType): { readonly kind: number; readonly fractionDigits: number } {
  switch (dtype.kind) {
    case "date":
      return { kind: 1, fractionDigits: 0 };
    case "timestamp":
      return { kind: 2, fractionDigits: { s: 0, ms: 3, us: 6, ns: 9 }[dtype.unit] };
    case "duration":
      return { kind: 3, fractionDigits: { s: 0, ms: 3, us: 6, ns: 9 }[dtype.unit] };
    case "decimal":
      return { kind: 4, fractionDigits: dtype.scale };
    default:
      return { kind: 0, fractionDigits: 0 };
  }
}
