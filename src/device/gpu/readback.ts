// Device to host: one mapped staging buffer a round trip, from a ring, so that none is allocated in steady state.

import { sizeClass } from "./buffer_pool.ts";
import type { GpuDevice } from "./gpu_device.ts";

const MAX_IDLE_BYTES = 64 * 2 ** 20;

export class ReadbackRing {
  readonly #device: GpuDevice;
  #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  /** A buffer of at least `byteLength` bytes to copy into; give it to `take` after the copies are submitted. */
  stage(byteLength: number): GPUBuffer {
    const size = sizeClass(byteLength);
    const index = this.#idle.findIndex((buffer) => buffer.size >= size && buffer.size <= 4 * size);
    const [reused] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (reused) {
      this.#idleBytes -= reused.size;
      return reused;
    }
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.#device.guard(() => this.#device.raw.createBuffer({ size, usage }));
  }

  /**
   * Waits for the copies, hands their bytes to `consume` (which must not keep them), and recycles the buffer.
   * @throws what calls after the first `since` failed of.
   */
  async take(
    staging: GPUBuffer,
    byteLength: number,
    since: number,
    consume: (bytes: ArrayBuffer) => void,
  ): Promise<void> {
    const mapped = staging.mapAsync(GPUMapMode.READ, 0, Math.ceil(byteLength / 8) * 8);
    await this.#device.wait(mapped, since);
    await this.#device.settle(since);
    consume(staging.getMappedRange(0, Math.ceil(byteLength / 8) * 8));
    staging.unmap();
    if (this.#idleBytes + staging.size > MAX_IDLE_BYTES) {
      staging.destroy();
    } else {
      this.#idleBytes += staging.size;
      this.#idle.push(staging);
    }
  }

  /** Gives idle buffers back to the driver. */
  trim(): void {
    for (const buffer of this.#idle) buffer.destroy();
    this.#idle = [];
    this.#idleBytes = 0;
  }

  destroy(): void {
    this.trim();
  }
}
