export { dictionaryEncode } from "./dictionary_encode.ts";
export type {
  DictionaryOperations,
  ParsedEntries,
  UnifiedDictionary,
} from "./dictionary_operations.ts";
export type { ResolvedStrings } from "./resolved.ts";
