// A batch: columns of equal length, by position. Names live in schemas; a batch has none, so that no name that a user
// typed reaches an executor.

import type { Column } from "./column.ts";

export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** Host memory that a batch holds, each buffer counted once. */
export function batchBytes(batch: Batch): number {
  const seen = new Set<ArrayBufferView>();
  let bytes = 0;
  const count = (view: ArrayBufferView | null) => {
    if (view === null || seen.has(view)) return;
    seen.add(view);
    bytes += view.byteLength;
  };
  for (const { validity, data } of batch.columns) {
    count(validity);
    switch (data.encoding) {
      case "dictionary":
        count(data.codes);
        count(data.dictionary.offsets);
        count(data.dictionary.bytes);
        break;
      case "plain":
        count(data.offsets);
        count(data.bytes);
        break;
      default:
        count(data.values);
    }
  }
  return bytes;
}
