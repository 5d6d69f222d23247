// What resolving strings asks of dictionaries. All of it works on whole dictionaries in host memory; the addon has a
// threaded implementation, TypeScript a plain one (typescript_dictionary_operations.ts) that is the specification.

import type { Dictionary } from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import type { StringPredicate, TextUnit } from "../../ir/index.ts";
import type { RegexSource, TextFunction } from "../../text/index.ts";

/** Values of a dictionary's entries: `words` as in a LookupTable of the dtype's lane; bit k of `fits`: entry k parses. */
export interface ParsedEntries {
  readonly words: Uint32Array;
  readonly fits: Uint32Array;
}

export interface UnifiedDictionary {
  /**
   * The entries of the first dictionary with their codes unchanged, then new entries in order of appearance; the first
   * dictionary itself where nothing is new.
   */
  readonly dictionary: Dictionary;
  /** remaps[i][k]: the code in `dictionary` of entry k of dictionary i. remaps[0] is the identity. */
  readonly remaps: readonly Uint32Array[];
}

/** What a function from text to text makes of a dictionary. */
export interface MappedDictionary {
  /** The distinct results in order of first appearance. */
  readonly dictionary: Dictionary;
  /** codes[k]: the code in `dictionary` of what entry k becomes; any where there is no such text. */
  readonly codes: Uint32Array;
  /** Bit k: entry k has a result; null: all have. */
  readonly exists: Uint32Array | null;
}

export interface DictionaryOperations {
  /** The same, whose work ends soon once the signal aborts. Absent: work runs to its end. */
  cancellable?(signal: AbortSignal): DictionaryOperations;
  /** Bit k & 31 of word k >> 5: does entry k satisfy the predicate? By bytes; `like` as in src/ir/README.md. */
  match(dictionary: Dictionary, predicate: StringPredicate, pattern: string): Promise<Uint32Array>;
  /** ranks[k]: how many entries are smaller than entry k by bytes. */
  ranks(dictionary: Dictionary): Promise<Uint32Array>;
  unify(dictionaries: readonly Dictionary[]): Promise<UnifiedDictionary>;
  /** The code of each text, or -1. */
  find(dictionary: Dictionary, texts: readonly string[]): Promise<Int32Array>;
  /** Parses every entry as the CSV reader does; integers in another radix where it is not 10, instants by a pattern. */
  parse(
    dictionary: Dictionary,
    dtype: DType,
    radix: number,
    pattern?: string,
  ): Promise<ParsedEntries>;
  /** Bit k & 31 of word k >> 5: does the pattern match anywhere in entry k? */
  matchRegex(dictionary: Dictionary, pattern: RegexSource): Promise<Uint32Array>;
  /** The length of every entry. */
  lengths(dictionary: Dictionary, unit: TextUnit): Promise<Uint32Array>;
  map(dictionary: Dictionary, apply: TextFunction): Promise<MappedDictionary>;
}
