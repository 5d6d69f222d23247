// The disk tier of a session: batches, and with them those of their dictionaries that are not there yet: each dictionary object
// is written once. What is written here is read by this process only, so a file has no header; see spill_files.ts. Batches that
// leave together lie in one file (spill_segments.ts).

import { dirname, join } from "node:path";
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
import { createSpillDirectory, removeSpillDirectory, type ThreadEnd } from "./spill_directory.ts";
import {
  allocateArray,
  NODE_FILES,
  type SpillFileSystem,
  type SpillRun,
  type SpillTools,
} from "./spill_files.ts";
import { SpillSegments } from "./spill_segments.ts";

/** Smaller buffers are read into arrays, as small results are. */
const LEAST_BLOCK = 4096;

/** A batch on disk; `release` ends it. */
export interface SpilledBatch {
  readonly skeleton: BatchSkeleton;
  readonly run: SpillRun;
  readonly dictionaries: readonly SpilledDictionary[];
}

export interface SpilledDictionary {
  readonly byteLength: number;
  /** The object that was written, or what was read in its place: as long as anybody has it, it is not read again. */
  live: WeakRef<Dictionary>;
  /** Null: it is a caller's, and `kept`. */
  readonly run: Promise<SpillRun> | null;
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
  { skeleton, run, dictionaries }: SpilledBatch,
  columns: readonly number[] | null,
): Generator<readonly [part: object, byteLength: number]> {
  const indexes = columns ?? skeleton.columns.keys();
  for (const index of indexes) {
    const { parts, dictionary } = slotsOf(at(skeleton.columns, index));
    for (const number of parts) {
      const part = at(run.parts, number);
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
  readonly #segments: SpillSegments;
  #nextFile = 1;
  readonly #end: ThreadEnd;
  /** Of growing files. */
  #bytes = 0;
  #fileCount = 0;

  /** `host`: has the blocks that batches are read back into, threads for checksums and files, and what outlives a worker. */
  constructor(
    base: string,
    files: SpillFileSystem = NODE_FILES,
    {
      host,
    }: {
      readonly host: Pick<Executor, "allocate" | "checksum" | "freeRange" | "removeAtEnd">;
    } = {
      host: {},
    },
  ) {
    this.#base = base;
    this.#end = host;
    const freeRange: Executor["freeRange"] = async (...range) =>
      (await host.freeRange?.(...range)) ?? false;
    this.#tools = { files, checksum: checksumOn(host), freeRange };
    this.#segments = new SpillSegments(this.#tools, (lost) => this.#newPath(lost));
    this.#allocate = (byteLength) =>
      (byteLength < LEAST_BLOCK ? null : host.allocate?.(byteLength)) ?? allocateArray(byteLength);
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes + this.#segments.bytes;
  }

  get fileCount(): number {
    return this.#fileCount + this.#segments.count;
  }

  /** In one file. @throws FileError with the system's error as its cause; then nothing of them is on disk. */
  async write(batches: readonly Batch[]): Promise<readonly SpilledBatch[]> {
    const group = new Group(this.#dictionaries);
    try {
      const runs = await this.#segments.append(group.runs(batches));
      const spilled = group.end(runs);
      // What others are writing may fail yet.
      for (const { dictionaries } of spilled) for (const entry of dictionaries) await entry.run;
      return spilled;
    } catch (error) {
      group.fail(error);
      for (const run of group.written) await this.#segments.remove(run);
      for (const entry of group.entered) await this.#leave(entry);
      throw error;
    }
  }

  /** @throws FileError where a file is not what was written. */
  async read({ skeleton, run, dictionaries }: SpilledBatch): Promise<Batch> {
    const parts = await this.#segments.read(run, this.#allocate);
    const read = [];
    for (const dictionary of dictionaries) read.push(await this.#read(dictionary));
    return assemble(skeleton, parts, read);
  }

  /** Removes the batch, and the dictionaries that only it needed. Never rejects. */
  async release({ run, dictionaries }: SpilledBatch): Promise<void> {
    await this.#segments.remove(run);
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
    await this.#segments.close();
    const directory = await this.#directory?.catch(() => null);
    this.#directory = null;
    if (directory != null) await removeSpillDirectory(directory, this.#end);
  }

  /** `lost`: in a directory that is gone. */
  async #newPath(lost?: string): Promise<string> {
    if (lost !== undefined) await this.#leaveDirectory(lost);
    this.#directory ??= createSpillDirectory(this.#base, this.#end);
    const creating = this.#directory;
    const directory = await creating.catch((error: unknown) => {
      // The next one tries anew.
      if (this.#directory === creating) this.#directory = null;
      throw error;
    });
    return join(directory, `${this.#nextFile++}`);
  }

  /** Somebody has removed the file's: the next one goes to a new one. */
  async #leaveDirectory(path: string): Promise<void> {
    const left = this.#directory;
    const directory = await left?.catch(() => null);
    if (directory == null || dirname(path) !== directory) return;
    if (this.#directory === left) this.#directory = null;
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
    const { run } = entry;
    assert(run !== null, "a dictionary is kept or on disk");
    const [offsets, bytes] = await this.#segments.read(await run, allocateArray);
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
    const run = await entry.run?.catch(() => null);
    if (run != null) await this.#segments.remove(run);
  }
}

/** A dictionary that goes to disk for the first time. */
interface NewDictionary {
  readonly buffers: readonly Span[];
  /** Which of the file's runs it is, once that is known. */
  place: number;
  readonly resolve: (run: SpillRun) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches on their way to one file, and the dictionaries that go with them. */
class Group {
  /** Dictionaries of its batches, as often as a batch has them. */
  readonly entered: SpilledDictionary[] = [];
  /** Runs of batches that are in the file. */
  written: readonly SpillRun[] = [];
  readonly #known: WeakMap<Dictionary, SpilledDictionary>;
  readonly #batches: { readonly place: number; readonly rest: Omit<SpilledBatch, "run"> }[] = [];
  readonly #new: NewDictionary[] = [];

  constructor(known: WeakMap<Dictionary, SpilledDictionary>) {
    this.#known = known;
  }

  /** What is to be written; each batch is looked at when its turn has come. */
  *runs(batches: readonly Batch[]): Generator<readonly Span[]> {
    let place = 0;
    for (const batch of batches) {
      const { skeleton, buffers, dictionaries } = dissect(batch);
      const before = this.#new.length;
      const entries = dictionaries.map((dictionary) => this.#enter(dictionary));
      this.#batches.push({ place: place++, rest: { skeleton, dictionaries: entries } });
      yield buffers;
      for (const own of this.#new.slice(before)) {
        own.place = place++;
        yield own.buffers;
      }
    }
  }

  /** They are in the file. */
  end(runs: readonly SpillRun[]): readonly SpilledBatch[] {
    for (const { place, resolve } of this.#new) resolve(at(runs, place));
    const spilled = this.#batches.map(({ place, rest }) => ({ ...rest, run: at(runs, place) }));
    this.written = spilled.map(({ run }) => run);
    return spilled;
  }

  fail(error: unknown): void {
    for (const { reject } of this.#new) reject(error);
  }

  #enter(dictionary: Dictionary): SpilledDictionary {
    const entry = this.#known.get(dictionary) ?? this.#add(dictionary);
    entry.users += 1;
    this.entered.push(entry);
    return entry;
  }

  #add(dictionary: Dictionary): SpilledDictionary {
    const { offsets, bytes } = dictionary;
    const isKept = isForeign(offsets) || isForeign(bytes);
    const entry: SpilledDictionary = {
      byteLength: offsets.byteLength + bytes.byteLength,
      live: new WeakRef(dictionary),
      run: isKept ? null : this.#write([offsets, bytes]),
      kept: isKept ? dictionary : null,
      users: 0,
      reading: null,
    };
    this.#known.set(dictionary, entry);
    return entry;
  }

  #write(buffers: readonly Span[]): Promise<SpillRun> {
    const run = new Promise<SpillRun>((resolve, reject) => {
      this.#new.push({ buffers, place: -1, resolve, reject });
    });
    // Whoever entered sees the error, and the last one to leave forgets the entry.
    run.catch(() => {});
    return run;
  }
}
