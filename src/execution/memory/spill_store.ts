// The disk tier of a session: batches in files of their own, dictionaries in others, written once for each dictionary
// object. What is written here is read by this process only, so a file has no header; see spill_files.ts.

import { join } from "node:path";
import { assert, at } from "../../base/index.ts";
import { type Batch, Dictionary, memoryOf, type Span } from "../../column/index.ts";
import type { Executor } from "../../device/index.ts";
import {
  assemble,
  type BatchSkeleton,
  dissect,
  type SpillPart,
  slotsOf,
} from "./batch_skeleton.ts";
import { isForeign } from "./buffer_ledger.ts";
import { checksumOn } from "./checksum.ts";
import { GrowingFile } from "./growing_file.ts";
import { createSpillDirectory, removeSpillDirectory } from "./spill_directory.ts";
import {
  allocateArray,
  NODE_FILES,
  readSpillFile,
  type SpillFile,
  type SpillFileSystem,
  type SpillTools,
  writeSpillFile,
} from "./spill_files.ts";

/** Smaller buffers are read into arrays, as small results are. */
const LEAST_BLOCK = 4096;

/** A batch on disk; `release` ends it. */
export interface SpilledBatch {
  readonly skeleton: BatchSkeleton;
  readonly file: SpillFile;
  readonly dictionaries: readonly SpilledDictionary[];
}

export interface SpilledDictionary {
  readonly byteLength: number;
  /** The object that was written, or what was read in its place: as long as anybody has it, it is not read again. */
  live: WeakRef<Dictionary>;
  /** Null: it is a caller's, and `kept`. */
  readonly file: Promise<SpillFile> | null;
  readonly kept: Dictionary | null;
  /** Batches on disk, or on their way there, that need it. */
  users: number;
  reading: Promise<Dictionary> | null;
}

/**
 * What the batch, or some columns of it, would take in host memory, part by part: what several batches share, such as a
 * dictionary, is the same part of each. What callers own is none.
 */
export function* absentParts(
  { skeleton, file, dictionaries }: SpilledBatch,
  columns: readonly number[] | null,
): Generator<readonly [part: object, byteLength: number]> {
  const indexes = columns ?? skeleton.columns.keys();
  for (const index of indexes) {
    const { parts, dictionary } = slotsOf(at(skeleton.columns, index));
    for (const number of parts) {
      const part = at(file.parts, number);
      yield [part, part.byteLength];
    }
    if (dictionary !== null) yield* dictionaryParts(at(dictionaries, dictionary));
  }
}

function* dictionaryParts(
  entry: SpilledDictionary,
): Generator<readonly [part: object, byteLength: number]> {
  if (entry.kept !== null) return;
  const live = entry.live.deref();
  if (live === undefined) yield [entry, entry.byteLength];
  // Whoever has it in memory is counted for these buffers.
  else {
    for (const memory of [live.offsets, live.bytes].map(memoryOf))
      yield [memory, memory.byteLength];
  }
}

export class SpillStore {
  readonly #base: string;
  readonly #tools: SpillTools;
  readonly #allocate: (byteLength: number) => SpillPart;
  #directory: Promise<string> | null = null;
  readonly #dictionaries = new WeakMap<Dictionary, SpilledDictionary>();
  #nextFile = 1;
  #bytes = 0;
  #fileCount = 0;

