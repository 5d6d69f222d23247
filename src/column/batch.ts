// A batch: columns of equal length, by position. Names live in schemas; a batch has none, so that no name that a user
// typed reaches an executor.

import type { Column } from "./column.ts";

export interface Batch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}
