// Writing a file piece by piece. It appears under its name only when it is complete.

import { randomUUID } from "node:crypto";
import { open, rename, stat, unlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InvalidArgumentError, throwIfAborted } from "../base/index.ts";

/**
 * Names in files are UTF-8, which has no halves of surrogate pairs: two names that differ in them would become one.
 * @throws InvalidArgumentError
 */
export function checkNames(names: readonly string[], operator: string): void {
  for (const name of names) {
    if (!/\p{Surrogate}/u.test(name)) continue;
    const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name);
    throw new InvalidArgumentError(
      `${operator}: the name ${shown} holds half of a surrogate pair, which no file can hold`,
      { operator, column: name, hint: "rename() the column." },
    );
  }
}

export interface OutputOptions {
  readonly compression: "none" | "gzip";
  readonly signal: AbortSignal | undefined;
}

/** Written at once: what a signal waits for. */
const CHUNK_BYTES = 2 ** 20;

/**
 * Writes the pieces beside the file, under a name of its own, and renames it when all of them are there. If anything
 * fails, what was there before stays, and nothing is left beside it. Rejects with the system's error or the pieces', or with an
 * AbortError.
 */
export async function writeOutput(
  path: string,
  pieces: AsyncGenerator<Uint8Array>,
  options: OutputOptions,
): Promise<void> {
  const target = await targetOf(path);
  try {
    await writePieces(target, pieces, options);
    if (target !== path) await rename(target, path);
  } catch (error) {
    // Where the file could not even be opened, nobody has begun to make the pieces.
    await pieces.return(undefined);
    if (target !== path) await unlink(target).catch(() => undefined);
    throw error;
  }
}

export function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof Reflect.get(error, "syscall") === "string";
}

/** What is no regular file (a pipe, a terminal) is written directly. */
async function targetOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null);
  return stats === null || stats.isFile() || stats.isDirectory()
    ? `${path}.${randomUUID()}.partial`
    : path;
}

async function writePieces(
  target: string,
  pieces: AsyncGenerator<Uint8Array>,
  { compression, signal }: OutputOptions,
): Promise<void> {
  const file = await open(target, "w");
  try {
    if (compression === "gzip") {
      const options = signal === undefined ? {} : { signal };
      await pipeline(Readable.from(pieces), createGzip(), file.createWriteStream(), options);
      return;
    }
    for await (const piece of pieces) {
      for (let written = 0; written < piece.length; ) {
        throwIfAborted(signal);
        const length = Math.min(CHUNK_BYTES, piece.length - written);
        written += (await file.write(piece, written, length)).bytesWritten;
      }
    }
  } catch (error) {
    // Of a pipeline that was cancelled, Node's own.
    throwIfAborted(signal);
    throw error;
  } finally {
    await file.close().catch(() => undefined); // a stream has closed it already
  }
}
