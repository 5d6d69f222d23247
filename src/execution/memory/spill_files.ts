// What files of the disk tier are made of: runs of buffers, one after the other, each run with its CRC-32. What the buffers mean
// stays in memory, so there is no header that could be misread: a file is its buffers and nothing else, and every byte is checked.
//
//   run          0               | 1        | 2
//   buffers      [~~~~][~][~~~~~~][~~][~~~~~][~~~][~~~~~~~]
//   written      a megabyte at a time, whatever it cuts; each run is read by itself

import { statSync } from "node:fs";
import { type FileHandle, open, truncate, unlink } from "node:fs/promises";
import { at, DataFrameError, FileError } from "../../base/index.ts";
import { Block, BlockView, type Span } from "../../column/index.ts";
import type { Executor } from "../../device/index.ts";
import type { SpillPart } from "./batch_skeleton.ts";
import type { Checksum } from "./checksum.ts";

/** Written or read at once. */
const CHUNK_BYTES = 1 << 20;

/** What the disk tier needs of a file system; tests put one in that fails. */
export interface SpillFileSystem {
  open(path: string, flags: "wx" | "r", mode?: number): Promise<SpillHandle>;
  truncate(path: string, byteLength: number): Promise<void>;
  unlink(path: string): Promise<void>;
  /** At once: what a file is does not wait for its disk, and is asked for each piece. */
  statSync(path: string): { readonly size: number };
}

