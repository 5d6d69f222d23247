// A list of commands in plain data, run in order by one `submit`. Operators record; only `submit` touches the device.
// Each dispatch is its own synchronisation scope: what one writes, the next one sees.

import { assert, at, throwIfAborted } from "../../base/index.ts";
import type { DeviceBuffer } from "./buffer_pool.ts";
import type { GpuContext } from "./context.ts";
import type { BoundBuffer, Kernel } from "./kernel_cache.ts";
import { MAX_PARAMETER_WORDS, type ParameterValues, writeParameters } from "./kernel_interface.ts";
import type { KernelSpec } from "./kernel_source.ts";

export interface Dispatch {
  readonly kernel: KernelSpec;
  /** Every storage binding of the kernel, by variable name. No buffer may be bound twice if the kernel writes it. */
  readonly buffers: Readonly<Record<string, DeviceBuffer>>;
  /** Every member of the kernel's Params, by name. */
  readonly params?: ParameterValues;
  /**
   * How many workgroups must run. Above the limit of one dimension the grid becomes two-dimensional and may have a few
   * more: kernels number their workgroups with shared/grid.wesl and leave when the number is too high.
   */
  readonly workgroups: number;
  /** Bytes that the dispatch must read and write; by default those of the buffers that it binds. */
  readonly traffic?: { readonly read: number; readonly written: number };
}

type Command =
  | { readonly kind: "dispatch"; readonly dispatch: Dispatch }
  | {
      readonly kind: "copy";
      readonly source: DeviceBuffer;
      readonly sourceOffset: number;
      readonly target: DeviceBuffer;
      readonly targetOffset: number;
      readonly byteLength: number;
    }
  | { readonly kind: "clear"; readonly buffer: DeviceBuffer; readonly byteLength: number }
  | {
      readonly kind: "write";
      readonly buffer: DeviceBuffer;
      readonly offset: number;
      readonly data: ArrayBufferView;
    };

interface Read {
  readonly buffer: DeviceBuffer;
  readonly offset: number;
  readonly byteLength: number;
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

// The offset alignment that every adapter accepts, and the room of one Params.
const PARAMETER_STRIDE = 256;

export class Recording {
  readonly #context: GpuContext;
  readonly #commands: Command[] = [];
  readonly #reads: Read[] = [];
  readonly #temporaries: DeviceBuffer[] = [];
  /** Calls of the device before the work that this is part of. */
  readonly #since: number;
  #submitted = false;

  constructor(context: GpuContext) {
    this.#context = context;
    this.#since = context.since ?? context.device.calls;
  }

  /** A buffer with unspecified content that is released once the commands are submitted. */
  temporary(byteLength: number): DeviceBuffer {
    const buffer = this.#context.pool.acquire(byteLength);
    this.#temporaries.push(buffer);
    return buffer;
  }

  /** A temporary with the given content. */
  constant(data: ArrayBufferView): DeviceBuffer {
    const buffer = this.temporary(data.byteLength);
    this.write(buffer, 0, data);
    return buffer;
  }

  dispatch(dispatch: Dispatch): void {
    if (dispatch.workgroups > 0) this.#commands.push({ kind: "dispatch", dispatch });
  }

  /** Offsets and length in bytes, multiples of 4. Source and target must be different buffers. */
  copy(
    source: DeviceBuffer,
    sourceOffset: number,
    target: DeviceBuffer,
    targetOffset: number,
    byteLength: number,
  ): void {
    if (byteLength === 0) return;
    this.#commands.push({ kind: "copy", source, sourceOffset, target, targetOffset, byteLength });
  }

  /** Zeros the buffer, or its first bytes (a multiple of 4). */
  clear(buffer: DeviceBuffer, byteLength: number = buffer.byteLength): void {
    if (byteLength > 0) this.#commands.push({ kind: "clear", buffer, byteLength });
  }

  /** Host to device, at this point of the order. `data` must not change before `submit`. */
  write(buffer: DeviceBuffer, offset: number, data: ArrayBufferView): void {
    assert(offset + data.byteLength <= buffer.byteLength, "the data fits the buffer");
    if (data.byteLength > 0) this.#commands.push({ kind: "write", buffer, offset, data });
  }

