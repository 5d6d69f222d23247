// Handles of the disk tier's files. Those for reading stay open while others want them less; where the process may not open
// any more (EMFILE), those that nobody reads close, and who finds none waits for a read to end.

import {
  isOutOfHandles,
  type SpillFile,
  type SpillFileSystem,
  type SpillHandle,
} from "./spill_files.ts";

/** Handles for reading that stay open. */
const MOST_READERS = 128;

interface Reader {
  readonly handle: Promise<SpillHandle>;
  /** Reads that are under way, or wait for the handle. None: it is idle. */
  users: number;
}

export class SpillHandles {
  readonly #files: SpillFileSystem;
  /** Least recently used first. */
  readonly #readers = new Map<SpillFile, Reader>();
  /** Handles that are open for reading, or on their way. */
  #held = 0;
  /** Who waits for one of them to be idle, or not to come. */
  readonly #waiting = new Set<() => void>();

  constructor(files: SpillFileSystem) {
    this.#files = files;
  }

  async create(path: string): Promise<SpillHandle> {
    return await this.#withRoom(() => this.#files.open(path, "wx", 0o600));
  }

  /** `read` is given what opens the file, and is done with it when it ends. */
  async reading<T>(
    file: SpillFile,
    read: (opened: () => Promise<SpillHandle>) => Promise<T>,
  ): Promise<T> {
    const reader = this.#readerOf(file);
    reader.users += 1;
    try {
      return await read(() => reader.handle);
    } finally {
      reader.users -= 1;
      // Somebody has taken its place meanwhile, or the file is gone.
      if (reader.users === 0 && this.#readers.get(file) !== reader) await this.#close(reader);
      this.#tell();
    }
  }

  async close(file: SpillFile): Promise<void> {
    const reader = this.#readers.get(file);
    this.#readers.delete(file);
    if (reader?.users === 0) await this.#close(reader);
  }

  async closeAll(): Promise<void> {
    for (const file of Array.from(this.#readers.keys())) await this.close(file);
  }

  #readerOf(file: SpillFile): Reader {
    const known = this.#readers.get(file);
    const reader = known ?? { handle: this.#open(file.path), users: 0 };
    this.#readers.delete(file);
    this.#readers.set(file, reader);
    if (known !== undefined) return known;
    // The next one tries anew; whoever reads sees the error.
    reader.handle.catch(() => {
      if (this.#readers.get(file) === reader) this.#readers.delete(file);
    });
    const [oldest] = this.#readers.keys();
    if (oldest !== undefined && this.#readers.size > MOST_READERS) void this.close(oldest);
    return reader;
  }

  async #open(path: string): Promise<SpillHandle> {
    return await this.#withRoom(async () => {
      this.#held += 1;
      try {
        return await this.#files.open(path, "r");
      } catch (error) {
        this.#held -= 1;
        // Those that wait for a read to end are told then; now only if there is none.
        if (this.#held === 0) this.#tell();
        throw error;
      }
    });
  }

  async #close({ handle }: Reader): Promise<void> {
    const isOpen = await handle.then(
      () => true,
      () => false,
    );
    if (!isOpen) return;
    await closed(handle);
    this.#held -= 1;
    this.#tell();
  }

  /** @throws what `open` does: that there are no handles only where none can be closed or waited for. */
  async #withRoom(open: () => Promise<SpillHandle>): Promise<SpillHandle> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!isOutOfHandles(error) || !(await this.#makeRoom())) throw error;
      }
    }
  }

  /** False: no handle is or comes free. */
  async #makeRoom(): Promise<boolean> {
    const idle = [...this.#readers].find(([, { users }]) => users === 0);
    if (idle !== undefined) await this.close(idle[0]);
    else if (this.#held === 0) return false;
    else await new Promise<void>((resolve) => this.#waiting.add(resolve));
    return true;
  }

  #tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }
}

/** Never rejects: what was written is checked when it is read. */
export async function closed(handle: SpillHandle | Promise<SpillHandle>): Promise<void> {
  await Promise.resolve(handle)
    .then(async (open) => await open.close())
    .catch(() => {});
}
