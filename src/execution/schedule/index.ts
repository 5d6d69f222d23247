export { Observations } from "./corrections.ts";
export { Dispatcher } from "./dispatcher.ts";
export type { Execution } from "./execution.ts";
export type {
  Clock,
  Departure,
  DeviceId,
  DispatchDevice,
  DispatchTask,
  LaunchReason,
  MemoryClaim,
  MemoryGate,
  Predictor,
} from "./model.ts";
export { rankedTasks } from "./ranked_tasks.ts";
