// One opened WebGPU device: the limits it was asked for, and the two ways in which it fails late. Validation and
// out-of-memory errors arrive asynchronously in error scopes, a loss through `device.lost`; both are turned into
// typed errors at the next point where the host waits for the device anyway.

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
  #failure: Error | null = null;
  #scopes: Promise<void>[] = [];

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
          hint: "Its work is retried on another device; if it keeps happening, update the graphics driver.",
          cause: message,
        },
      );
    });
    raw.addEventListener("uncapturederror", ({ error }) => {
      this.#failure ??= toError(error, descriptor);
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

  /** Runs synchronous WebGPU calls; what they raise is thrown by the next `settle`. */
  guard<T>(calls: () => T): T {
    this.throwIfLost();
    this.raw.pushErrorScope("validation");
    this.raw.pushErrorScope("out-of-memory");
    try {
      return calls();
    } finally {
      for (let scope = 0; scope < 2; scope++) this.#scopes.push(this.#closeScope());
    }
  }

  async #closeScope(): Promise<void> {
    try {
      const error = await this.raw.popErrorScope();
      if (error !== null) this.#failure ??= toError(error, this.descriptor);
    } catch {
      // The device is lost: throwIfLost tells.
    }
  }

  /**
   * Waits for the error scopes of all calls so far.
   * @throws DeviceLostError, MemoryBudgetError, or DeviceFaultError for a call that is wrong.
   */
  async settle(): Promise<void> {
    while (this.#scopes.length > 0) await Promise.all(this.#scopes.splice(0));
    this.throwIfLost();
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
  }

  /** Awaits something that the device owes; a loss while waiting becomes a DeviceLostError. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      await Promise.race([this.raw.lost, new Promise((resolve) => setImmediate(resolve))]);
      this.throwIfLost();
      await this.settle();
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
