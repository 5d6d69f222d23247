// The one interface of all executors. `Resident` is how an executor holds a partition: host memory for reference and
// cpu, buffers of one adapter for gpu.

import type { Batch, Block } from "../column/index.ts";
import type { DType } from "../dtype/index.ts";
import type { DeviceDescriptor, ExchangeOperation, Operation } from "../physical/index.ts";

export interface Resident {
  readonly rowCount: number;
  readonly dtypes: readonly DType[];
  /** Bytes that this partition holds on its device. */
  readonly byteLength: number;
  /** The data itself, where it is in host memory. */
  readonly batch?: Batch;
}

/** What an executor holds in a memory of its own. */
export interface DeviceMemoryUse {
  readonly usedBytes: number;
  readonly budget: number;
}

export interface ExecuteOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What a GPU has done since it was opened: figures that hold on any GPU, whoever simulates it. */
export interface DeviceWork {
  readonly dispatches: number;
  /** Waits of the host for the device. */
  readonly roundTrips: number;
  /** Device memory that dispatches and copies read and wrote. */
  readonly bytesMoved: number;
  /** What an ideal execution would have moved: inputs read once, results written once. */
  readonly bytesIdeal: number;
}

/** A shader that ran, and how often. */
export interface KernelRun {
  /** Its file below kernels/, without the ending. */
  readonly path: string;
  readonly dispatches: number;
  /** The whole text that the driver compiled. No name and no value of the user is in it. */
  readonly wgsl: string;
}

/**
 * Inputs stay owned by the caller and are never changed; the result is the caller's to release. `execute` rejects with
 * a DataFrameError where data is at fault, with DeviceLostError, DeviceFaultError or MemoryBudgetError where the task may be tried
 * elsewhere.
 */
export interface Executor<R extends Resident = Resident> {
  readonly descriptor: DeviceDescriptor;
  /** Running totals; absent for hosts, whose measure is time. */
  readonly work?: DeviceWork;
  /** The kernels that ran since the last call, in the order of their first dispatches. Absent for hosts. */
  takeKernelRuns?(): readonly KernelRun[];
  /** How many kernels it has compiled so far. Absent where they are compiled ahead. */
  readonly kernels?: number;
  /** The device is gone, and what it held with it. Absent for hosts. */
  readonly isLost?: boolean;
  /** Absent for hosts: the session counts their memory. */
  readonly memory?: DeviceMemoryUse;
  /** Host memory to the device. Host executors share the buffers. */
  upload(batch: Batch): Promise<R>;
  download(resident: R): Promise<Batch>;
  /** Some columns of a resident, in the order of their positions: lent, so they end with it and are not released. */
  choose(resident: R, columns: readonly number[]): R;
  execute(operation: Operation, inputs: readonly R[], options?: ExecuteOptions): Promise<R>;
  /** One result a part. Hosts have it; rows go from device to device through their memory. */
  exchange?(
    operation: ExchangeOperation,
    inputs: readonly R[],
    options?: ExecuteOptions,
  ): Promise<readonly R[]>;
  /** Until everything that was sent to the device has run. Absent where `execute` resolves only then. */
  finished?(): Promise<void>;
  release(resident: R): void;
  /** Host memory to fill, which `release` frees of residents made of it. Absent: the collector has all memory. */
  allocate?(byteLength: number): Block;
  /** CRC-32 (zlib's) of the bytes after those whose checksum is `before`, on another thread. Absent: it has none. */
  checksum?(bytes: Uint8Array, before: number): Promise<number>;
  /**
   * Directories that are to be removed when the thread ends, also where it ends without running JavaScript any more, as a
   * worker that is terminated; instead of those of the last call. Absent: it cannot.
   */
  removeAtEnd?(paths: readonly string[]): void;
  /**
   * Gives the disk back what a file has in [begin, end), which reads as zeros then; the file stays as long as it is. False:
   * that file system cannot. Absent: no file system can.
   */
  freeRange?(path: string, begin: number, end: number): Promise<boolean>;
  /** Gives memory that is free back to the system. Absent where the executor keeps none. */
  trim?(): Promise<void>;
  /** Frees everything. Idempotent. */
  close(): Promise<void>;
}
