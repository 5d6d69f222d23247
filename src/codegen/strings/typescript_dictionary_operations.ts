// The plain implementation of DictionaryOperations: the specification of the addon's, and what runs without it.

import { at } from "../../base/index.ts";
import { compareBytes, Dictionary } from "../../column/index.ts";
import type { StringPredicate } from "../../ir/index.ts";
import type { DictionaryOperations, UnifiedDictionary } from "./dictionary_operations.ts";
import { EntryTable } from "./entry_table.ts";
import { type ParseText, parseEntries } from "./parse_entries.ts";
import { compilePattern } from "./pattern.ts";

const encoder = new TextEncoder();

/** @param parseText how the CSV reader reads a text (the reference executor's definition). */
export function typescriptDictionaryOperations(parseText: ParseText): DictionaryOperations {
  return {
    match,
    ranks,
    unify,
    find,
    parse: async (d, dtype) => parseEntries(d, dtype, parseText),
  };
}

async function find(dictionary: Dictionary, texts: readonly string[]): Promise<Int32Array> {
  const wanted = new EntryTable();
  const numbers = texts.map((text) => {
    const bytes = encoder.encode(text);
    return wanted.insert(bytes, 0, bytes.length);
  });
  const codes = new Int32Array(wanted.size).fill(-1);
  const { offsets, bytes, size } = dictionary;
  for (let code = 0; code < size; code++) {
    const found = wanted.find(bytes, at(offsets, code), at(offsets, code + 1));
    if (found >= 0) codes[found] = code;
  }
  return Int32Array.from(numbers, (number) => at(codes, number));
}

async function match(
  dictionary: Dictionary,
  predicate: StringPredicate,
  pattern: string,
): Promise<Uint32Array> {
  const matches = compilePattern(predicate, encoder.encode(pattern));
  const words = new Uint32Array(Math.ceil(dictionary.size / 32));
  for (let code = 0; code < dictionary.size; code++) {
    if (!matches(dictionary.entry(code))) continue;
    words[code >> 5] = (at(words, code >> 5) | (1 << (code & 31))) >>> 0;
  }
  return words;
}

async function ranks(dictionary: Dictionary): Promise<Uint32Array> {
  const order = Uint32Array.from({ length: dictionary.size }, (_, code) => code);
  order.sort((a, b) => compareBytes(dictionary.entry(a), dictionary.entry(b)));
  const ranks = new Uint32Array(dictionary.size);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
}

async function unify(dictionaries: readonly Dictionary[]): Promise<UnifiedDictionary> {
  const first = dictionaries[0] ?? Dictionary.EMPTY;
  const table = EntryTable.of(first);
  const remaps = dictionaries.map(({ size, offsets, bytes }) => {
    const remap = new Uint32Array(size);
    for (let code = 0; code < size; code++) {
      remap[code] = table.insert(bytes, at(offsets, code), at(offsets, code + 1));
    }
    return remap;
  });
  return { dictionary: table.size === first.size ? first : table.toDictionary(), remaps };
}