  /** The bytes after all commands have run. All reads of a recording share one round trip. */
  read(
    buffer: DeviceBuffer,
    offset = 0,
    byteLength: number = buffer.byteLength,
  ): Promise<ArrayBuffer> {
    const bytes = new Promise<ArrayBuffer>((resolve, reject) => {
      this.#reads.push({ buffer, offset, byteLength, resolve, reject });
    });
    // Whoever recorded the read awaits it; when `submit` throws before that, this is no unhandled rejection.
    bytes.catch(() => {});
    return bytes;
  }

  /**
   * Compiles what is not compiled yet, sends all commands, releases the temporaries and starts the reads. Resolves when
   * the commands are sent, not when they have run.
   * @throws AbortError instead of sending them, once the context's signal has aborted.
   */
  async submit(): Promise<void> {
    assert(!this.#submitted, "a recording is submitted once");
    this.#submitted = true;
    const { pool, device, signal } = this.#context;
    try {
      throwIfAborted(signal);
      const kernels = await this.#loadKernels();
      throwIfAborted(signal);
      const parameters = this.#packParameters(kernels);
      device.guard(() => this.#send(kernels, parameters));
    } catch (error) {
      for (const { reject } of this.#reads) reject(error);
      throw error;
    } finally {
      for (const buffer of this.#temporaries) pool.release(buffer);
    }
  }

  #dispatches(): Dispatch[] {
    return this.#commands.flatMap((command) =>
      command.kind === "dispatch" ? [command.dispatch] : [],
    );
  }

  async #loadKernels(): Promise<Kernel[]> {
    return Promise.all(this.#dispatches().map(({ kernel }) => this.#context.kernels.load(kernel)));
  }

  /** The Params of all dispatches, one after the other, each at a multiple of the stride. */
  #packParameters(kernels: readonly Kernel[]): Uint32Array<ArrayBuffer> {
    const strideWords = PARAMETER_STRIDE / 4;
    assert(strideWords >= MAX_PARAMETER_WORDS, "Params fit their stride");
    const words = new Uint32Array(kernels.length * strideWords);
    for (const [index, { params = {}, kernel }] of this.#dispatches().entries()) {
      const place = words.subarray(index * strideWords, (index + 1) * strideWords);
      try {
        writeParameters(at(kernels, index).parameters, params, place);
      } catch (error) {
        throw new Error(`${kernel.path}: ${String(error)}`);
      }
    }
    return words;
  }

  #send(kernels: readonly Kernel[], parameters: Uint32Array<ArrayBuffer>): void {
    const { device, counters, uniforms } = this.#context;
    const uniformBuffer = uniforms.write(parameters);
    const stream = new CommandStream(device.raw);
    let next = 0;
    for (const command of this.#commands) {
      switch (command.kind) {
        case "dispatch":
          this.#encodeDispatch(stream, command.dispatch, at(kernels, next), uniformBuffer, next);
          next += 1;
          break;
        case "copy": {
          const { source, sourceOffset, target, targetOffset, byteLength } = command;
          stream
            .encoder()
            .copyBufferToBuffer(source.raw, sourceOffset, target.raw, targetOffset, byteLength);
          counters.bytesRead += byteLength;
          counters.bytesWritten += byteLength;
          break;
        }
        case "clear":
          stream.encoder().clearBuffer(command.buffer.raw, 0, command.byteLength);
          counters.bytesWritten += command.byteLength;
          break;
        case "write":
          stream.flush();
          writePadded(device.raw.queue, command.buffer.raw, command.offset, command.data);
          counters.bytesUploaded += command.data.byteLength;
          break;
      }
    }
    this.#startReads(stream);
    counters.submits += 1;
  }

