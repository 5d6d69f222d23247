// Where bytes come from: paths, globs and lists of them; the first bytes of a file; a compressed file as a whole.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { glob, isDynamicPattern } from "tinyglobby";
import {
  DataFrameError,
  FileError,
  InvalidArgumentError,
  MemoryBudgetError,
  NotSupportedError,
  ParseError,
  shownValue,
} from "../../base/index.ts";

export type Compression = "none" | "gzip" | "zstd";

/** Files in the order given; those of a glob by path, bytewise. @throws FileError for a glob without a match. */
export async function resolvePaths(paths: string | readonly string[]): Promise<string[]> {
  const list = typeof paths === "string" ? [paths] : paths;
  const valid = Array.isArray(list) && list.length > 0;
  if (!valid || list.some((path) => typeof path !== "string" || path === "")) {
    throw new InvalidArgumentError(`readCsv(): ${pathsText(list)} is no path`, {
      operator: "readCsv",
      hint: 'Give a path, a glob such as "flights-*.csv", or a list of them.',
    });
  }
  const resolved = await Promise.all(list.map(expand));
  return resolved.flat();
}

function pathsText(paths: unknown): string {
  if (!Array.isArray(paths)) return shownValue(paths);
  return `[${paths.slice(0, 3).map(shownValue).join(", ")}${paths.length > 3 ? ", …" : ""}]`;
}

/** A file that exists under the very name is that file, whatever characters the name has. */
async function expand(path: string): Promise<string[]> {
  if (!isDynamicPattern(path) || (await exists(path))) return [path];
  const matches = await glob([path], { onlyFiles: true, dot: true, expandDirectories: false });
  if (matches.length === 0) {
    throw new FileError(`no file matches ${path}`, {
      operator: "readCsv",
      path,
      hint: "Check the pattern and the working directory.",
    });
  }
  return matches.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** The size of a regular file. @throws FileError if there is none. */
export async function fileBytes(path: string): Promise<number> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  if (stats.isFile()) return stats.size;
  throw new FileError(`${path} is ${stats.isDirectory() ? "a directory" : "no regular file"}`, {
    operator: "readCsv",
    path,
    hint: stats.isDirectory()
      ? `Read its files with ${JSON.stringify(`${path}/*.csv`)}.`
      : "Copy it to a file first.",
  });
}

/** By the first bytes, not by the name: a name can be wrong. */
export async function compressionOf(path: string): Promise<Compression> {
  const head = await readHead(path, "none", 8);
  const starts = (...magic: number[]) => magic.every((byte, index) => head.bytes[index] === byte);
  if (starts(0x1f, 0x8b)) return "gzip";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  const other = [
    { name: "a Parquet file", is: starts(0x50, 0x41, 0x52, 0x31) },
    { name: "a zip archive (or a spreadsheet)", is: starts(0x50, 0x4b, 3, 4) },
    { name: "an Arrow file", is: starts(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31) },
    { name: "a PNG image", is: starts(0x89, 0x50, 0x4e, 0x47) },
    { name: "UTF-16 text", is: starts(0xff, 0xfe) || starts(0xfe, 0xff) },
  ].find(({ is }) => is);
  if (other === undefined) return "none";
  throw new ParseError(`${path} is ${other.name}, not CSV in UTF-8`, {
    operator: "readCsv",
    path,
    byteOffset: 0,
    hint: "Convert the file to CSV in UTF-8 first.",
  });
}

export interface FileHead {
  readonly bytes: Uint8Array;
  /** The file holds no more than these bytes. */
  readonly whole: boolean;
  /** Bytes of the file for a byte of the content, about. */
  readonly packedRatio: number;
}

/** The first `byteLength` bytes of the content, decompressed. */
export async function readHead(
  path: string,
  compression: Compression,
  byteLength: number,
): Promise<FileHead> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  let packed = 0;
  for await (const { bytes, packedBytes } of unpacked(path, compression)) {
    chunks.push(bytes);
    total += bytes.length;
    packed = packedBytes;
    if (total > byteLength) break; // ends the streams
  }
  return {
    bytes: concatenated(chunks, total).subarray(0, Math.min(total, byteLength)),
    whole: total <= byteLength,
    packedRatio: compression === "none" || total === 0 ? 1 : Math.max(1, packed) / total,
  };
}

/** All bytes of the content, decompressed into memory. */
export async function readAll(path: string, compression: Compression): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const { bytes } of unpacked(path, compression)) {
    chunks.push(bytes);
    total += bytes.length;
    if (total > MAX_BYTES) {
      throw new MemoryBudgetError(`${path} decompresses to more than ${MAX_BYTES} bytes`, {
        operator: "readCsv",
        path,
        hint: "Decompress the file first: plain files are read piece by piece.",
      });
    }
  }
  return concatenated(chunks, total);
}

const MAX_BYTES = 2 ** 32;
const READ_BYTES = 1 << 18;

export interface UnpackedChunk {
  readonly bytes: Uint8Array;
  /** Bytes of the file that were decompressed so far, about. */
  readonly packedBytes: number;
}

/**
 * The content from its beginning, step by step: nothing is read or decompressed much before it is asked for.
 * @throws FileError, ParseError for a damaged file, NotSupportedError.
 */
export async function* unpacked(
  path: string,
  compression: Compression,
): AsyncGenerator<UnpackedChunk, void, undefined> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  const decoder = decompressor(path, compression);
  if (decoder !== null) file.on("error", (error) => decoder.destroy(error));
  try {
    for await (const chunk of decoder === null ? file : file.pipe(decoder)) {
      const bytes = chunk as Uint8Array;
      yield { bytes, packedBytes: decoder === null ? file.bytesRead : decoder.bytesWritten };
    }
  } catch (error) {
    if (error instanceof DataFrameError) throw error;
    throw decoder !== null && isZlibError(error)
      ? damaged(path, compression, error)
      : fileError(path, error);
  } finally {
    decoder?.destroy();
    file.destroy();
  }
}

type Decompressor = Transform & { readonly bytesWritten: number };

function decompressor(path: string, compression: Compression): Decompressor | null {
  if (compression === "none") return null;
  if (compression === "gzip") return zlib.createGunzip({ chunkSize: READ_BYTES });
  // Node has it from 22.15 on.
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  if (typeof create === "function") return (create as () => Decompressor)();
  throw new NotSupportedError(
    `${path} is compressed with zstd, which Node ${process.versions.node} cannot read`,
    {
      operator: "readCsv",
      path,
      hint: "Decompress it with `zstd -d`, compress it with gzip, or run on Node 22.15 or later.",
    },
  );
}

function isZlibError(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return (
    typeof code === "string" &&
    (code.startsWith("Z_") || code.startsWith("ERR_ZLIB") || code.startsWith("ZSTD"))
  );
}

function damaged(path: string, compression: Compression, cause: unknown): ParseError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ParseError(`${path} is a damaged ${compression} file: ${message}`, {
    operator: "readCsv",
    path,
    cause,
    hint: "Fetch or compress the file again; it may have been cut off.",
  });
}

/** A FileError with the system's reason. */
export function fileError(path: string, cause: unknown, verb = "read"): FileError {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
  const reason =
    code === "ENOENT"
      ? "it does not exist"
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new FileError(`cannot ${verb} ${path}: ${reason}`, {
    operator: verb === "read" ? "readCsv" : "writeCsv",
    path,
    cause,
    hint:
      code === "ENOENT"
        ? "Check the path and the working directory."
        : "Check the path and its permissions.",
  });
}

function concatenated(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
