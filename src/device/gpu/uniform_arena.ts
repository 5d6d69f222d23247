// The parameters of a recording's dispatches, in one uniform buffer with dynamic offsets. Writes and submits are
// ordered in the queue, so all recordings of a device share the buffer.

import type { GpuDevice } from "./gpu_device.ts";
import type { BoundBuffer } from "./kernel_cache.ts";

export class UniformArena {
  readonly #device: GpuDevice;
  #buffer: GPUBuffer | null = null;
  /** Negative, so that no pooled buffer has it. */
  #id = 0;

  constructor(device: GpuDevice) {
    this.#device = device;
  }

  write(words: Uint32Array<ArrayBuffer>): BoundBuffer {
    if (this.#buffer === null || this.#buffer.size < words.byteLength) {
      const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
      const size = Math.max(64 * 1024, 2 ** Math.ceil(Math.log2(Math.max(1, words.byteLength))));
      this.#buffer?.destroy();
      this.#buffer = this.#device.raw.createBuffer({ size, usage });
      this.#id -= 1;
    }
    if (words.length > 0) this.#device.raw.queue.writeBuffer(this.#buffer, 0, words);
    return { id: this.#id, raw: this.#buffer };
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = null;
  }
}
