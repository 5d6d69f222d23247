// The executor of one GPU: an adapter behind the interface that all executors share.

import { at, NotSupportedError, throwIfAborted } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { DeviceDescriptor, Operation } from "../../physical/index.ts";
import type {
  DeviceMemoryUse,
  DeviceWork,
  ExecuteOptions,
  Executor,
  KernelRun,
} from "../executor.ts";
import { toMemoryError } from "../memory_error.ts";
import type { GpuAdapter } from "./adapters.ts";
import { supports } from "./capabilities.ts";
import { GpuContext, type GpuCounters, type GpuOptions } from "./context.ts";
import { idealBytes } from "./ideal_bytes.ts";
import { runOperator } from "./operators/index.ts";
import { type GpuResident, releaseColumn, residentOf } from "./resident.ts";
import { downloadResident, uploadBatch } from "./transfer.ts";

export class GpuExecutor implements Executor<GpuResident> {
  readonly descriptor: DeviceDescriptor;
  readonly context: GpuContext;
  #closed = false;

  private constructor(context: GpuContext) {
    this.context = context;
    this.descriptor = { ...context.device.descriptor, memory: context.pool.budget };
  }

  static async open(adapter: GpuAdapter, options: GpuOptions = {}): Promise<GpuExecutor> {
    return new GpuExecutor(await GpuContext.open(adapter, options));
  }

  /** A snapshot of the running totals. */
  get counters(): GpuCounters {
    return { ...this.context.counters };
  }

  get work(): DeviceWork {
    const { dispatches, roundTrips, bytesRead, bytesWritten, bytesIdeal } = this.context.counters;
    return { dispatches, roundTrips, bytesMoved: bytesRead + bytesWritten, bytesIdeal };
  }

  takeKernelRuns(): readonly KernelRun[] {
    const { kernelRuns } = this.context;
    const runs = [...kernelRuns].map(([{ path, wgsl }, dispatches]) => ({
      path,
      dispatches,
      wgsl,
    }));
    kernelRuns.clear();
    return runs;
  }

  get kernels(): number {
    return this.context.kernels.compiled;
  }

  get isLost(): boolean {
    return this.context.device.isLost;
  }

  get memory(): DeviceMemoryUse {
    return this.context.pool;
  }

  upload(batch: Batch): Promise<GpuResident> {
    return uploadBatch(this.context.during(), batch);
  }

  download(resident: GpuResident): Promise<Batch> {
    return downloadResident(this.context.during(), resident);
  }

  choose({ rowCount, columns }: GpuResident, chosen: readonly number[]): GpuResident {
    return residentOf(
      rowCount,
      chosen.map((column) => at(columns, column)),
    );
  }

  async execute(
    operation: Operation,
    inputs: readonly GpuResident[],
    { signal }: ExecuteOptions = {},
  ): Promise<GpuResident> {
    throwIfAborted(signal);
    const support = supports(
      operation,
      inputs.map(({ dtypes }) => dtypes),
    );
    if (!support.ok) {
      throw new NotSupportedError(
        `${this.descriptor.id} does not run this ${operation.kind}: ${support.reason}`,
      );
    }
    const context = this.context.during(signal);
    const result = await runOperator(context, operation, inputs).catch((error: unknown) => {
      throw toMemoryError(error);
    });
    // Who works with the result later is not told that what made it has failed.
    try {
      await context.device.settle(context.since ?? 0);
    } catch (error) {
      this.release(result);
      throw error;
    }
    this.context.counters.bytesIdeal += idealBytes(operation, inputs, result);
    if (signal?.aborted) this.release(result);
    throwIfAborted(signal);
    return result;
  }

  async finished(): Promise<void> {
    const { device } = this.context;
    const { calls } = device;
    await device.wait(device.raw.queue.onSubmittedWorkDone(), calls);
    await device.settle(calls);
  }

  release(resident: GpuResident): void {
    for (const column of resident.columns) releaseColumn(this.context.pool, column);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.context.destroy();
  }
}
