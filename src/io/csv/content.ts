// The content of a source's file: the file itself, or what a compressed one decompresses to, which may lie in a file of
// the engine's own.

import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { FileError } from "../../base/index.ts";
import { requireSame } from "./identity.ts";
import { fileError, readAll, type UnpackedChunk, unpacked } from "./input.ts";
import type { CsvContent, CsvFile } from "./source.ts";

/** Where a reader finds the content. `given`: what has been decompressed; else a compressed file is, into memory. */
export async function contentOf(file: CsvFile, given: CsvContent | undefined): Promise<CsvContent> {
  if (given !== undefined) return given;
  const { path, compression, byteLength } = file;
  await requireUnchanged(file);
  if (compression === "none") return { path, bytes: null, byteLength };
  const bytes = await readAll(path, compression);
  return { path: null, bytes, byteLength: bytes.length };
}

/** The content of a compressed file, piece by piece. @throws FileError */
export async function* unpackedContent(
  file: CsvFile,
): AsyncGenerator<UnpackedChunk, void, undefined> {
  await requireUnchanged(file);
  yield* unpacked(file.path, file.compression);
}

async function requireUnchanged(file: CsvFile): Promise<void> {
  try {
    await requireSame(file.path, file.identity);
  } catch (error) {
    throw error instanceof FileError ? error : fileError(file.path, error);
  }
}

/** Bytes [begin, end) of the content; by default all there are. @throws FileError */
export async function contentBytes(
  file: CsvFile,
  given: CsvContent | undefined,
  begin = 0,
  end = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const content = await contentOf(file, given);
  const stop = Math.min(end, content.byteLength);
  if (content.bytes !== null) return content.bytes.subarray(begin, stop);
  const bytes = new Uint8Array(Math.max(0, stop - begin));
  const handle = await open(content.path ?? file.path, "r").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, begin + filled);
      if (bytesRead === 0) throw file.compression === "none" ? shrunk(file) : lostCopy(file);
      filled += bytesRead;
    }
  } catch (error) {
    throw error instanceof FileError ? error : unreadable(file, error);
  } finally {
    await handle.close();
  }
  if (!isIntact(bytes, begin, content))
    throw lostCopy(file, new Error("its checksum does not fit"));
  return bytes;
}

/** Of the blocks that the bytes, which begin at `begin`, hold whole. */
function isIntact(bytes: Uint8Array, begin: number, { checks, byteLength }: CsvContent): boolean {
  if (checks == null) return true;
  return checks.crcs.every((crc, index) => {
    const from = checks.begin + index * checks.blockBytes - begin;
    const to = Math.min(from + checks.blockBytes, byteLength - begin);
    return from < 0 || to > bytes.length || crc32(bytes.subarray(from, to)) === crc;
  });
}

function unreadable(file: CsvFile, cause: unknown): FileError {
  return file.compression === "none" ? fileError(file.path, cause) : lostCopy(file, cause);
}

export function shrunk(file: CsvFile): FileError {
  return new FileError(`${file.path} has become shorter since it was opened`, {
    operator: "readCsv",
    path: file.path,
    hint: "Open the file again with readCsv.",
  });
}

/** Of a compressed file: what it was decompressed to is not there, or not whole. */
export function lostCopy(file: CsvFile, cause?: unknown): FileError {
  return new FileError(`the decompressed copy of ${file.path} cannot be read`, {
    operator: "readCsv",
    path: file.path,
    cause,
    hint: "Nothing but the engine may write to the spill directory; run the query again.",
  });
}
