export { type GpuAdapter, listAdapters, nullAdapter } from "./adapters.ts";
export { supports as gpuSupports } from "./capabilities.ts";
export type { GpuCounters, GpuOptions } from "./context.ts";
export { GpuExecutor } from "./executor.ts";
export type { GpuColumn, GpuResident } from "./resident.ts";
