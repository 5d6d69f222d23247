export { type CaseTables, caseTables } from "./case_tables.ts";
export { compareTexts } from "./compare.ts";
export * from "./regex/index.ts";
export { parseReplacement, type ReplacementPiece } from "./replacement.ts";
export { applyText, isPartial, type TextFunction, wellFormed } from "./text_function.ts";
