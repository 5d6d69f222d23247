// A partition and where it lives. All host executors share one memory space; every GPU is one of its own. A partition
// that a second device needs is copied there once, through the host, and all copies go when its last reader is done.

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

export class Partition {
  readonly rowCount: number;
  #readers: number;
  readonly #copies = new Map<string, { executor: Executor; resident: Promise<Resident> }>();

  constructor(executor: Executor, resident: Resident, readers: number) {
    this.rowCount = resident.rowCount;
    this.#readers = readers;
    this.#copies.set(memorySpace(executor), { executor, resident: Promise.resolve(resident) });
  }

  get byteLength(): Promise<number> {
    const [copy] = this.#copies.values();
    return copy === undefined ? Promise.resolve(0) : copy.resident.then((r) => r.byteLength);
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

  async #download(host: Executor, traffic: Traffic): Promise<Resident> {
    const [copy] = this.#copies.values();
    if (copy === undefined) throw new Error("invariant violated: a released partition is read");
    const batch = await copy.executor.download(await copy.resident);
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
