// Some columns of a partition that is held anyway. Nothing runs and nothing moves to make it: who reads it on an executor
// gets the columns of the copy that is there, or comes there. What comes to the host from a device, or from the disk where
// memory has no room for all columns, is a copy of its own: the other columns stay where they are.

import { assert, at, isDeviceError } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Executor, Resident } from "../device/index.ts";
import type { DType } from "../dtype/index.ts";
import { type BoundExpr, lowerProgram } from "../function/index.ts";
import { shareOfColumns } from "../physical/index.ts";
import { type Counted, HOST, memorySpace, type SessionMemory } from "./memory/index.ts";
import { downloaded, type Partition, StoredPartition, type Traffic } from "./partition.ts";

export class ChosenColumns implements Partition {
  readonly rowCount: number;
  readonly dtypes: readonly DType[];
  /** A prediction. */
  readonly byteLength: number;
  readonly pieces: readonly Partition[] = [];
  readonly #source: StoredPartition;
  readonly #columns: readonly number[];
  readonly #memory: SessionMemory | null;
  #readers = 1;
  #pins = 0;
  /** The copy of its own. */
  #below: StoredPartition | null = null;
  #coming: Promise<StoredPartition> | null = null;

  /** Releases the source once, with its own last reader. */
  constructor(source: StoredPartition, columns: readonly number[], memory: SessionMemory | null) {
    this.rowCount = source.rowCount;
    this.dtypes = columns.map((column) => at(source.dtypes, column));
    this.byteLength = Math.ceil(source.byteLength * shareOfColumns(source.dtypes, columns));
    this.#source = source;
    this.#columns = columns;
    this.#memory = memory;
  }

  get counted(): Counted {
    return this.#below ?? this;
  }

  get chosen(): Counted["chosen"] {
    return { from: this.#source, columns: this.#columns };
  }

  /** All columns come along. */
  get bytesOnDevice(): number {
    return this.#source.bytesOnDevice;
  }

  get holder(): Executor | null {
    return this.#source.holder ?? this.#below?.holder ?? null;
  }

  get isBelowDevices(): boolean {
    return this.#source.isBelowDevices || this.#below !== null;
  }

  isOn(executor: Executor): boolean {
    return this.#source.isOn(executor) || this.#below?.isOn(executor) === true;
  }

  pin(): void {
    this.#pins += 1;
    this.#source.pin();
    this.#below?.pin();
  }

  unpin(): void {
    this.#pins -= 1;
    this.#source.unpin();
    this.#below?.unpin();
  }

  async on(executor: Executor, host: Executor, traffic: Traffic): Promise<Resident> {
    const isShared = this.#coming === null && (this.#isOnHost || this.#mayComeWhole);
    if (memorySpace(executor) !== HOST || isShared) {
      return executor.choose(await this.#source.on(executor, host, traffic), this.#columns);
    }
    this.#coming ??= this.#comeAlone(host, traffic);
    return await (await this.#coming).on(executor, host, traffic);
  }

  async toBatch(host: Executor, traffic: Traffic): Promise<Batch> {
    this.pin();
    try {
      return await host.download(await this.on(host, host, traffic));
    } finally {
      this.unpin();
    }
  }

  async own(host: Executor): Promise<StoredPartition> {
    const below = this.#below?.retain(1) ?? null;
    if (below !== null) {
      await this.release();
      return below;
    }
    this.#source.pin();
    try {
      return await this.#copied(host);
    } finally {
      this.#source.unpin();
      await this.release();
    }
  }

  retain(readers: number): this {
    this.#readers += readers;
    return this;
  }

  async release(): Promise<void> {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    const below = await this.#coming?.catch(() => null);
    await below?.release();
    await this.#source.release();
  }

  drop(device: Executor): boolean {
    this.#source.drop(device);
    return this.holder !== null;
  }

  get #isOnHost(): boolean {
    return this.#source.isInHostMemory;
  }

  /** Back from the disk, for later queries as well. */
  get #mayComeWhole(): boolean {
    if (!this.#source.isBelowDevices) return false;
    return this.#memory === null || this.#memory.host.hasRoom(this.#source.byteLength);
  }

  async #copied(host: Executor): Promise<StoredPartition> {
    const { executor, resident } = await this.#atHome();
    const outputs = this.#columns.map(
      (index): BoundExpr => ({ kind: "column", index, dtype: at(resident.dtypes, index) }),
    );
    const program = lowerProgram(resident.dtypes, outputs, null);
    try {
      const kept = await executor.execute({ kind: "evaluate", program }, [resident]);
      return new StoredPartition(executor, kept, 1, this.#memory);
    } catch (error) {
      if (memorySpace(executor) === HOST || !isDeviceError(error)) throw error;
      const arrived = await this.#comeDown(host, { uploaded: 0, downloaded: 0 });
      return new StoredPartition(host, arrived, 1, this.#memory);
    }
  }

  /** The source where it is. */
  async #atHome(): Promise<{ readonly executor: Executor; readonly resident: Resident }> {
    const executor = this.#source.holder;
    assert(executor !== null, "a partition is read before it is released");
    const traffic = { uploaded: 0, downloaded: 0 };
    return { executor, resident: await this.#source.on(executor, executor, traffic) };
  }

  async #comeDown(host: Executor, traffic: Traffic): Promise<Resident> {
    const { executor, resident } = await this.#atHome();
    const batch = await downloaded(executor, executor.choose(resident, this.#columns));
    const arrived = await host.upload(batch);
    traffic.downloaded += arrived.byteLength;
    return arrived;
  }

  /** The other columns are let go of again. */
  async #readBack(host: Executor): Promise<Resident> {
    const whole = await this.#source.readBack(host);
    const { batch } = host.choose(whole, this.#columns);
    assert(batch !== undefined, "what is on the host is a batch");
    const chosen = await host.upload(batch);
    host.release(whole);
    return chosen;
  }

  async #comeAlone(host: Executor, traffic: Traffic): Promise<StoredPartition> {
    const source = this.#source;
    source.pin();
    try {
      const arrived = source.isBelowDevices
        ? await this.#readBack(host)
        : await this.#comeDown(host, traffic);
      const below = new StoredPartition(host, arrived, 1, this.#memory);
      for (let pin = 0; pin < this.#pins; pin++) below.pin();
      this.#below = below;
      return below;
    } catch (error) {
      // The next reader tries anew.
      this.#coming = null;
      throw error;
    } finally {
      source.unpin();
    }
  }
}
