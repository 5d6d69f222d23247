// The typed errors of the product. Each says what is wrong, where, and what to do.

export interface ErrorDetails {
  /** What the reader can do about it, as one imperative sentence. */
  readonly hint?: string;
  readonly operator?: string;
  readonly column?: string;
  /** Zero-based row number in the operator's input. */
  readonly row?: number;
  readonly path?: string;
  readonly byteOffset?: number;
  readonly cause?: unknown;
}

/** Base of every error that the engine raises. `code` is stable across releases; messages are not. */
export class DataFrameError extends Error {
  readonly code: string = "DATAFRAME_ERROR";
  /** The message without its hint. */
  readonly summary: string;
  readonly hint: string | undefined;
  readonly operator: string | undefined;
  readonly column: string | undefined;
  readonly row: number | undefined;
  readonly path: string | undefined;
  readonly byteOffset: number | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(details.hint === undefined ? message : `${message}\n  hint: ${details.hint}`, {
      cause: details.cause,
    });
    this.name = new.target.name;
    this.summary = message;
    this.hint = details.hint;
    this.operator = details.operator;
    this.column = details.column;
    this.row = details.row;
    this.path = details.path;
    this.byteOffset = details.byteOffset;
  }
}

/** A name that no column of the input has. `nearest` lists the closest names, best first. */
export class ColumnNotFoundError extends DataFrameError {
  override readonly code = "COLUMN_NOT_FOUND";
  readonly nearest: readonly string[];
  constructor(message: string, details: ErrorDetails & { nearest?: readonly string[] } = {}) {
    super(message, details);
    this.nearest = details.nearest ?? [];
  }
}

/** An operation that its operands' dtypes do not allow. Raised while the plan is built. */
export class TypeMismatchError extends DataFrameError {
  override readonly code = "TYPE_MISMATCH";
}

/** An argument or option outside its domain. */
export class InvalidArgumentError extends DataFrameError {
  override readonly code = "INVALID_ARGUMENT";
}

/** A file that its format does not allow, with line, column and byte where they are known. */
export class ParseError extends DataFrameError {
  override readonly code = "PARSE_ERROR";
  /** One-based line number in the file. */
  readonly line: number | undefined;
  constructor(message: string, details: ErrorDetails & { line?: number } = {}) {
    super(message, details);
    this.line = details.line;
  }
}

/** A file that cannot be opened, read or written. `cause` holds the system's error. */
export class FileError extends DataFrameError {
  override readonly code = "FILE_ERROR";
}

/** Integer arithmetic or an integer sum whose result does not fit its dtype. */
export class IntegerOverflowError extends DataFrameError {
  override readonly code = "INTEGER_OVERFLOW";
}

/** A strict cast of a value that the target dtype cannot hold. */
export class CastError extends DataFrameError {
  override readonly code = "CAST_ERROR";
}

/** An int64 value that a JavaScript number cannot hold exactly. */
export class UnsafeIntegerError extends DataFrameError {
  override readonly code = "UNSAFE_INTEGER";
}

/** The session asks for a device that this machine does not have. */
export class NoDeviceError extends DataFrameError {
  override readonly code = "NO_DEVICE";
}

/** A device that disappeared while it worked. */
export class DeviceLostError extends DataFrameError {
  override readonly code = "DEVICE_LOST";
}

/** A device that refused a command: a fault of this library or of its driver. The task is tried elsewhere. */
export class DeviceFaultError extends DataFrameError {
  override readonly code = "DEVICE_FAULT";
}

/** A query that its memory budget cannot hold. */
export class MemoryBudgetError extends DataFrameError {
  override readonly code = "MEMORY_BUDGET";
}

/** Does the fault lie in the device that worked, so that another one may succeed? */
export function isDeviceError(
  error: unknown,
): error is DeviceLostError | DeviceFaultError | MemoryBudgetError {
  return (
    error instanceof DeviceLostError ||
    error instanceof DeviceFaultError ||
    error instanceof MemoryBudgetError
  );
}

/** The query was cancelled. `cause` is the signal's reason. */
export class AbortError extends DataFrameError {
  override readonly code = "ABORTED";
}

/** Something that the engine, or a device named with `strict: true`, does not do. */
export class NotSupportedError extends DataFrameError {
  override readonly code = "NOT_SUPPORTED";
}