  /** `host`: has the blocks that batches are read back into, and threads for checksums. */
  constructor(
    base: string,
    files: SpillFileSystem = NODE_FILES,
    { host }: { readonly host: Pick<Executor, "allocate" | "checksum"> } = { host: {} },
  ) {
    this.#base = base;
    this.#tools = { files, checksum: checksumOn(host) };
    this.#allocate = (byteLength) =>
      (byteLength < LEAST_BLOCK ? null : host.allocate?.(byteLength)) ?? allocateArray(byteLength);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get fileCount(): number {
    return this.#fileCount;
  }

  /** @throws FileError with the system's error as its cause; then nothing of it is on disk. */
  async write(batch: Batch): Promise<SpilledBatch> {
    const { skeleton, buffers, dictionaries } = dissect(batch);
    const spilled = dictionaries.map((dictionary) => this.#enter(dictionary));
    try {
      for (const { file } of spilled) await file;
      return { skeleton, file: await this.#write(buffers), dictionaries: spilled };
    } catch (error) {
      for (const entry of spilled) await this.#leave(entry);
      throw error;
    }
  }

  /** @throws FileError where a file is not what was written. */
  async read({ skeleton, file, dictionaries }: SpilledBatch): Promise<Batch> {
    const parts = await readSpillFile(this.#tools, file, this.#allocate);
    const read = [];
    for (const dictionary of dictionaries) read.push(await this.#read(dictionary));
    return assemble(skeleton, parts, read);
  }

  /** Removes the batch, and the dictionaries that only it needed. Never rejects. */
  async release({ file, dictionaries }: SpilledBatch): Promise<void> {
    await this.#remove(file);
    for (const dictionary of dictionaries) await this.#leave(dictionary);
  }

  /** A file that grows until `discard` ends it. @throws FileError */
  async create(): Promise<GrowingFile> {
    const onGrowth = (bytes: number) => {
      this.#bytes += bytes;
    };
    const place = { ...this.#tools, onGrowth };
    const file = await GrowingFile.create(place, await this.#newPath());
    this.#fileCount += 1;
    return file;
  }

  /** Never rejects. */
  async discard(file: GrowingFile): Promise<void> {
    this.#bytes -= file.byteLength;
    this.#fileCount -= 1;
    await file.remove();
  }

  async close(): Promise<void> {
    const directory = await this.#directory?.catch(() => null);
    this.#directory = null;
    if (directory != null) await removeSpillDirectory(directory);
  }

  async #newPath(): Promise<string> {
    this.#directory ??= createSpillDirectory(this.#base);
    const creating = this.#directory;
    const directory = await creating.catch((error: unknown) => {
      // The next one tries anew.
      if (this.#directory === creating) this.#directory = null;
      throw error;
    });
    return join(directory, `${this.#nextFile++}`);
  }

  async #write(buffers: readonly Span[]): Promise<SpillFile> {
    const file = await writeSpillFile(this.#tools, await this.#newPath(), buffers);
    this.#bytes += file.byteLength;
    this.#fileCount += 1;
    return file;
  }

  async #remove(file: SpillFile): Promise<void> {
    this.#bytes -= file.byteLength;
    this.#fileCount -= 1;
    // Whoever closes the session removes what could not be removed here.
    await this.#tools.files.unlink(file.path).catch(() => {});
  }

  #enter(dictionary: Dictionary): SpilledDictionary {
    const entry = this.#dictionaries.get(dictionary) ?? this.#writeDictionary(dictionary);
    entry.users += 1;
    return entry;
  }

  #writeDictionary(dictionary: Dictionary): SpilledDictionary {
    const { offsets, bytes } = dictionary;
    const isKept = isForeign(offsets) || isForeign(bytes);
    const entry: SpilledDictionary = {
      byteLength: offsets.byteLength + bytes.byteLength,
      live: new WeakRef(dictionary),
      file: isKept ? null : this.#write([offsets, bytes]),
      kept: isKept ? dictionary : null,
      users: 0,
      reading: null,
    };
    // Whoever entered sees the error, and the last one to leave forgets the entry.
    entry.file?.catch(() => {});
    this.#dictionaries.set(dictionary, entry);
    return entry;
  }

  async #read(entry: SpilledDictionary): Promise<Dictionary> {
    const there = entry.kept ?? entry.live.deref();
    if (there !== undefined) return there;
    entry.reading ??= this.#readDictionary(entry).finally(() => {
      entry.reading = null;
    });
    return await entry.reading;
  }

  async #readDictionary(entry: SpilledDictionary): Promise<Dictionary> {
    const { file } = entry;
    assert(file !== null, "a dictionary is kept or on disk");
    const [offsets, bytes] = await readSpillFile(this.#tools, await file, allocateArray);
    assert(offsets !== undefined && bytes !== undefined, "a dictionary has two parts");
    const dictionary = new Dictionary(new Int32Array(offsets.buffer), bytes);
    entry.live = new WeakRef(dictionary);
    this.#dictionaries.set(dictionary, entry);
    return dictionary;
  }

  async #leave(entry: SpilledDictionary): Promise<void> {
    entry.users -= 1;
    if (entry.users > 0) return;
    const dictionary = entry.kept ?? entry.live.deref();
    if (dictionary !== undefined) this.#dictionaries.delete(dictionary);
    const file = await entry.file?.catch(() => null);
    if (file != null) await this.#remove(file);
  }
}
