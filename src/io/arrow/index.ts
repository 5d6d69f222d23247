export { readArrow, writeArrow } from "./file.ts";
export { type ArrowBatches, type ArrowInput, arrowToBatches } from "./from_arrow.ts";
export { type ArrowTable, batchToArrow } from "./to_arrow.ts";
