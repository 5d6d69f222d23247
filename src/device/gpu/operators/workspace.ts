// The buffers of one running operator. A buffer that a recorded step no longer needs is recycled *inside* the operator:
// back in the pool, another operator could be handed it and submit first. At the end everything that was not kept goes
// back to the pool.

import type { BufferPool, DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, residentOf } from "../resident.ts";

export class Workspace {
  readonly context: GpuContext;
  readonly #pool: BufferPool;
  readonly #owned = new Set<DeviceBuffer>();
  readonly #idle: DeviceBuffer[] = [];
  readonly #tables: DeviceBuffer[] = [];

  constructor(context: GpuContext) {
    this.context = context;
    this.#pool = context.pool;
  }

  /** A buffer with unspecified content. */
  acquire(byteLength: number): DeviceBuffer {
    const index = this.#idle.findIndex(({ byteLength: idle }) => idle === Math.max(4, byteLength));
    const [reused] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (reused) return reused;
    const buffer = this.#pool.acquire(byteLength);
    this.#owned.add(buffer);
    return buffer;
  }

  /** A zeroed buffer. */
  zeroed(recording: Recording, byteLength: number): DeviceBuffer {
    const buffer = this.acquire(byteLength);
    recording.clear(buffer);
    return buffer;
  }

  constant(recording: Recording, data: Uint32Array): DeviceBuffer {
    const buffer = this.acquire(data.byteLength);
    recording.write(buffer, 0, data);
    return buffer;
  }

  /** A table that other operations share (table_cache.ts): not to be written, nor recycled. */
  table(key: object, part: string, make: () => ArrayBufferView): DeviceBuffer {
    const buffer = this.context.tables.take(key, part, make);
    this.#tables.push(buffer);
    return buffer;
  }

  /** The commands recorded so far are the last that need the buffer. */
  recycle(buffer: DeviceBuffer): void {
    if (this.#owned.has(buffer)) this.#idle.push(buffer);
  }

  /**
   * The operator's result, after its last submit: the buffers of these columns now belong to the caller. A buffer that
   * the workspace does not own is an input's, and gets another owner; so does one that two columns share.
   */
  result(rowCount: number, columns: readonly GpuColumn[]): GpuResident {
    for (const { values, validity } of columns) {
      for (const buffer of validity ? [values, validity] : [values]) {
        if (!this.#owned.delete(buffer)) this.#pool.retain(buffer);
      }
    }
    return residentOf(rowCount, columns);
  }

  close(): void {
    for (const buffer of [...this.#owned, ...this.#tables]) this.#pool.release(buffer);
    this.#owned.clear();
    this.#tables.length = 0;
  }
}

/** Runs `steps` with a workspace that is closed whatever happens. */
export async function withWorkspace<T>(
  context: GpuContext,
  steps: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = new Workspace(context);
  try {
    return await steps(workspace);
  } finally {
    workspace.close();
  }
}
