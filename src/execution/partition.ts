// A partition and where it lives. All host executors share one memory space; every GPU is one of its own. A partition
// that a second device needs is copied there once, through the host, and all copies go when its last reader is done.

import { assert, DeviceLostError } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Executor, Resident } from "../device/index.ts";

/** Counts bytes that cross between the host and a device. */
export interface Traffic {
  uploaded: number;
  downloaded: number;
}

export function memorySpace(executor: Executor): string {
  return executor.descriptor.kind === "gpu" ? executor.descriptor.id : "host";
}

/** The device that held the only copy of a task's input is gone: the task is not at fault, its input is made again. */
export class CopyLostError extends DeviceLostError {
  readonly device: string;

  constructor(device: string, cause: DeviceLostError) {
    super(cause.summary, { cause });
    this.device = device;
  }
}

export class Partition {
  readonly rowCount: number;
  readonly byteLength: number;
  #readers: number;
  readonly #copies = new Map<string, { executor: Executor; resident: Promise<Resident> }>();

  constructor(executor: Executor, resident: Resident, readers: number) {
    this.rowCount = resident.rowCount;
    this.byteLength = resident.byteLength;
    this.#readers = readers;
    this.#copies.set(memorySpace(executor), { executor, resident: Promise.resolve(resident) });
  }

  /** An executor that holds it; null once it is lost or released. */
  get holder(): Executor | null {
    const [copy] = this.#copies.values();
    return copy?.executor ?? null;
  }

  /** Is there a copy in the executor's memory already? */
  isOn(executor: Executor): boolean {
    return this.#copies.has(memorySpace(executor));
  }

  /** The partition in the executor's memory, copied there if need be. */
  on(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident> {
    const space = memorySpace(executor);
    const known = this.#copies.get(space);
    if (known !== undefined) return known.resident;
    const resident =
      space === "host" ? this.#download(executor, traffic) : this.#upload(executor, host, traffic);
    this.#copies.set(space, { executor, resident });
    // A copy that failed is not there: the next reader, or the retry on another device, tries anew.
    resident.catch(() => this.#copies.delete(space));
    return resident;
  }

  async toBatch(host: Executor, traffic: Traffic): Promise<Batch> {
    return host.download(await this.on(host, host, traffic));
  }

  /** Adds readers, each of which will release it. */
  retain(readers: number): this {
    this.#readers += readers;
    return this;
  }

  /** One reader is done. The last one frees every copy. */
  async release(): Promise<void> {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    const copies = [...this.#copies.values()];
    this.#copies.clear();
    for (const { executor, resident } of copies) {
      // Whoever waited for a failed copy has its error; here there is nothing to free.
      const held = await resident.catch(() => null);
      if (held !== null) executor.release(held);
    }
  }

  /** The device is gone and its copy with it. False when that was the last one. */
  drop(executor: Executor): boolean {
    this.#copies.delete(memorySpace(executor));
    return this.#copies.size > 0;
  }

  async #download(host: Executor, traffic: Traffic): Promise<Resident> {
    const [copy] = this.#copies.values();
    assert(copy !== undefined, "a partition is read before it is released");
    const batch = await copy.executor.download(await copy.resident).catch((error: unknown) => {
      if (!(error instanceof DeviceLostError)) throw error;
      throw new CopyLostError(copy.executor.descriptor.id, error);
    });
    const resident = await host.upload(batch);
    traffic.downloaded += resident.byteLength;
    return resident;
  }

  async #upload(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident> {
    const batch = await this.toBatch(host, traffic);
    const resident = await executor.upload(batch);
    traffic.uploaded += resident.byteLength;
    return resident;
  }
}
