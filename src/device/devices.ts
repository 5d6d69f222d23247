// What there is to run on: hosts, which open at once, and adapters, whose driver is loaded on demand.

import { InvalidArgumentError } from "../base/index.ts";
import type { DType } from "../dtype/index.ts";
import {
  type CsvCutter,
  type CsvFormatter,
  type CsvRequest,
  type CsvResult,
  type CsvSampler,
  type CsvSource,
  cutCsv,
  formatCsv,
  parseCsv,
  sampleRecords,
} from "../io/index.ts";
import {
  type DeviceDescriptor,
  type Operation,
  type PlannerDevice,
  SUPPORTED,
  type Support,
} from "../physical/index.ts";
import {
  cpuSupports,
  csvFormatter,
  csvSampler,
  cutCsv as cutNative,
  ISAS,
  loadAddon,
  NativeDictionaryOperations,
  openCpu,
  readCsv as readNative,
} from "./cpu/index.ts";
import type { Executor } from "./executor.ts";
import { supports as gpuSupports } from "./gpu/capabilities.ts";
import type { GpuAdapter } from "./gpu/index.ts";
import { ReferenceExecutor } from "./reference/index.ts";

/** An open device: its executor, what it declares to the planner, and its codec of files if it is a host. */
export interface Device {
  readonly descriptor: DeviceDescriptor;
  readonly executor: Executor;
  supports(operation: Operation, inputs: readonly (readonly DType[])[]): Support;
  readonly files: FileCodec | null;
}

/** Decodes files into host memory, and makes the text of files from it. */
export interface FileCodec {
  readCsv(source: CsvSource, request: CsvRequest): Promise<CsvResult>;
  readonly cutCsv: CsvCutter;
  readonly formatCsv: CsvFormatter;
  readonly sampleCsv: CsvSampler;
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
    files: { readCsv: parseCsv, cutCsv, formatCsv, sampleCsv: sampleRecords },
  };
  const opening = openCpu({
    threads: options.threads ?? undefined,
    isa,
    memory: options.memory ?? undefined,
  });
  const addon = loadAddon({ isa });
  if (!opening.ok || !addon.ok) return [reference];
  const { descriptor } = opening.executor;
  const context = { native: addon.native, threads: descriptor.threads };
  const cpu: Device = {
    descriptor,
    executor: opening.executor as Executor,
    supports: cpuSupports,
    files: {
      readCsv: (source, request) => readNative(source, request, context),
      cutCsv: (source, request) => cutNative(source, request, context),
      formatCsv: csvFormatter(context),
      sampleCsv: csvSampler(context),
    },
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

/** An adapter that is not open: what any of them would run is known without Dawn. */
export function expectedGpu(id: string): PlannerDevice {
  const descriptor: DeviceDescriptor = {
    id,
    kind: "gpu",
    name: "not open yet",
    vendor: "",
    software: false,
    memory: 0,
    limits: {},
    features: [],
    threads: 1,
    isa: "wgsl",
    skipsMaskedRows: true,
  };
  return { descriptor, supports: gpuSupports };
}

/** `memory`: its budget; null: what the adapter's descriptor says. Dictionaries are worked on by the host's threads. */
export async function openGpu(
  adapter: GpuAdapter,
  memory: number | null,
  host: Pick<HostOptions, "threads" | "isa">,
): Promise<Device> {
  const { GpuExecutor } = await import("./gpu/index.ts");
  const addon = loadAddon({ isa: ISAS.find((name) => name === host.isa) });
  const threads = host.threads ?? (addon.ok ? addon.native.hardwareThreads() : 1);
  const executor = await GpuExecutor.open(adapter, {
    memory: memory ?? undefined,
    dictionaries: addon.ok ? new NativeDictionaryOperations(addon.native, threads) : undefined,
  });
  return {
    descriptor: executor.descriptor,
    executor: executor as Executor,
    supports: gpuSupports,
    files: null,
  };
}
