// One partition of a CSV source. The host's reader decodes it; where the file contradicts the schema that the sample
// suggested, the query as a whole is planned again, so that nothing is ever misread.

import { assert, SharedWork } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Device, FileCodec } from "../device/index.ts";
import type { CsvRange, CsvReject } from "../io/index.ts";
import { SchemaConflict } from "./schema_conflict.ts";
import type { CsvTask } from "./task.ts";

export interface DecodedCsv {
  readonly batch: Batch;
  readonly rejects: readonly CsvReject[];
}

/** Decodes partitions of sources; the ranges of a source are found once. */
export class CsvDecoder {
  readonly #ranges = new Map<string, SharedWork<readonly CsvRange[]>>();

  /** @throws SchemaConflict, ParseError, FileError, AbortError */
  async decode(task: CsvTask, device: Device, signal?: AbortSignal): Promise<DecodedCsv> {
    const { source, columns, limit, splitCount } = task;
    const { files } = device;
    assert(files !== null, "files are decoded by a host");
    const ranges = splitCount === 1 ? null : await this.#share(task, files, signal);
    const result = await files.readCsv(source, {
      columns,
      limit,
      signal,
      ...(ranges === null ? {} : { ranges }),
    });
    if (result.kind === "conflicts") throw new SchemaConflict(source, result.conflicts);
    return { batch: result.batch, rejects: result.rejects };
  }

  /** Partition k of n: about the k-th n-th of the source's ranges, in order. */
  async #share(
    { source, partition, splitCount }: CsvTask,
    files: FileCodec,
    signal: AbortSignal | undefined,
  ): Promise<readonly CsvRange[]> {
    const key = `${source.id} ${splitCount}`;
    const known = this.#ranges.get(key);
    const planned = known?.isUsable
      ? known
      : new SharedWork((shared) => files.planCsvRanges(source, splitCount, shared));
    this.#ranges.set(key, planned);
    const ranges = await planned.wait(signal);
    const cut = (index: number) => Math.floor((index * ranges.length) / splitCount);
    return ranges.slice(cut(partition), cut(partition + 1));
  }
}
