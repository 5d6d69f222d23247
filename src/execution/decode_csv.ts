// One partition of a CSV source. The host's reader decodes it; where the file contradicts the schema that the sample
// suggested, the query as a whole is planned again, so that nothing is ever misread.

import { assert } from "../base/index.ts";
import type { Batch } from "../column/index.ts";
import type { Device, FileCodec } from "../device/index.ts";
import {
  type CsvReject,
  type CsvRequest,
  type CsvResult,
  type CsvSource,
  CsvSplits,
  effectiveLimit,
} from "../io/index.ts";
import { KnownLines } from "./known_lines.ts";
import { SchemaConflict } from "./schema_conflict.ts";
import type { CsvTask } from "./task.ts";
import { UnpackedCsv, type UnpackingPlace } from "./unpacked_csv.ts";

export interface DecodedCsv {
  readonly batch: Batch;
  readonly rejects: readonly CsvReject[];
}

/** Of compressed files, what a limit's reader tries first; and how many times as much after that. */
const LIMITED_BYTES = 2 ** 18;
const LIMITED_GROWTH = 4;

/** Decodes partitions of sources; where their records begin is found, and compressed files are decompressed, once. */
export class CsvDecoder {
  readonly #place: UnpackingPlace;
  readonly #splits = new Map<string, CsvSplits>();
  readonly #unpacked = new Map<CsvSource, UnpackedCsv>();
  readonly #lines = new Map<CsvSource, KnownLines>();

  constructor(place: UnpackingPlace) {
    this.#place = place;
  }

  /** @throws SchemaConflict, ParseError, FileError, AbortError */
  async decode(task: CsvTask, device: Device, signal?: AbortSignal): Promise<DecodedCsv> {
    const { source, columns, limit } = task;
    const { files } = device;
    assert(files !== null, "files are decoded by a host");
    const request = { columns, limit, signal };
    const result = isFirstRows(task)
      ? await this.#firstRows(source, request, files)
      : await this.#share(task, request, files);
    if (result.kind === "conflicts") throw new SchemaConflict(source, result.conflicts);
    return { batch: result.batch, rejects: result.rejects };
  }

  /** Files that were decompressed go. */
  async close(): Promise<void> {
    for (const unpacked of this.#unpacked.values()) await unpacked.close();
  }

  async #share(
    { source, partition, splitCount }: CsvTask,
    request: CsvRequest,
    files: FileCodec,
  ): Promise<CsvResult> {
    const splits = this.#splitsOf(source, splitCount, files);
    const ranges = await splits.ranges(partition, partition + 1, request.signal);
    return await this.#read(source, { ...request, ranges }, files);
  }

  /** Of compressed files: tries with more and more of them, until that has the rows. */
  async #firstRows(source: CsvSource, request: CsvRequest, files: FileCodec): Promise<CsvResult> {
    const packedBytes = source.files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const count = Math.max(1, Math.ceil(packedBytes / LIMITED_BYTES));
    const splits = this.#splitsOf(source, count, files);
    const limit = effectiveLimit(source, request);
    for (let tried = 1; ; tried = Math.min(count, LIMITED_GROWTH * tried)) {
      const ranges = await splits.ranges(0, tried, request.signal);
      const result = await this.#read(source, { ...request, ranges }, files);
      if (tried === count || result.kind === "conflicts") return result;
      if (limit !== null && result.batch.rowCount >= limit) return result;
    }
  }

  async #read(source: CsvSource, request: CsvRequest, files: FileCodec): Promise<CsvResult> {
    const { ranges = [], signal } = request;
    const known = this.#linesOf(source);
    const contents = await this.#unpackedOf(source).of(ranges, signal);
    const lines = known.before(ranges);
    const result = await files.readCsv(source, { ...request, contents, lines });
    if (result.kind === "rows") known.add(result.rejects);
    return result;
  }

  #linesOf(source: CsvSource): KnownLines {
    const known = this.#lines.get(source) ?? new KnownLines(source);
    this.#lines.set(source, known);
    return known;
  }

  #splitsOf(source: CsvSource, count: number, files: FileCodec): CsvSplits {
    const key = `${source.id} ${count}`;
    const known = this.#splits.get(key);
    if (known !== undefined) return known;
    const splits = new CsvSplits(source, count, files.cutCsv, this.#unpackedOf(source));
    this.#splits.set(key, splits);
    return splits;
  }

  #unpackedOf(source: CsvSource): UnpackedCsv {
    const known = this.#unpacked.get(source);
    if (known !== undefined) return known;
    const unpacked = new UnpackedCsv(source, this.#place);
    this.#unpacked.set(source, unpacked);
    return unpacked;
  }
}

/** A reader with a limit ends early by itself, but for what has to be decompressed before. */
function isFirstRows({ source, columns, limit, splitCount }: CsvTask): boolean {
  if (splitCount > 1 || effectiveLimit(source, { columns, limit }) === null) return false;
  return source.files.some(({ compression }) => compression !== "none");
}
