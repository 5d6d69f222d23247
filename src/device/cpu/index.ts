export {
  type AddonLoad,
  availableIsas,
  ISAS,
  type Isa,
  type LoadAddonOptions,
  type LoadedAddon,
  loadAddon,
  type MissingAddon,
} from "./addon.ts";
export { supports as cpuSupports } from "./capabilities.ts";
export { type CsvContext, csvSampler, cutCsv, readCsv } from "./csv.ts";
export { csvFormatter } from "./csv_format.ts";
export { NativeDictionaryOperations } from "./dictionary_operations.ts";
export {
  CpuExecutor,
  type CpuExecutorOptions,
  type CpuOpening,
  createCpuExecutor,
  openCpu,
} from "./executor.ts";
export { fromNative, toNative } from "./marshal.ts";
export type { NativeAddon, NativeColumn } from "./native_addon.ts";
