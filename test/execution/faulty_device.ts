// A GPU that fails when a test says: it is lost, refuses a command, or is out of memory.

import type { GpuExecutor } from "../../src/device/gpu/index.ts";

export type Fault = "lost" | "refused" | "full";

export class FaultyDevice {
  /** Submits and maps from when it was armed. */
  points = 0;
  #faultAt: (point: number) => Fault | null = () => null;
  #full = false;
  readonly raw: GPUDevice;

  constructor(executor: GpuExecutor) {
    const { device } = executor.context;
    const { raw } = device;
    this.raw = raw;
    const queue = intercept(raw.queue, { submit: () => this.#pass() });
    const faulty = intercept(
      raw,
      {},
      {
        queue,
        createBuffer: (descriptor: GPUBufferDescriptor) => this.#watched(raw, descriptor),
        popErrorScope: async () => {
          const error = await raw.popErrorScope();
          if (!this.#full) return error;
          this.#full = false;
          return new GPUOutOfMemoryError("out of memory, by order of a test");
        },
      },
    );
    Object.defineProperty(device, "raw", { value: faulty });
  }

  /** Fails once, at the n-th submit or map from now on. */
  arm(fault: Fault, failAt: number): void {
    this.armAll((point) => (point === failAt ? fault : null));
  }

  /** Fails at each submit and map as `faultAt` says, which is asked once for each. */
  armAll(faultAt: (point: number) => Fault | null): void {
    this.points = 0;
    this.#faultAt = faultAt;
  }

  #watched(raw: GPUDevice, descriptor: GPUBufferDescriptor): GPUBuffer {
    const buffer = raw.createBuffer(descriptor);
    const map = buffer.mapAsync.bind(buffer);
    const mapAsync = (...args: Parameters<GPUBuffer["mapAsync"]>) => {
      this.#pass();
      return map(...args);
    };
    return Object.defineProperty(buffer, "mapAsync", { value: mapAsync });
  }

  #pass(): void {
    this.points += 1;
    const fault = this.#faultAt(this.points);
    if (fault === "lost") this.raw.destroy();
    else if (fault === "full") this.#full = true;
    else if (fault === "refused")
      this.raw.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
  }
}

/** The object with `before` called ahead of some methods, and others replaced. */
function intercept<T extends object>(
  target: T,
  before: Readonly<Record<string, () => void>>,
  replaced: Readonly<Record<string, unknown>> = {},
): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === "string" && name in replaced) return replaced[name];
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (typeof name === "string") before[name]?.();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
