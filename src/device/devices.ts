// What there is to run on: hosts, which open at once, and adapters, whose driver is loaded on demand.

import { InvalidArgumentError } from "../base/index.ts";
import type { DType } from "../dtype/index.ts";
import { type CsvRequest, type CsvResult, type CsvSource, parseCsv } from "../io/index.ts";
import {
  type DeviceDescriptor,
  type Operation,
  SUPPORTED,
  type Support,
} from "../physical/index.ts";
import { cpuSupports, ISAS, loadAddon, openCpu, readCsv } from "./cpu/index.ts";
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

export interface HostOptions {
  /** Null: all threads of the hardware. */
  readonly threads: number | null;
  /** Null: the best instruction set that is built and that the processor has. */
  readonly isa: string | null;
  readonly memory: number | null;
}

/** The CPU if its addon can be loaded, and the reference executor, best first. */
export function openHosts(options: HostOptions): readonly Device[] {
  const isa = ISAS.find((name) => name === options.isa);
  if (options.isa !== null && isa === undefined) {
    throw new InvalidArgumentError(`isa: ${JSON.stringify(options.isa)} is no instruction set`, {
      hint: `There are ${ISAS.join(", ")}.`,
    });
  }
  const executor = new ReferenceExecutor();
  const reference: Device = {
    descriptor: executor.descriptor,
    executor,
    supports: () => SUPPORTED,
    readCsv: parseCsv,
  };
  const threads = options.threads ?? undefined;
  const opening = openCpu({ threads, isa, memory: options.memory ?? undefined });
  if (!opening.ok) return [reference];
  const addon = loadAddon({ isa });
  const cpu: Device = {
    descriptor: opening.executor.descriptor,
    executor: opening.executor as Executor,
    supports: cpuSupports,
    readCsv: addon.ok
      ? (source, request) =>
          readCsv(addon.native, source, request, opening.executor.descriptor.threads)
      : parseCsv,
  };
  return [cpu, reference];
}

/** Why the CPU executor is not there; null where it is. */
export function missingAddonReason(isa: string | null = null): string | null {
  const addon = loadAddon({ isa: ISAS.find((name) => name === isa) });
  return addon.ok ? null : addon.reason;
}

/** All adapters that Dawn accepts on this machine, real ones first. */
export async function listGpuAdapters(): Promise<readonly GpuAdapter[]> {
  const { listAdapters } = await import("./gpu/index.ts");
  return await listAdapters();
}

export async function openGpu(adapter: GpuAdapter, memory: number | null): Promise<Device> {
  const { GpuExecutor, gpuSupports } = await import("./gpu/index.ts");
  const executor = await GpuExecutor.open(adapter, { memory: memory ?? undefined });
  return {
    descriptor: executor.descriptor,
    executor: executor as Executor,
    supports: gpuSupports,
    readCsv: null,
  };
}
