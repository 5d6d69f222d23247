// A file in the spill directory that is written from its beginning to its end, and read while it grows. Whoever reads a
// part of it is told the checksums of the blocks that the part lies in:
//
//   block        0            | 1            | 2
//   bytes        ............ | ............ | ......|      the last one's is of what there is of it
//   a part                 [~~|~~~~]

import { type SpillHandle, type SpillTools, unwritable, writeAll } from "./spill_files.ts";

const BLOCK_BYTES = 2 ** 20;

export interface BlockChecks {
  /** Where the first block begins. */
  readonly begin: number;
  readonly blockBytes: number;
  readonly crcs: Uint32Array;
}

/** What a growing file needs of its store. */
export interface GrowingPlace extends SpillTools {
  readonly onGrowth: (bytes: number) => void;
}

export class GrowingFile {
  readonly path: string;
  readonly #place: GrowingPlace;
  readonly #handle: SpillHandle;
  readonly #crcs: number[] = [];
  #byteLength = 0;

  private constructor(place: GrowingPlace, path: string, handle: SpillHandle) {
    this.#place = place;
    this.path = path;
    this.#handle = handle;
  }

  /** @throws FileError with the cause. */
  static async create(place: GrowingPlace, path: string): Promise<GrowingFile> {
    try {
      return new GrowingFile(place, path, await place.files.open(path, "wx", 0o600));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** So much can be read. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Of the blocks that bytes [begin, end) lie in, as the file is now. */
  checks(begin: number, end: number): BlockChecks {
    const first = Math.floor(begin / BLOCK_BYTES);
    const last = Math.ceil(Math.min(end, this.#byteLength) / BLOCK_BYTES);
    const crcs = Uint32Array.from(this.#crcs.slice(first, last));
    return { begin: first * BLOCK_BYTES, blockBytes: BLOCK_BYTES, crcs };
  }

  /** One call at a time. @throws FileError with the cause. */
  async append(bytes: Uint8Array): Promise<void> {
    const sums = await this.#checked(bytes);
    try {
      await writeAll(this.#handle, bytes);
    } catch (error) {
      throw unwritable(this.path, error);
    }
    for (const { block, crc } of sums) this.#crcs[block] = crc;
    this.#byteLength += bytes.length;
    this.#place.onGrowth(bytes.length);
  }

  /** It is whole. @throws FileError with the cause. */
  async end(): Promise<void> {
    try {
      await this.#handle.close();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** Whoever has it open reads on. Never rejects: what is left goes with the directory. */
  async remove(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await this.#place.files.unlink(this.path).catch(() => {});
  }

  /** The checksums that blocks have with the bytes at the end. */
  async #checked(bytes: Uint8Array): Promise<{ block: number; crc: number }[]> {
    const sums: { block: number; crc: number }[] = [];
    for (let start = 0; start < bytes.length; ) {
      const at = this.#byteLength + start;
      const block = Math.floor(at / BLOCK_BYTES);
      const stop = start + (block + 1) * BLOCK_BYTES - at;
      const before = start === 0 ? (this.#crcs[block] ?? 0) : 0;
      sums.push({ block, crc: await this.#place.checksum(bytes.subarray(start, stop), before) });
      start = stop;
    }
    return sums;
  }
}
