// The lines of left-out records, which say where others are: a reader that has to tell the line of a record counts from
// the nearest one before its part of the file on. Counted from the file's begin, a file with a reject in each of its parts
// would be read as often as it has parts.

import type { CsvLine, CsvRange, CsvReject, CsvSource } from "../io/index.ts";

/** Of one source. */
export class KnownLines {
  readonly #source: CsvSource;
  /** By file, one a part that had some. */
  readonly #lines = new Map<string, CsvLine[]>();

  constructor(source: CsvSource) {
    this.#source = source;
  }

  add(rejects: readonly CsvReject[]): void {
    const last = rejects.at(-1);
    if (last === undefined) return;
    const lines = this.#lines.get(last.path) ?? [];
    lines.push({ byteOffset: last.byteOffset, line: last.line });
    this.#lines.set(last.path, lines);
  }

  /** For each file of the ranges, the last known line before them. */
  before(ranges: readonly CsvRange[]): ReadonlyMap<number, CsvLine> {
    const found = new Map<number, CsvLine>();
    for (const { file, begin } of ranges) {
      for (const line of this.#lines.get(this.#source.files[file]?.path ?? "") ?? []) {
        const best = found.get(file)?.byteOffset ?? -1;
        if (line.byteOffset <= begin && line.byteOffset > best) found.set(file, line);
      }
    }
    return found;
  }
}
