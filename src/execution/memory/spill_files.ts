// Files of the disk tier: a run of buffers, one after the other, each with its CRC-32. What the buffers mean stays in
// memory, so there is no header that could be misread: a file is its buffers and nothing else, and every byte is checked.

import { type FileHandle, open, unlink } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { FileError } from "../../base/index.ts";

/** Written or read at once; its checksum takes half a millisecond. */
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

/** What is known of a file. */
export interface SpillFile {
  readonly path: string;
  readonly byteLength: number;
  /** One a buffer, in order. */
  readonly parts: readonly { readonly byteLength: number; readonly crc: number }[];
}

/** Writes the buffers. A file that could not be written as a whole is removed. @throws FileError with the cause. */
export async function writeSpillFile(
  files: SpillFileSystem,
  path: string,
  buffers: readonly ArrayBufferView[],
): Promise<SpillFile> {
  const parts: { byteLength: number; crc: number }[] = [];
  try {
    const handle = await files.open(path, "wx", 0o600);
    try {
      for (const buffer of buffers) parts.push(await writePart(handle, buffer));
    } finally {
      await handle.close();
    }
  } catch (error) {
    await files.unlink(path).catch(() => {});
    const code = (error as NodeJS.ErrnoException).code;
    throw new FileError(`cannot write ${path}${code === undefined ? "" : `: ${code}`}`, {
      path,
      cause: error,
      hint: "Free space there, or set `spillDirectory` to where there is some.",
    });
  }
  const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return { path, byteLength, parts };
}

async function writePart(handle: SpillHandle, buffer: ArrayBufferView) {
  const bytes = bytesOf(buffer);
  let crc = 0;
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    let chunk = bytes.subarray(start, start + CHUNK_BYTES);
    crc = crc32(chunk, crc);
    while (chunk.length > 0) {
      const { bytesWritten } = await handle.write(chunk);
      chunk = chunk.subarray(bytesWritten);
    }
  }
  return { byteLength: bytes.length, crc };
}

/** The buffers, each in memory of its own. @throws FileError where the file is not exactly what was written. */
export async function readSpillFile(
  files: SpillFileSystem,
  file: SpillFile,
): Promise<Uint8Array<ArrayBuffer>[]> {
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
    return await readParts(handle, file);
  } catch (error) {
    throw error instanceof FileError ? error : damaged(file, "cannot be read", 0, error);
  } finally {
    await handle.close();
  }
}

async function readParts(handle: SpillHandle, file: SpillFile): Promise<Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let begin = 0;
  for (const { byteLength, crc } of file.parts) {
    const bytes = new Uint8Array(byteLength);
    let found = 0;
    for (let start = 0; start < byteLength; ) {
      const length = Math.min(CHUNK_BYTES, byteLength - start);
      const { bytesRead } = await handle.read(bytes, start, length);
      if (bytesRead === 0) throw damaged(file, "ends early", begin + start);
      found = crc32(bytes.subarray(start, start + bytesRead), found);
      start += bytesRead;
    }
    if (found !== crc) throw damaged(file, "was altered: its checksum does not fit", begin);
    parts.push(bytes);
    begin += byteLength;
  }
  return parts;
}

function damaged(file: SpillFile, what: string, byteOffset: number, cause?: unknown): FileError {
  return new FileError(`the spill file ${file.path} ${what}`, {
    path: file.path,
    byteOffset,
    cause,
    hint: "Nothing but the engine may write to the spill directory; run the query again.",
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
