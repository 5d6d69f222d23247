// What the consumer of a stream has got already, for a stream that starts over.

import { sliceBatch } from "../column/index.ts";
import type { CsvReject } from "../io/index.ts";
import type { StreamedBatch } from "./query.ts";

export class Delivered {
  #rows = 0;
  #parts = 0;
  /** Rows of the attempt that have come. */
  #seen = 0;
  readonly #rejects = new Set<string>();

  /** Whether there was any part at all: tables without rows have a schema too. */
  get any(): boolean {
    return this.#parts > 0;
  }

  /** The stream begins again, from its first row. */
  again(): void {
    this.#seen = 0;
  }

  /** What of the next part is new; it counts as delivered then. Null: nothing. */
  rest(part: StreamedBatch): StreamedBatch | null {
    const { batch } = part;
    const known = Math.min(batch.rowCount, this.#rows - this.#seen);
    this.#seen += batch.rowCount;
    const rejects = part.rejects.filter((reject) => this.#isNew(reject));
    if (known > 0 && known === batch.rowCount && rejects.length === 0) return null;
    this.#rows = Math.max(this.#rows, this.#seen);
    this.#parts += 1;
    const own = known > 0 ? sliceBatch(batch, known, batch.rowCount - known) : batch;
    return { ...part, batch: own, rejects };
  }

  #isNew({ path, byteOffset, column }: CsvReject): boolean {
    const key = JSON.stringify([path, byteOffset, column]);
    if (this.#rejects.has(key)) return false;
    this.#rejects.add(key);
    return true;
  }
}