  #encodeDispatch(
    stream: CommandStream,
    dispatch: Dispatch,
    kernel: Kernel,
    uniformBuffer: BoundBuffer,
    index: number,
  ): void {
    const { kernels, kernelRuns, device, counters } = this.#context;
    let uniform = false;
    let read = 0;
    let written = 0;
    const buffers = kernel.bindings.map(({ name, access }): BoundBuffer => {
      if (access === "uniform") {
        uniform = true;
        return uniformBuffer;
      }
      const buffer = dispatch.buffers[name];
      assert(buffer !== undefined, `${kernel.path}: buffer ${name} is given`);
      if (access === "read") read += buffer.byteLength;
      else written += buffer.byteLength;
      return buffer;
    });
    const given = Object.keys(dispatch.buffers).length;
    assert(
      given === buffers.length - (uniform ? 1 : 0),
      `${kernel.path}: buffers without a binding`,
    );
    const pass = stream.pass();
    pass.setPipeline(kernel.pipeline);
    const offsets = uniform ? [index * PARAMETER_STRIDE] : [];
    pass.setBindGroup(0, kernels.bindGroup(kernel, buffers), offsets);
    pass.dispatchWorkgroups(
      ...grid(dispatch.workgroups, device.limits.maxComputeWorkgroupsPerDimension),
    );
    counters.dispatches += 1;
    kernelRuns.set(kernel, (kernelRuns.get(kernel) ?? 0) + 1);
    counters.bytesRead += dispatch.traffic?.read ?? read;
    counters.bytesWritten += dispatch.traffic?.written ?? written;
  }

  #startReads(stream: CommandStream): void {
    const { counters, readback } = this.#context;
    const groups = readGroups(this.#reads);
    const staged = groups.map((reads) => {
      const byteLength = reads.reduce((end, read) => end + alignedLength(read), 0);
      const staging = readback.stage(byteLength);
      let end = 0;
      for (const read of reads) {
        const length = Math.ceil(read.byteLength / 4) * 4;
        if (length > 0) {
          stream.encoder().copyBufferToBuffer(read.buffer.raw, read.offset, staging, end, length);
        }
        end += alignedLength(read);
      }
      counters.bytesDownloaded += byteLength;
      return { reads, byteLength, staging };
    });
    stream.flush();
    if (staged.length > 0) counters.roundTrips += 1;
    for (const { reads, byteLength, staging } of staged) {
      readback
        .take(staging, byteLength, this.#since, (bytes) => {
          let start = 0;
          for (const read of reads) {
            read.resolve(bytes.slice(start, start + read.byteLength));
            start += alignedLength(read);
          }
        })
        .catch((error: unknown) => {
          for (const { reject } of reads) reject(error);
        });
    }
  }
}

// Staging buffers of a download stay below what every device can map, and are worth keeping for the next one.
const MAX_STAGING_BYTES = 64 * 2 ** 20;

/** Reads that share a staging buffer, in order. */
function readGroups(reads: readonly Read[]): Read[][] {
  const groups: Read[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const read of reads) {
    bytes += alignedLength(read);
    if (bytes > MAX_STAGING_BYTES) {
      groups.push([]);
      bytes = alignedLength(read);
    }
    groups.at(-1)?.push(read);
  }
  return groups;
}

/** Room of a read in its staging buffer: mapped ranges begin at multiples of 8. */
function alignedLength({ byteLength }: Read): number {
  return Math.max(8, Math.ceil(byteLength / 8) * 8);
}

/** Encodes into one command buffer and, as long as possible, one pass. */
class CommandStream {
  readonly #device: GPUDevice;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  encoder(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = null;
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  pass(): GPUComputePassEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    return this.#pass;
  }

  flush(): void {
    if (this.#encoder === null) return;
    const encoder = this.encoder();
    this.#encoder = null;
    this.#device.queue.submit([encoder.finish()]);
  }
}

function grid(workgroups: number, limit: number): [number, number] {
  if (workgroups <= limit) return [workgroups, 1];
  const rows = Math.ceil(workgroups / limit);
  return [Math.ceil(workgroups / rows), rows];
}

/** writeBuffer wants multiples of 4 bytes: the last few go in a word of their own. */
export function writePadded(
  queue: GPUQueue,
  buffer: GPUBuffer,
  offset: number,
  data: ArrayBufferView,
): void {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const whole = bytes.length & ~3;
  if (whole > 0) queue.writeBuffer(buffer, offset, bytes, 0, whole);
  if (whole === bytes.length) return;
  const last = new Uint8Array(4);
  last.set(bytes.subarray(whole));
  queue.writeBuffer(buffer, offset + whole, last);
}
