export { dictionaryEncode } from "./dictionary_encode.ts";
export type {
  DictionaryOperations,
  MappedDictionary,
  ParsedEntries,
  UnifiedDictionary,
} from "./dictionary_operations.ts";
export type { ParseText } from "./parse_entries.ts";
export { isStringComputing, resolveStrings } from "./resolve_strings.ts";
export type { ResolvedStrings } from "./resolved.ts";
export { StringResolver } from "./string_resolver.ts";
export { typescriptDictionaryOperations } from "./typescript_dictionary_operations.ts";
