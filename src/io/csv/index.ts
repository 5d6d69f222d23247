export type { CsvDialect } from "./dialect.ts";
export { CR, LF } from "./dialect.ts";
export { type CsvFault, faultHint, faultReason } from "./fault.ts";
export { joinDTypes } from "./infer.ts";
export { fileError, readAll } from "./input.ts";
export { openCsv } from "./open.ts";
export type { CsvOnError, CsvReadOptions, CsvSettings } from "./options.ts";
export { parseCsv, planCsvRanges, shrunk } from "./parse.ts";
export * from "./source.ts";