export type SpillHandle = Pick<FileHandle, "close"> & {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  read(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
};

export const NODE_FILES: SpillFileSystem = { open, truncate, unlink, statSync };

/** What files are written and read with. */
export interface SpillTools {
  readonly files: SpillFileSystem;
  readonly checksum: Checksum;
  readonly freeRange?: Executor["freeRange"];
}

export interface SpillFile {
  readonly path: string;
  /** Of the runs that are written. */
  byteLength: number;
  /** Runs of it that somebody still has. */
  users: number;
  /** Something is being appended, or could not be, and could not be cut off. */
  mayBeLonger: boolean;
}

/** Buffers that lie one after the other in a file, and are read together. */
export interface SpillRun {
  readonly file: SpillFile;
  readonly begin: number;
  readonly byteLength: number;
  readonly crc: number;
  /** One a buffer, in order. */
  readonly parts: readonly { readonly byteLength: number }[];
}

/** Where a run stands in a file, and what it must be. */
export type WrittenRun = Omit<SpillRun, "file">;

/** Writes the runs, each of which is asked for when those before it have been written or nearly so, at `begin` of the file. */
export async function writeRuns(
  open: Open,
  begin: number,
  runs: Iterable<readonly Span[]>,
): Promise<readonly WrittenRun[]> {
  return await withChunk((a) => withChunk((b) => new RunWriter(open, [a, b]).write(begin, runs)));
}

export interface Open extends Pick<SpillTools, "checksum"> {
  readonly handle: SpillHandle;
}

/** Fills one chunk while the other is on its way to the file. */
class RunWriter {
  readonly #open: Open;
  #chunk: Uint8Array;
  #other: Uint8Array;
  #filled = 0;
  /** Of the chunk, what the run's checksum covers already. */
  #checked = 0;
  #crc = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(open: Open, [chunk, other]: readonly [Uint8Array, Uint8Array]) {
    this.#open = open;
    this.#chunk = chunk;
    this.#other = other;
  }

  async write(first: number, runs: Iterable<readonly Span[]>): Promise<readonly WrittenRun[]> {
    const written: WrittenRun[] = [];
    let begin = first;
    try {
      for (const buffers of runs) {
        this.#crc = 0;
        for (const buffer of buffers) await this.#add(buffer);
        await this.#check();
        const parts = buffers.map(({ byteLength }) => ({ byteLength }));
        const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
        written.push({ begin, byteLength, crc: this.#crc, parts });
        begin += byteLength;
      }
      await this.#flush();
    } finally {
      // The chunks are somebody else's from now on.
      await this.#writing;
    }
    return written;
  }

  /** Copying takes a tenth of a millisecond a chunk, and nobody else owns a block then. */
  async #add(span: Span): Promise<void> {
    const { byteLength } = span;
    for (let start = 0; start < byteLength; ) {
      const length = Math.min(CHUNK_BYTES - this.#filled, byteLength - start);
      const into = this.#chunk.subarray(this.#filled, this.#filled + length);
      if (span instanceof BlockView) span.block.read(span.byteOffset + start, into);
      else into.set(new Uint8Array(span.buffer, span.byteOffset + start, length));
      this.#filled += length;
      start += length;
      if (this.#filled < CHUNK_BYTES) continue;
      await this.#check();
      await this.#flush();
    }
  }

  async #check(): Promise<void> {
    const bytes = this.#chunk.subarray(this.#checked, this.#filled);
    this.#checked = this.#filled;
    if (bytes.length > 0) this.#crc = await this.#open.checksum(bytes, this.#crc);
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const full = this.#chunk.subarray(0, this.#filled);
    [this.#chunk, this.#other] = [this.#other, this.#chunk];
    [this.#filled, this.#checked] = [0, 0];
    this.#writing = writeAll(this.#open.handle, full);
    // Whoever waits for it next sees the error.
    this.#writing.catch(() => {});
  }
}

const OUT_OF_HANDLES =
  "Let the process open more files (`ulimit -n`), or close some of those it has open.";

/** May the process, or the system, open no more files? */
export function isOutOfHandles(error: unknown): boolean {
  const code = codeOf(error);
  return code === "EMFILE" || code === "ENFILE";
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

export function unwritable(path: string, cause: unknown): FileError {
  const code = codeOf(cause);
  return new FileError(`cannot write ${path}${code === undefined ? "" : `: ${code}`}`, {
    path,
    cause,
    hint: hintOfWrite(cause),
  });
}

function hintOfWrite(cause: unknown): string {
  if (isOutOfHandles(cause)) return OUT_OF_HANDLES;
  const code = codeOf(cause);
  return code === "ENOSPC" || code === "EDQUOT"
    ? "Free space there, or set `spillDirectory` to where there is some."
    : "Set `spillDirectory` to a directory that this process may write to.";
}

export async function writeAll(handle: SpillHandle, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0; ) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

/** What blocks are copied through, used again and again: a megabyte each would keep the collector busy. */
const chunks: Uint8Array<ArrayBuffer>[] = [];

async function withChunk<T>(work: (chunk: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
  const chunk = chunks.pop() ?? new Uint8Array(CHUNK_BYTES);
  try {
    return await work(chunk);
  } finally {
    chunks.push(chunk);
  }
}

export const allocateArray = (byteLength: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(byteLength);

/**
 * The run's buffers, each in memory of its own; `opened`: gives its file.
 * @throws FileError where the file is not exactly what was written; what `allocate` throws.
 */
export async function readRun<P extends SpillPart>(
  { files, checksum }: SpillTools,
  run: SpillRun,
  opened: () => Promise<SpillHandle>,
  allocate: (byteLength: number) => P,
): Promise<P[]> {
  const { file } = run;
  let handle: SpillHandle;
  try {
    handle = await opened();
    checkSize(file, files.statSync(file.path).size);
  } catch (error) {
    throw error instanceof DataFrameError ? error : damaged(file, "cannot be opened", 0, error);
  }
  try {
    return await withChunk((chunk) => readParts({ handle, checksum }, run, chunk, allocate));
  } catch (error) {
    // What has a type already is no fault of the file: no memory for what it holds.
    throw error instanceof DataFrameError ? error : damaged(file, "cannot be read", 0, error);
  }
}

function checkSize(file: SpillFile, size: number): void {
  const { byteLength, mayBeLonger } = file;
  if (mayBeLonger ? size >= byteLength : size === byteLength) return;
  throw damaged(file, `has ${size} bytes where ${byteLength} were written`, size);
}

async function readParts<P extends SpillPart>(
  { handle, checksum }: Open,
  { file, begin, byteLength, crc, parts }: SpillRun,
  chunk: Uint8Array,
  allocate: (byteLength: number) => P,
): Promise<P[]> {
  const filling = new Filling(parts, allocate);
  let found = 0;
  for (let start = 0; start < byteLength; ) {
    const length = Math.min(CHUNK_BYTES, byteLength - start);
    const { bytesRead } = await handle.read(chunk, 0, length, begin + start);
    if (bytesRead === 0) throw damaged(file, "ends early", begin + start);
    const bytes = chunk.subarray(0, bytesRead);
    found = await checksum(bytes, found);
    filling.add(bytes);
    start += bytesRead;
  }
  if (found !== crc) throw damaged(file, "was altered: its checksum does not fit", begin);
  return filling.end();
}

/** Deals bytes, as they come, out to the buffers that they were written from. */
class Filling<P extends SpillPart> {
  readonly #sizes: SpillRun["parts"];
  readonly #allocate: (byteLength: number) => P;
  readonly #parts: P[] = [];
  /** Of the last part. */
  #filled = 0;

  constructor(sizes: SpillRun["parts"], allocate: (byteLength: number) => P) {
    this.#sizes = sizes;
    this.#allocate = allocate;
  }

  add(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const part = this.#current();
      const length = Math.min(bytes.length - start, part.byteLength - this.#filled);
      const from = bytes.subarray(start, start + length);
      if (part instanceof Block) part.write(this.#filled, from);
      else part.set(from, this.#filled);
      this.#filled += length;
      start += length;
    }
  }

  /** All of them; those at the end may be empty. */
  end(): P[] {
    while (this.#parts.length < this.#sizes.length) this.#next();
    return this.#parts;
  }

  /** The one that still has room. */
  #current(): P {
    let part = this.#parts.at(-1);
    while (part === undefined || this.#filled === part.byteLength) part = this.#next();
    return part;
  }

  #next(): P {
    const part = this.#allocate(at(this.#sizes, this.#parts.length).byteLength);
    this.#filled = 0;
    this.#parts.push(part);
    return part;
  }
}

function damaged(file: SpillFile, what: string, byteOffset: number, cause?: unknown): FileError {
  const code = codeOf(cause);
  return new FileError(
    `the spill file ${file.path} ${what}${code === undefined ? "" : `: ${code}`}`,
    {
      path: file.path,
      byteOffset,
      cause,
      hint: isOutOfHandles(cause)
        ? OUT_OF_HANDLES
        : "Nothing but the engine may write to the spill directory; run the query again.",
    },
  );
}
