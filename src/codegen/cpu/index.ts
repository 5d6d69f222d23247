export { type CpuProgram, compileProgram } from "./compile.ts";
export { type FormatStage, formatStage } from "./format_stage.ts";
export { fixedStorage, STORAGE, type StorageNumber, storageOf } from "./storage.ts";
