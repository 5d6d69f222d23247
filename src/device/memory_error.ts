// Allocations of the addon that fail. Any device may meet them: dictionaries are worked on by the host's threads.

import { DataFrameError, type ErrorDetails, MemoryBudgetError } from "../base/index.ts";

/** A MemoryBudgetError where the addon's memory ran out; everything else as it is. */
export function toMemoryError(error: unknown, details: ErrorDetails = {}): unknown {
  if (!(error instanceof Error) || error instanceof DataFrameError) return error;
  if ((error as { readonly code?: unknown }).code !== "MEMORY_BUDGET") return error;
  return new MemoryBudgetError(error.message, {
    hint: "Read fewer columns, filter earlier, or raise hostMemory.",
    cause: error,
    ...details,
  });
}
