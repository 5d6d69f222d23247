export { hostBudget, taskShare } from "./budget.ts";
export { disown, disowning } from "./buffer_ledger.ts";
export type { GrowingFile } from "./growing_file.ts";
export type { Counted, Reservation } from "./host_memory.ts";
export { PassedOn } from "./passed_on.ts";
export {
  HOST,
  type MemorySpace,
  type MemoryUse,
  memorySpace,
  SessionMemory,
} from "./session_memory.ts";
export { defaultSpillDirectory, sweepSpillDirectories } from "./spill_directory.ts";
export { type SpilledBatch, SpillStore } from "./spill_store.ts";
