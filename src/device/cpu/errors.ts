// The addon's errors as the product's typed ones. A native error carries code, row, site and so on as plain fields.

import {
  at,
  CastError,
  DataFrameError,
  type ErrorDetails,
  FileError,
  IntegerOverflowError,
  InvalidArgumentError,
  NotSupportedError,
  ParseError,
} from "../../base/index.ts";
import type { Batch } from "../../column/index.ts";
import { type ExchangeOperation, JoinTooLarge, type Operation } from "../../physical/index.ts";
import { toMemoryError } from "../memory_error.ts";
import { siteError } from "../site_error.ts";

interface NativeError extends Error {
  readonly code?: string;
  readonly row?: number;
  readonly site?: number;
  readonly line?: number;
  readonly byteOffset?: number;
}

/** Anything else than an error of the addon with a known code is returned as it is: a bug, not a fault of the data. */
export function toDataFrameError(
  error: unknown,
  operation: Operation | ExchangeOperation,
  inputs: readonly Batch[],
): unknown {
  if (!(error instanceof Error) || error instanceof DataFrameError) return error;
  const native: NativeError = error;
  const details: ErrorDetails & { line?: number } = {
    ...(native.row === undefined ? {} : { row: native.row }),
    ...(native.line === undefined ? {} : { line: native.line }),
    ...(native.byteOffset === undefined ? {} : { byteOffset: native.byteOffset }),
  };
  if (native.code === "CHECK_FAILED" && operation.kind === "evaluate") {
    return siteError(at(operation.program.sites, native.site ?? 0), native.row ?? 0);
  }
  if (native.code === "JOIN_ROWS" && operation.kind === "join" && operation.bound !== undefined) {
    return new JoinTooLarge(operation.bound, native.row ?? 0, at(inputs, 0).rowCount);
  }
  switch (native.code) {
    case "MEMORY_BUDGET":
      return toMemoryError(native, details);
    case "INTEGER_OVERFLOW":
      return new IntegerOverflowError(native.message, {
        ...details,
        hint: "Cast to a wider integer or to float64 first.",
      });
    case "CAST_ERROR":
      return new CastError(native.message, details);
    case "PARSE_ERROR":
      return new ParseError(native.message, details);
    case "FILE_ERROR":
      return new FileError(native.message, details);
    case "INVALID_ARGUMENT":
      return new InvalidArgumentError(native.message, details);
    case "NOT_SUPPORTED":
      return new NotSupportedError(native.message, details);
    default:
      return error;
  }
}
