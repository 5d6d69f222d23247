// Whether a file is still the one that was opened: what lies behind its old end does not matter, since files grow while they
// are read, but bytes that were sampled must not have become others.

import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { FileError } from "../../base/index.ts";

const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 4096;

export interface FileIdentity {
  readonly byteLength: number;
  /** Nanoseconds since 1970, and what the file system knows the file by. */
  readonly modified: bigint;
  readonly inode: bigint;
  /** CRC-32 of the first 64 KiB, and of the last 4 KiB. */
  readonly head: number;
  readonly tail: number;
}

export async function identityOf(path: string, byteLength: number): Promise<FileIdentity> {
  const handle = await open(path, "r");
  try {
    const { mtimeNs, ino } = await handle.stat({ bigint: true });
    const crcOf = async (begin: number, end: number) => {
      const bytes = new Uint8Array(end - begin);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, begin);
      return crc32(bytes.subarray(0, bytesRead));
    };
    return {
      byteLength,
      modified: mtimeNs,
      inode: ino,
      head: await crcOf(0, Math.min(byteLength, HEAD_BYTES)),
      tail: await crcOf(Math.max(0, byteLength - TAIL_BYTES), byteLength),
    };
  } finally {
    await handle.close();
  }
}

/** A file that has only grown is the same. @throws FileError */
export async function requireSame(path: string, known: FileIdentity): Promise<void> {
  const handle = await open(path, "r");
  let size: bigint;
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.mtimeNs === known.modified && stats.ino === known.inode) return;
    size = stats.size;
  } finally {
    await handle.close();
  }
  // Whoever reads it says that it is shorter.
  if (size < known.byteLength) return;
  const now = await identityOf(path, known.byteLength);
  if (size > known.byteLength && now.head === known.head && now.tail === known.tail) return;
  throw new FileError(`${path} has changed since it was opened`, {
    operator: "readCsv",
    path,
    hint: "Open the file again with readCsv.",
  });
}
