// Batches of a stream that its consumer has got. V8 lets tens of MiB of dead ones wait, and on a busy machine many more: a
// stream that is to take little memory asks for them to be freed.

import { type Batch, batchSpans, isVisible } from "../../column/index.ts";
import { collectGarbage, mayCollect } from "./collector.ts";

/** Smaller buffers are not worth following to their end. */
const SMALLEST_FOLLOWED = 1 << 12;
/** Of the budget, between bounds: what may wait for the collector. */
const SHARE = 1 / 4;
const LEAST_LIMIT = 16 * 2 ** 20;
const MOST_LIMIT = 256 * 2 ** 20;

export class PassedOn {
  #limit: number;
  #bytes = 0;
  readonly #followed = new WeakSet<ArrayBufferLike>();
  readonly #collected = new FinalizationRegistry<number>((bytes) => {
    this.#bytes -= bytes;
  });

  constructor(budget: number) {
    this.#limit = Math.min(MOST_LIMIT, Math.max(LEAST_LIMIT, SHARE * budget));
  }

  /** The consumer is done with the batch, or keeps it. */
  async add(batch: Batch): Promise<void> {
    for (const span of batchSpans(batch)) if (isVisible(span)) this.#follow(span.buffer);
    if (this.#bytes <= this.#limit || !mayCollect()) return;
    await collectGarbage(() => this.#bytes <= this.#limit / 2);
    // What a collection leaves the consumer keeps: the next one is worth its time when there is twice as much.
    this.#limit = Math.max(this.#limit, 2 * this.#bytes);
  }

  #follow(buffer: ArrayBufferLike): void {
    if (buffer.byteLength < SMALLEST_FOLLOWED || this.#followed.has(buffer)) return;
    this.#followed.add(buffer);
    this.#bytes += buffer.byteLength;
    this.#collected.register(buffer, buffer.byteLength);
  }
}
