export { type MeasuredDevice, measureDevices } from "./costs/index.ts";
export { type DeviceInfo, listDevices } from "./device_info.ts";
export type { MemoryUse } from "./memory/index.ts";
export type { DeviceProgress, Progress } from "./progress.ts";
export type {
  ProfiledResult,
  QueryResult,
  QueryRunner,
  RunOptions,
  StreamedBatch,
  WriteReport,
} from "./query.ts";
export { Runner } from "./runner.ts";
export {
  checkSessionOptions,
  ENGINES,
  resolveOptions,
  type SessionOptions,
} from "./session_options.ts";
export type { TaskReport } from "./task_report.ts";
