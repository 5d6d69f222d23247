export { type CpuProgram, compileProgram } from "./compile.ts";
export { fixedStorage, STORAGE, type StorageNumber, storageOf } from "./storage.ts";
