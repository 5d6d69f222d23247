export { type GpuAdapter, listAdapters, nullAdapter } from "./adapters.ts";
export { supports as gpuSupports } from "./capabilities.ts";
export type { GpuCounters } from "./context.ts";
export { GpuExecutor, type GpuExecutorOptions } from "./executor.ts";
export type { GpuColumn, GpuResident } from "./resident.ts";
