// Compressed files of a query, decompressed once, step by step, as far as somebody asks: a small one into memory, a larger
// one into a file in the spill directory, which is read in parts as any CSV is.

import { assert, at, throwIfAborted } from "../base/index.ts";
import {
  type CsvContent,
  type CsvContents,
  type CsvFile,
  type CsvRange,
  type CsvSource,
  type UnpackedChunk,
  unpackedContent,
} from "../io/index.ts";
import type { GrowingFile, SpillStore } from "./memory/index.ts";

/** Of one file: writing less to a file is not worth it. */
const MOST_IN_MEMORY = 4 * 2 ** 20;
/** Of all files of a query, and of the host's budget. */
const MOST_OF_ALL = 32 * 2 ** 20;
const SHARE_OF_BUDGET = 1 / 32;

/** Room for small files in memory, and the files of all others. */
export class UnpackingPlace {
  readonly #store: SpillStore;
  #room: number;

  constructor(store: SpillStore, budget: number) {
    this.#store = store;
    this.#room = Math.min(MOST_OF_ALL, SHARE_OF_BUDGET * budget);
  }

  /** So many more bytes in memory, of a file that has some there? */
  takes(bytes: number, there: number): boolean {
    if (there + bytes > MOST_IN_MEMORY || bytes > this.#room) return false;
    this.#room -= bytes;
    return true;
  }

  gives(bytes: number): void {
    this.#room += bytes;
  }

  async create(): Promise<GrowingFile> {
    return await this.#store.create();
  }

  async discard(file: GrowingFile): Promise<void> {
    await this.#store.discard(file);
  }
}

class UnpackedFile {
  readonly #place: UnpackingPlace;
  readonly #steps: AsyncGenerator<UnpackedChunk, void, undefined>;
  readonly #packedLength: number;
  #packedBytes = 0;
  #isWhole = false;
  /** Until there is a file; joined once all of it is there. */
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #file: GrowingFile | null = null;
  #stepping: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(file: CsvFile, place: UnpackingPlace) {
    this.#place = place;
    this.#steps = unpackedContent(file);
    this.#packedLength = file.byteLength;
  }

  async upTo(packedBytes: number, signal: AbortSignal | undefined): Promise<void> {
    // In memory there is all of it or nothing yet.
    while (!this.#isWhole && (this.#file === null || this.#packedBytes < packedBytes)) {
      throwIfAborted(signal);
      if (this.#failure !== null) throw this.#failure.error;
      this.#stepping ??= this.#step();
      await this.#stepping;
    }
  }

  /** What there is, for a reader of bytes [begin, end), or for one that only looks. */
  content(begin = 0, end = 0): CsvContent {
    if (this.#file !== null) {
      const { path, byteLength } = this.#file;
      const checks = begin < end ? this.#file.checks(begin, end) : null;
      return { path, bytes: null, byteLength, checks };
    }
    const [bytes, ...more] = this.#chunks;
    assert(bytes !== undefined && more.length === 0, "what is whole in memory is joined");
    return { path: null, bytes, byteLength: bytes.length };
  }

  positionOf(packedBytes: number): number {
    if (this.#file !== null) return this.#file.byteLength;
    return Math.floor(this.#chunkBytes * Math.min(1, packedBytes / this.#packedLength));
  }

  async close(): Promise<void> {
    this.#failure ??= { error: new Error("the query has ended") };
    await this.#stepping;
    await this.#steps.return();
    this.#place.gives(this.#chunkBytes);
    if (this.#file !== null) await this.#place.discard(this.#file);
  }

  /** Never rejects. */
  async #step(): Promise<void> {
    try {
      const step = await this.#steps.next();
      if (step.done === true) await this.#end();
      else await this.#add(step.value);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#stepping = null;
    }
  }

  async #add({ bytes, packedBytes }: UnpackedChunk): Promise<void> {
    if (this.#file === null && this.#place.takes(bytes.length, this.#chunkBytes)) {
      this.#chunks.push(bytes);
      this.#chunkBytes += bytes.length;
    } else {
      await this.#append(bytes);
    }
    this.#packedBytes = packedBytes;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#file ??= await this.#place.create();
    for (const chunk of this.#chunks.splice(0)) await this.#file.append(chunk);
    this.#place.gives(this.#chunkBytes);
    this.#chunkBytes = 0;
    await this.#file.append(bytes);
  }

  async #end(): Promise<void> {
    if (this.#file === null) this.#chunks = [Buffer.concat(this.#chunks)];
    else await this.#file.end();
    this.#isWhole = true;
  }
}

/** Of one source. */
export class UnpackedCsv implements CsvContents {
  readonly #source: CsvSource;
  readonly #place: UnpackingPlace;
  readonly #files = new Map<number, UnpackedFile>();
  #isClosed = false;

  constructor(source: CsvSource, place: UnpackingPlace) {
    this.#source = source;
    this.#place = place;
  }

  async upTo(file: number, packedBytes: number, signal?: AbortSignal): Promise<CsvContent> {
    const unpacked = this.#fileOf(file);
    await unpacked.upTo(packedBytes, signal);
    return unpacked.content();
  }

  positionOf(file: number, packedBytes: number): number {
    return this.#fileOf(file).positionOf(packedBytes);
  }

  /** What a reader of the ranges needs. */
  async of(
    ranges: readonly CsvRange[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<number, CsvContent>> {
    const contents = new Map<number, CsvContent>();
    for (const { file, begin, end } of ranges) {
      if (at(this.#source.files, file).compression === "none") continue;
      // What is cut is there; only the last range of a file may need more of it.
      const isToTheEnd = end === Number.MAX_SAFE_INTEGER;
      await this.upTo(file, isToTheEnd ? Number.POSITIVE_INFINITY : 0, signal);
      contents.set(file, this.#fileOf(file).content(begin, end));
    }
    return contents;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const file of this.#files.values()) await file.close();
  }

  #fileOf(index: number): UnpackedFile {
    const known = this.#files.get(index);
    if (known !== undefined) return known;
    assert(!this.#isClosed, "a query that has ended reads no more");
    const file = new UnpackedFile(at(this.#source.files, index), this.#place);
    this.#files.set(index, file);
    return file;
  }
}
