// The executor of the CPU: host memory and the addon's kernels, which run on threads of their own.

import { cpus, totalmem } from "node:os";
import { NoDeviceError, NotSupportedError, throwIfAborted, turnIfOver } from "../../base/index.ts";
import { type Batch, Block, shownBatch } from "../../column/index.ts";
import type { DeviceDescriptor, ExchangeOperation, Operation } from "../../physical/index.ts";
import type { ExecuteOptions, Executor } from "../executor.ts";
import {
  chooseColumns,
  type HostResident,
  holding,
  releaseHostResident,
  toHostResident,
} from "../host_resident.ts";
import { toMemoryError } from "../memory_error.ts";
import {
  type Isa,
  type LoadAddonOptions,
  type LoadedAddon,
  loadAddon,
  type MissingAddon,
} from "./addon.ts";
import { supports } from "./capabilities.ts";
import { CpuContext } from "./context.ts";
import { toDataFrameError } from "./errors.ts";
import { FreeMemory } from "./free_memory.ts";
import { exchange, runOperation } from "./operations/index.ts";

export interface CpuExecutorOptions extends LoadAddonOptions {
  /** Threads of one operation. Default: all that the hardware has. */
  readonly threads?: number | undefined;
  /** Bytes of host memory that the engine may use. Default: all there is. */
  readonly memory?: number | undefined;
}

export type CpuOpening = { readonly ok: true; readonly executor: CpuExecutor } | MissingAddon;

/** The CPU, or why there is none. */
export function openCpu(options: CpuExecutorOptions = {}): CpuOpening {
  const addon = loadAddon(options);
  return addon.ok ? { ok: true, executor: new CpuExecutor(addon, options) } : addon;
}

/** @throws NoDeviceError where the addon, or the instruction set asked for, cannot be loaded. */
export function createCpuExecutor(options: CpuExecutorOptions = {}): CpuExecutor {
  const opening = openCpu(options);
  if (opening.ok) return opening.executor;
  throw new NoDeviceError(`the native addon is not loaded: ${opening.reason}`, {
    hint: 'Build it with "npm run build:native", or use engine: "reference".',
  });
}

export class CpuExecutor implements Executor<HostResident> {
  readonly descriptor: DeviceDescriptor;
  readonly #context: CpuContext;
  readonly #freeMemory: FreeMemory;
  readonly #forgetLimit: () => void;

  constructor(addon: LoadedAddon, options: CpuExecutorOptions = {}) {
    const threads = Math.max(1, Math.floor(options.threads ?? addon.native.hardwareThreads()));
    this.#context = new CpuContext(addon.native, threads);
    const memory = options.memory ?? totalmem();
    this.#freeMemory = FreeMemory.of(addon.native);
    this.#forgetLimit = this.#freeMemory.limitTo(memory);
    this.descriptor = describe(addon.isa, threads, memory);
  }

  static open(options: CpuExecutorOptions = {}): CpuExecutor {
    return createCpuExecutor(options);
  }

  async upload(batch: Batch): Promise<HostResident> {
    const resident = toHostResident(batch);
    // Whoever takes it has to count its columns, as execute() has it.
    await turnIfOver();
    return resident;
  }

  /** What it gives is the collector's: it may live for longer than the resident. */
  async download(resident: HostResident): Promise<Batch> {
    return typed(() => shownBatch(resident.batch));
  }

  choose(resident: HostResident, columns: readonly number[]): HostResident {
    return chooseColumns(resident, columns);
  }

  /** A kernel that has begun ends within some milliseconds of the signal, and frees what it holds. */
  async execute(
    operation: Operation,
    inputs: readonly HostResident[],
    { signal }: ExecuteOptions = {},
  ): Promise<HostResident> {
    throwIfAborted(signal);
    const support = supports(
      operation,
      inputs.map(({ dtypes }) => dtypes),
    );
    if (!support.ok) {
      throw new NotSupportedError(`the CPU does not run this ${operation.kind}: ${support.reason}`);
    }
    return await holding(inputs, async (batches) => {
      const run = (context: CpuContext) => runOperation(context, operation, batches);
      const resident = await this.#during(signal, run, toHostResident).catch((error: unknown) => {
        throw toDataFrameError(error, operation, batches);
      });
      // Whoever takes it has to count its columns.
      await turnIfOver();
      return resident;
    });
  }

  async exchange(
    operation: ExchangeOperation,
    inputs: readonly HostResident[],
    { signal }: ExecuteOptions = {},
  ): Promise<readonly HostResident[]> {
    throwIfAborted(signal);
    return await holding(inputs, async (batches) => {
      const run = (context: CpuContext) => exchange(context, operation, batches);
      const keep = (parts: readonly Batch[]) => parts.map(toHostResident);
      return await this.#during(signal, run, keep).catch((error: unknown) => {
        throw toDataFrameError(error, operation, batches);
      });
    });
  }

  #during<T, R>(
    signal: AbortSignal | undefined,
    work: (context: CpuContext) => Promise<T>,
    keep: (result: T) => R,
  ): Promise<R> {
    return this.#freeMemory.during(() => this.#context.during(signal, work, keep));
  }

  release(resident: HostResident): void {
    releaseHostResident(resident);
  }

  allocate(byteLength: number): Block {
    const { native } = this.#context;
    return typed(() => new Block(native, native.newBlock(byteLength), byteLength));
  }

  async checksum(bytes: Uint8Array, before: number): Promise<number> {
    return await this.#context.native.checksum(bytes, before);
  }

  removeAtEnd(paths: readonly string[]): void {
    this.#context.native.removeAtEnd(paths);
  }

  async freeRange(path: string, begin: number, end: number): Promise<boolean> {
    return await this.#context.native.freeRange(path, begin, end);
  }

  async trim(): Promise<void> {
    await this.#context.native.trimMemory();
  }

  async close(): Promise<void> {
    // Threads belong to the process and sleep while there is nothing to do.
    this.#forgetLimit();
  }
}

/** @throws MemoryBudgetError where the addon finds no memory. */
function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toMemoryError(error);
  }
}

function describe(isa: Isa, threads: number, memory: number): DeviceDescriptor {
  return {
    id: "cpu",
    kind: "cpu",
    name: cpus()[0]?.model ?? "CPU",
    vendor: "",
    software: false,
    memory,
    limits: { maxRows: 2 ** 31 - 1 },
    features: [],
    threads,
    isa,
  };
}
