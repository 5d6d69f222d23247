export { contentOf, lostCopy, shrunk, unpackedContent } from "./content.ts";
export { cutCsv } from "./cut.ts";
export type { CsvDialect } from "./dialect.ts";
export { type CsvFault, faultHint, faultReason } from "./fault.ts";
export { type CsvFormat, type CsvFormatter, formatCsv } from "./format.ts";
export { joinDTypes } from "./infer.ts";
export { type Compression, fileError, type UnpackedChunk } from "./input.ts";
export { openCsv } from "./open.ts";
export type { CsvOnError, CsvReadOptions, CsvSettings } from "./options.ts";
export { parseCsv } from "./parse.ts";
export {
  type CsvSampled,
  type CsvSampleRequest,
  type CsvSampler,
  sampleRecords,
} from "./sample.ts";
export * from "./source.ts";
export { type CsvContents, CsvSplits } from "./splits.ts";
export { nearestFloat32 } from "./value.ts";
export { type CsvWriteOptions, writeCsv } from "./write.ts";
