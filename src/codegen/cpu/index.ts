export { type CpuProgram, compileProgram } from "./compile.ts";
export { fixedStorage, STORAGE, type StorageNumber, storageOf } from "./storage.ts";
export { type TextColumn, textStage } from "./text_stage.ts";
