// The arguments of actions: what runs where, and where results are written.

import { checkOptions, InvalidArgumentError, type OptionKinds, shownValue } from "../base/index.ts";
import { ENGINES, type RunOptions } from "../execution/index.ts";
import type { CsvWriteOptions } from "../io/index.ts";

export interface StreamOptions extends RunOptions {
  /** Most rows of a table. Default 65,536. */
  readonly rows?: number;
}

const RUN: OptionKinds<RunOptions> = {
  engine: ENGINES,
  strict: "boolean",
  signal: "signal",
  onProgress: "function",
};
const STREAM: OptionKinds<StreamOptions> = { ...RUN, rows: "any" };
const WRITE_CSV: OptionKinds<CsvWriteOptions & RunOptions> = {
  ...RUN,
  delimiter: "any",
  header: "boolean",
  nullValue: "string",
};

/** What was given, of an action that has no options of its own. */
export function runOptions(operator: string, options: RunOptions | undefined): RunOptions {
  checkOptions(operator, options, RUN);
  return options ?? {};
}

export function streamOptions(
  options: StreamOptions | undefined,
): Required<Pick<StreamOptions, "rows">> & RunOptions {
  checkOptions("stream", options, STREAM);
  const { rows = 65_536, ...rest } = options ?? {};
  if (Number.isSafeInteger(rows) && rows >= 1) return { rows, ...rest };
  throw new InvalidArgumentError(`rows: ${shownValue(rows)} is no number of rows`, {
    operator: "stream",
  });
}

export function csvWriteOptions(
  path: string,
  options: (CsvWriteOptions & RunOptions) | undefined,
): CsvWriteOptions & RunOptions {
  checkPath("writeCsv", path);
  checkOptions("writeCsv", options, WRITE_CSV);
  return options ?? {};
}

/** Halves of surrogate pairs would become U+FFFD, in a file of another name; NUL ends a path. */
export function checkPath(operator: string, path: string): void {
  if (
    typeof path === "string" &&
    path !== "" &&
    !/\p{Surrogate}/u.test(path) &&
    !path.includes("\0")
  )
    return;
  throw new InvalidArgumentError(
    `${operator}() takes the path of a file, not ${shownValue(path)}`,
    { operator },
  );
}
