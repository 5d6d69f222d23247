// Arrow IPC files.

import { readFile } from "node:fs/promises";
import { FileError, inSlices, NotSupportedError, ParseError } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { isSystemError, writeOutput } from "../output.ts";
import { type ArrowBatches, arrowBatches } from "./from_arrow.ts";
import { ArrowFileWriter } from "./writer.ts";

/** @throws FileError, ParseError where the bytes are no Arrow or damaged, NotSupportedError for a type that the engine does not have. */
export async function readArrow(path: string): Promise<ArrowBatches> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError("read", path, cause);
  });
  return await inSlices(arrowBatches(bytes)).catch((error: unknown) => {
    throw ofFile(path, error);
  });
}

/** What is wrong with the bytes, told of the file. */
function ofFile(path: string, error: unknown): unknown {
  const isOfBytes = error instanceof ParseError || error instanceof NotSupportedError;
  if (!isOfBytes) return error;
  const { summary, column, hint } = error;
  const details = {
    operator: "readArrow",
    path,
    cause: error,
    ...(column === undefined ? {} : { column }),
    ...(hint === undefined ? {} : { hint }),
  };
  const message = `cannot read ${path}: ${summary}`;
  return error instanceof ParseError
    ? new ParseError(message, details)
    : new NotSupportedError(message, details);
}

/**
 * Writes the IPC file format, a record batch for each batch. The file appears under its name when it is complete.
 * @throws FileError, NotSupportedError for a dtype that does not become Arrow, and what the batches throw.
 */
export async function writeArrow(
  path: string,
  schema: Schema,
  batches: AsyncIterable<Batch>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await writeOutput(path, arrowFileBytes(schema, batches), { compression: "none", signal });
  } catch (cause) {
    throw isSystemError(cause) ? fileError("write", path, cause) : cause;
  }
}

async function* arrowFileBytes(
  schema: Schema,
  batches: AsyncIterable<Batch>,
): AsyncGenerator<Uint8Array> {
  let writer: ArrowFileWriter | null = null;
  let empty: Batch | null = null;
  for await (const batch of batches) {
    // Nothing says how the columns of an empty split are encoded.
    if (batch.rowCount === 0) {
      empty ??= batch;
      continue;
    }
    writer ??= new ArrowFileWriter(schema, batch);
    yield* await inSlices(writer.write(batch));
  }
  if (writer === null && empty !== null) {
    writer = new ArrowFileWriter(schema, empty);
    yield* await inSlices(writer.write(empty));
  }
  if (writer !== null) yield* writer.end();
}

function fileError(verb: "read" | "write", path: string, cause: unknown): FileError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileError(`cannot ${verb} ${path}: ${reason}`, {
    operator: verb === "read" ? "readArrow" : "writeArrow",
    path,
    cause,
  });
}
