// What there is to run on: hosts, which open at once, and adapters, whose driver is loaded on demand.

import type { DType } from "../dtype/index.ts";
import { type CsvRequest, type CsvResult, type CsvSource, parseCsv } from "../io/index.ts";
import {
  type DeviceDescriptor,
  type Operation,
  SUPPORTED,
  type Support,
} from "../physical/index.ts";
import { type CpuExecutorOptions, openCpu } from "./cpu/index.ts";
import type { Executor } from "./executor.ts";
import type { GpuAdapter } from "./gpu/index.ts";
import { ReferenceExecutor } from "./reference/index.ts";

/** An open device: its executor, what it declares to the planner, and its reader of files if it is a host. */
export interface Device {
  readonly descriptor: DeviceDescriptor;
  readonly executor: Executor;
  supports(operation: Operation, inputs: readonly (readonly DType[])[]): Support;
  readonly readCsv: ((source: CsvSource, request: CsvRequest) => Promise<CsvResult>) | null;
}
