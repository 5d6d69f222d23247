// Dictionaries on the addon's threads.

import type {
  DictionaryOperations,
  ParsedEntries,
  UnifiedDictionary,
} from "../../codegen/index.ts";
import { typescriptDictionaryOperations } from "../../codegen/index.ts";
import type { Batch, Column } from "../../column/index.ts";
import { Dictionary } from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import type { Program, StringPredicate } from "../../ir/index.ts";
import { parseValue } from "../reference/index.ts";
import { fromNative, toNative } from "./marshal.ts";
import type { NativeAddon } from "./native_addon.ts";

/** The numbers of `Predicate` in native/kernels/dictionary/dictionary.h. */
const PREDICATES: Readonly<Record<StringPredicate, number>> = {
  contains: 0,
  startsWith: 1,
  endsWith: 2,
  like: 3,
};

const encoder = new TextEncoder();

export class NativeDictionaryOperations implements DictionaryOperations {
  readonly #native: NativeAddon;
  readonly #threads: number;
  // One encoded form a column: partitions of one query ask again, and equal objects say "the same codes".
  readonly #encoded = new WeakMap<object, Promise<Column>>();

  constructor(native: NativeAddon, threads: number) {
    this.#native = native;
    this.#threads = threads;
  }

  match(dictionary: Dictionary, predicate: StringPredicate, pattern: string): Promise<Uint32Array> {
    const bytes = encoder.encode(pattern);
    return this.#native.matchEntries(dictionary, PREDICATES[predicate], bytes, this.#threads);
  }

  ranks(dictionary: Dictionary): Promise<Uint32Array> {
    return this.#native.rankEntries(dictionary, this.#threads);
  }

  async unify(dictionaries: readonly Dictionary[]): Promise<UnifiedDictionary> {
    const { dictionary, remaps } = await this.#native.unifyDictionaries(
      [...dictionaries],
      this.#threads,
    );
    return {
      dictionary:
        dictionary === null
          ? (dictionaries[0] ?? Dictionary.EMPTY)
          : new Dictionary(dictionary.offsets, dictionary.bytes),
      remaps,
    };
  }

  find(dictionary: Dictionary, texts: readonly string[]): Promise<Int32Array> {
    return this.#native.findEntries(dictionary, Dictionary.fromTexts(texts), this.#threads);
  }

  parse(dictionary: Dictionary, dtype: DType): Promise<ParsedEntries> {
    return typescriptDictionaryOperations(parseValue).parse(dictionary, dtype);
  }

  /** The same strings with a dictionary. */
  encode(column: Column): Promise<Column> {
    if (column.data.encoding !== "plain") return Promise.resolve(column);
    const known = this.#encoded.get(column.data.offsets);
    if (known !== undefined) return known;
    const encoded = this.#native.encodePlain(toNative(column), this.#threads).then((native) => ({
      ...fromNative(native, { dtype: column.dtype, statistics: column.statistics }),
      validity: column.validity,
      nullCount: column.nullCount,
    }));
    this.#encoded.set(column.data.offsets, encoded);
    return encoded;
  }

  /** The batch with dictionaries for the plain columns among `columns`. */
  async encodeColumns(batch: Batch, columns: readonly number[]): Promise<Batch> {
    const wanted = new Set(columns);
    const encoded = await Promise.all(
      batch.columns.map((column, index) => (wanted.has(index) ? this.encode(column) : column)),
    );
    return { rowCount: batch.rowCount, columns: encoded };
  }

  encodePlainColumns(batch: Batch, program: Program): Promise<Batch> {
    const loaded = program.instructions.flatMap((instruction) =>
      instruction.op === "load" ? [instruction.column] : [],
    );
    return this.encodeColumns(batch, loaded);
  }
}
