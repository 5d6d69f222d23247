export {
  type Device,
  expectedGpu,
  type FileCodec,
  type HostOptions,
  listGpuAdapters,
  missingAddonReason,
  openGpu,
  openHosts,
} from "./devices.ts";
export * from "./executor.ts";
export type { GpuAdapter } from "./gpu/index.ts";
