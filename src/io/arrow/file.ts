// Arrow IPC files.

import { readFile, writeFile } from "node:fs/promises";
import { tableToIPC } from "apache-arrow";
import { FileError } from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import type { Schema } from "../../dtype/index.ts";
import { type ArrowBatches, arrowToBatches } from "./from_arrow.ts";
import { batchesToArrow } from "./to_arrow.ts";

/** @throws FileError, ParseError, NotSupportedError for a type that the engine does not have. */
export async function readArrow(path: string): Promise<ArrowBatches> {
  const bytes = await attempt("read", path, () => readFile(path));
  return arrowToBatches(bytes);
}

/** Writes the IPC file format. */
export async function writeArrow(
  path: string,
  schema: Schema,
  batches: readonly Batch[],
): Promise<void> {
  const bytes = tableToIPC(batchesToArrow(batches, schema), "file");
  await attempt("write", path, () => writeFile(path, bytes));
}

async function attempt<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError(`cannot ${verb} ${path}: ${reason}`, {
      operator: verb === "read" ? "readArrow" : "writeArrow",
      path,
      cause,
    });
  }
}
