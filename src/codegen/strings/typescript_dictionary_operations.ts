// The plain implementation of DictionaryOperations: the specification of the addon's, and what runs without it.

import { at, inSlices } from "../../base/index.ts";
import { compareBytes, Dictionary } from "../../column/index.ts";
import type { StringPredicate, TextUnit } from "../../ir/index.ts";
import { applyText, matchesRegex, type RegexSource, type TextFunction } from "../../text/index.ts";
import { bitsWhere } from "./bits.ts";
import type {
  DictionaryOperations,
  MappedDictionary,
  UnifiedDictionary,
} from "./dictionary_operations.ts";
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
    parse: (d, dtype, radix, pattern) =>
      inSlices(parseEntries(d, dtype, radix, parseText, pattern)),
    matchRegex,
    lengths,
    map,
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
  return bitsWhere(dictionary.size, (code) => matches(dictionary.entry(code)));
}

async function matchRegex(dictionary: Dictionary, pattern: RegexSource): Promise<Uint32Array> {
  return bitsWhere(dictionary.size, (code) => matchesRegex(pattern, dictionary.text(code)));
}

async function lengths({ offsets, bytes, size }: Dictionary, unit: TextUnit): Promise<Uint32Array> {
  return Uint32Array.from({ length: size }, (_, code) => {
    const [begin, end] = [at(offsets, code), at(offsets, code + 1)];
    if (unit === "byte") return end - begin;
    let count = 0;
    for (let i = begin; i < end; i++) count += Number((at(bytes, i) & 0xc0) !== 0x80);
    return count;
  });
}

async function map(dictionary: Dictionary, apply: TextFunction): Promise<MappedDictionary> {
  const table = new EntryTable();
  const missing = new Set<number>();
  const codes = Uint32Array.from({ length: dictionary.size }, (_, code) => {
    const text = applyText(apply, dictionary.text(code));
    if (text === null) missing.add(code);
    if (text === null) return 0;
    const bytes = encoder.encode(text);
    return table.insert(bytes, 0, bytes.length);
  });
  return {
    dictionary: table.toDictionary(),
    codes,
    exists: missing.size === 0 ? null : bitsWhere(dictionary.size, (code) => !missing.has(code)),
  };
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
