// Files of the disk tier: a run of buffers, one after the other, each with its CRC-32. What the buffers mean stays in
// memory, so there is no header that could be misread: a file is its buffers and nothing else, and every byte is checked.

import { type FileHandle, open, unlink } from "node:fs/promises";
import { DataFrameError, FileError } from "../../base/index.ts";
import { Block, BlockView, type Span } from "../../column/index.ts";
import type { SpillPart } from "./batch_skeleton.ts";
import type { Checksum } from "./checksum.ts";

/** Written or read at once. */
const CHUNK_BYTES = 1 << 20;

/** What the disk tier needs of a file system; tests put one in that fails. */
export interface SpillFileSystem {
  open(path: string, flags: "wx" | "r", mode?: number): Promise<SpillHandle>;
  unlink(path: string): Promise<void>;
}

export type SpillHandle = Pick<FileHandle, "close"> & {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  read(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<{ readonly size: number }>;
};

export const NODE_FILES: SpillFileSystem = { open, unlink };

/** What files are written and read with. */
export interface SpillTools {
  readonly files: SpillFileSystem;
  readonly checksum: Checksum;
}

/** What is known of a file. */
export interface SpillFile {
  readonly path: string;
  readonly byteLength: number;
  /** One a buffer, in order. */
  readonly parts: readonly { readonly byteLength: number; readonly crc: number }[];
}

/** Writes the buffers. A file that could not be written as a whole is removed. @throws FileError with the cause. */
export async function writeSpillFile(
  { files, checksum }: SpillTools,
  path: string,
  buffers: readonly Span[],
): Promise<SpillFile> {
  const parts: { byteLength: number; crc: number }[] = [];
  try {
    const handle = await files.open(path, "wx", 0o600);
    try {
      for (const buffer of buffers) parts.push(await writePart({ handle, checksum }, buffer));
    } finally {
      await handle.close();
    }
  } catch (error) {
    await files.unlink(path).catch(() => {});
    throw unwritable(path, error);
  }
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return { path, byteLength, parts };
}

export function unwritable(path: string, cause: unknown): FileError {
  const { code } = cause as NodeJS.ErrnoException;
  return new FileError(`cannot write ${path}${code === undefined ? "" : `: ${code}`}`, {
    path,
    cause,
    hint: "Free space there, or set `spillDirectory` to where there is some.",
  });
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

interface Open extends Pick<SpillTools, "checksum"> {
  readonly handle: SpillHandle;
}

async function writePart(open: Open, span: Span) {
  if (span instanceof BlockView) return await withChunk((copy) => writeBlock(open, span, copy));
  const bytes = new Uint8Array(span.buffer, span.byteOffset, span.byteLength);
  return await writeChunks(open, bytes.length, (start, length) =>
    bytes.subarray(start, start + length),
  );
}

/** Copying takes a tenth of a millisecond a chunk, and nobody else owns the block then. */
async function writeBlock(open: Open, view: BlockView, copy: Uint8Array) {
  return await writeChunks(open, view.byteLength, (start, length) => {
    const chunk = copy.subarray(0, length);
    view.block.read(view.byteOffset + start, chunk);
    return chunk;
  });
}

/** `chunkOf` gives runs of bytes, each valid until the next. */
async function writeChunks(
  { handle, checksum }: Open,
  byteLength: number,
  chunkOf: (start: number, length: number) => Uint8Array,
) {
  let crc = 0;
  for (let start = 0; start < byteLength; start += CHUNK_BYTES) {
    const chunk = chunkOf(start, Math.min(CHUNK_BYTES, byteLength - start));
    const writing = writeAll(handle, chunk);
    const checking = checksum(chunk, crc);
    // Until both have let go of the chunk, however they end.
    await Promise.allSettled([writing, checking]);
    await writing;
    crc = await checking;
  }
  return { byteLength, crc };
}

export const allocateArray = (byteLength: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(byteLength);

/**
 * The buffers, each in memory of its own.
 * @throws FileError where the file is not exactly what was written; what `allocate` throws.
 */
export async function readSpillFile<P extends SpillPart>(
  { files, checksum }: SpillTools,
  file: SpillFile,
  allocate: (byteLength: number) => P,
): Promise<P[]> {
  const { path } = file;
  let handle: SpillHandle;
  try {
    handle = await files.open(path, "r");
  } catch (error) {
    throw damaged(file, "cannot be opened", 0, error);
  }
  try {
    const { size } = await handle.stat();
    if (size !== file.byteLength) {
      throw damaged(file, `has ${size} bytes where ${file.byteLength} were written`, size);
    }
    return await readParts({ handle, checksum }, file, allocate);
  } catch (error) {
    // What has a type already is no fault of the file: no memory for what it holds.
    throw error instanceof DataFrameError ? error : damaged(file, "cannot be read", 0, error);
  } finally {
    await handle.close();
  }
}

async function readParts<P extends SpillPart>(
  open: Open,
  file: SpillFile,
  allocate: (byteLength: number) => P,
): Promise<P[]> {
  const parts: P[] = [];
  let begin = 0;
  for (const { byteLength, crc } of file.parts) {
    const part = allocate(byteLength);
    const read = (chunk: Uint8Array, block: Block | null) =>
      readPart(open, { file, begin, byteLength }, chunk, block);
    const found =
      part instanceof Block
        ? await withChunk((chunk) => read(chunk, part))
        : await read(part, null);
    if (found !== crc) throw damaged(file, "was altered: its checksum does not fit", begin);
    parts.push(part);
    begin += byteLength;
  }
  return parts;
}

/** Into `bytes`, or where there is a block through them into that. Returns the checksum. */
async function readPart(
  { handle, checksum }: Open,
  place: { readonly file: SpillFile; readonly begin: number; readonly byteLength: number },
  bytes: Uint8Array,
  block: Block | null,
): Promise<number> {
  const { file, begin, byteLength } = place;
  let found = 0;
  for (let start = 0; start < byteLength; ) {
    const length = Math.min(CHUNK_BYTES, byteLength - start);
    const at = block === null ? start : 0;
    const { bytesRead } = await handle.read(bytes, at, length);
    if (bytesRead === 0) throw damaged(file, "ends early", begin + start);
    const chunk = bytes.subarray(at, at + bytesRead);
    found = await checksum(chunk, found);
    block?.write(start, chunk);
    start += bytesRead;
  }
  return found;
}

function damaged(file: SpillFile, what: string, byteOffset: number, cause?: unknown): FileError {
  return new FileError(`the spill file ${file.path} ${what}`, {
    path: file.path,
    byteOffset,
    cause,
    hint: "Nothing but the engine may write to the spill directory; run the query again.",
  });
}
