// One opened WebGPU device: the limits it was asked for, and the two ways in which it fails late. Validation and
// out-of-memory errors arrive asynchronously in error scopes, a loss through `device.lost`; both are turned into
// typed errors where the host waits for the device.
//
// Several pieces of work share a device, and what a call of one leaves behind (a buffer that is none) may be the other's as
// well. So calls are numbered, and a failure is everybody's whose work had begun before the call.

import {
  DeviceFaultError,
  DeviceLostError,
  MemoryBudgetError,
  NoDeviceError,
} from "../../base/index.ts";
import type { DeviceDescriptor } from "../../physical/index.ts";
import type { GpuAdapter } from "./adapters.ts";

const WANTED_FEATURES: readonly GPUFeatureName[] = ["subgroups", "timestamp-query"];

// The defaults are what a phone has; everything that sizes a kernel or a partition is raised to what the adapter has.
const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

export type GpuLimits = Readonly<Record<(typeof WANTED_LIMITS)[number], number>>;

export class GpuDevice {
  readonly descriptor: DeviceDescriptor;
  readonly raw: GPUDevice;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<string>;
  #loss: DeviceLostError | null = null;
  #calls = 0;
  /** Of the failed calls, the last one. */
  #failure: { readonly call: number; readonly error: Error } | null = null;
  readonly #openScopes = new Set<Promise<void>>();
  readonly #onFailure: (() => void)[] = [];

  private constructor(descriptor: DeviceDescriptor, raw: GPUDevice) {
    this.descriptor = descriptor;
    this.raw = raw;
    this.features = new Set(raw.features);
    this.limits = Object.fromEntries(
      WANTED_LIMITS.map((name) => [name, raw.limits[name]]),
    ) as GpuLimits;
    void raw.lost.then(({ reason, message }) => {
      this.#loss = new DeviceLostError(
        `${descriptor.id} (${descriptor.name}) was lost: ${reason}`,
        {
          hint: "Its work is retried on another device. `session.recover()` opens it again; if it keeps happening, update the graphics driver.",
          cause: message,
        },
      );
    });
    raw.addEventListener("uncapturederror", ({ error }) => {
      this.#failed(++this.#calls, error);
    });
  }

  static async open(adapter: GpuAdapter): Promise<GpuDevice> {
    const { descriptor } = adapter;
    const gpu = await adapter.request();
    if (gpu === null) {
      throw new NoDeviceError(`${descriptor.id} (${descriptor.name}) is no longer there`, {
        hint: "Run `gpudataframe doctor` to see the devices of this machine.",
      });
    }
    const raw = await gpu.requestDevice({
      label: descriptor.id,
      requiredFeatures: WANTED_FEATURES.filter((feature) => gpu.features.has(feature)),
      requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, gpu.limits[name]])),
    });
    return new GpuDevice(descriptor, raw);
  }

  get isLost(): boolean {
    return this.#loss !== null;
  }

  /** @throws DeviceLostError once the device is gone. */
  throwIfLost(): void {
    if (this.#loss) throw this.#loss;
  }

  /** The calls so far: work that begins now answers for none of them. */
  get calls(): number {
    return this.#calls;
  }

  /** What the device was given lately may be broken. */
  onFailure(listener: () => void): void {
    this.#onFailure.push(listener);
  }

  /** Runs synchronous WebGPU calls; what they raise is thrown by `settle`. */
  guard<T>(calls: () => T): T {
    this.throwIfLost();
    const call = ++this.#calls;
    this.raw.pushErrorScope("validation");
    this.raw.pushErrorScope("out-of-memory");
    try {
      return calls();
    } finally {
      for (let scope = 0; scope < 2; scope++) {
        const closed = this.#closeScope(call).finally(() => this.#openScopes.delete(closed));
        this.#openScopes.add(closed);
      }
    }
  }

  async #closeScope(call: number): Promise<void> {
    try {
      const error = await this.raw.popErrorScope();
      if (error !== null) this.#failed(call, error);
    } catch {
      // The device is lost: throwIfLost tells.
    }
  }

  #failed(call: number, error: GPUError): void {
    if (call > (this.#failure?.call ?? 0)) {
      this.#failure = { call, error: toError(error, this.descriptor) };
    }
    for (const listener of this.#onFailure) listener();
  }

  /**
   * Waits for the error scopes of all calls so far.
   * @throws DeviceLostError, and MemoryBudgetError or DeviceFaultError where one of the calls after the first `since` failed.
   */
  async settle(since: number): Promise<void> {
    await Promise.all(this.#openScopes);
    this.throwIfLost();
    if (this.#failure !== null && this.#failure.call > since) throw this.#failure.error;
  }

  /** Awaits something that the device owes; a loss while waiting becomes a DeviceLostError. `since`: as for settle. */
  async wait<T>(promise: Promise<T>, since: number): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      await Promise.race([this.raw.lost, new Promise((resolve) => setImmediate(resolve))]);
      this.throwIfLost();
      await this.settle(since);
      throw error;
    }
  }

  destroy(): void {
    this.raw.destroy();
  }
}

function toError(error: GPUError, descriptor: DeviceDescriptor): Error {
  if (error instanceof GPUOutOfMemoryError) {
    return new MemoryBudgetError(`${descriptor.id} (${descriptor.name}) is out of memory`, {
      hint: "Lower `deviceMemory` or `partitionBytes` in the session's options.",
      cause: error.message,
    });
  }
  return new DeviceFaultError(`${descriptor.id} (${descriptor.name}): ${error.message}`, {
    hint: "The work is retried on another device. Please report it, with the name of the adapter.",
  });
}
