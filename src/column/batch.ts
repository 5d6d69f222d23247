// A batch: columns of equal length, by position. Names live in schemas; a batch has none, so that no name that a user
// typed reaches an executor.

import type { Column } from "./column.ts";

export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** Every buffer view of the batch, those of dictionaries included. A view may come more than once. */
export function* batchViews(batch: Batch): Generator<ArrayBufferView> {
  for (const { validity, data } of batch.columns) {
    if (validity !== null) yield validity;
    switch (data.encoding) {
      case "dictionary":
        yield data.codes;
        yield data.dictionary.offsets;
        yield data.dictionary.bytes;
        break;
      case "plain":
        yield data.offsets;
        yield data.bytes;
        break;
      default:
        yield data.values;
    }
  }
}

/** Host memory that a batch holds, each buffer counted once. */
export function batchBytes(batch: Batch): number {
  const seen = new Set<ArrayBufferView>();
  let bytes = 0;
  for (const view of batchViews(batch)) {
    if (seen.has(view)) continue;
    seen.add(view);
    bytes += view.byteLength;
  }
  return bytes;
}
