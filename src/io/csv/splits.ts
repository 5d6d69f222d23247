// Cuts a source into shares of about equal size, in order, at starts of records. Only the quotes before a byte say whether
// it is inside some, so cuts are found one after the other, each from the one before it:
//
//   share        0             | 1            | 2        3 (empty)    | 4
//   file A       aaaaaaaaaaaaaa aaaaaaaaaaaaaa aaaaaaaa|
//   file B                                             |bbbb bbbbbbbbb bbbbb   one record is longer than a share
//
// A share is there as soon as the bytes before its end have been scanned (of compressed files: decompressed), and nothing
// is scanned much before somebody asks for it: whoever wants the first rows reads the first bytes.

import { at, SharedWork, throwIfAborted } from "../../base/index.ts";
import {
  type CsvContent,
  type CsvCutter,
  type CsvRange,
  type CsvSource,
  wholeFile,
} from "./source.ts";

/** What compressed files of the source hold, decompressed step by step as it is asked for. */
export interface CsvContents {
  /** Of the file, at least what its first `packedBytes` hold; all of it where it has no more. */
  upTo(file: number, packedBytes: number, signal?: AbortSignal): Promise<CsvContent>;
  /** Where the content of the first `packedBytes` ends, about; it is there. */
  positionOf(file: number, packedBytes: number): number;
}

/** The begin of a record; `begin` may be Infinity, the end of its file. */
interface Start {
  readonly file: number;
  readonly begin: number;
}

/** Small shares are cut several at once, as each scan is a task of its own. */
const LEAST_SCAN_BYTES = 4 * 2 ** 20;

export class CsvSplits {
  readonly #source: CsvSource;
  readonly #count: number;
  readonly #cut: CsvCutter;
  readonly #contents: CsvContents;
  /** Bytes before each file, and of all. */
  readonly #offsets: readonly number[];
  /** Where the first shares begin. */
  readonly #starts: Start[];
  #scan: { readonly startsBefore: number; readonly work: SharedWork<void> } | null = null;

  constructor(source: CsvSource, count: number, cut: CsvCutter, contents: CsvContents) {
    this.#source = source;
    this.#count = count;
    this.#cut = cut;
    this.#contents = contents;
    let offset = 0;
    this.#offsets = [0, ...source.files.map(({ byteLength }) => (offset += byteLength))];
    this.#starts = [{ file: 0, begin: wholeFile(source, 0).begin }];
  }

  /** The ranges of shares [first, end). @throws FileError, ParseError, AbortError */
  async ranges(first: number, end: number, signal?: AbortSignal): Promise<CsvRange[]> {
    while (this.#starts.length <= Math.min(end, this.#count - 1)) await this.#grow(signal);
    const { files } = this.#source;
    const stop = end < this.#count ? at(this.#starts, end) : { file: files.length, begin: 0 };
    const start = at(this.#starts, first);
    const ranges: CsvRange[] = [];
    for (let file = start.file; file <= Math.min(stop.file, files.length - 1); file++) {
      const whole = wholeFile(this.#source, file);
      const begin = file === start.file ? start.begin : whole.begin;
      const until = file === stop.file ? Math.min(stop.begin, whole.end) : whole.end;
      if (begin < until) ranges.push({ file, begin, end: until });
    }
    return ranges;
  }

  async #grow(signal: AbortSignal | undefined): Promise<void> {
    const startsBefore = this.#starts.length;
    if (this.#scan?.startsBefore !== startsBefore || !this.#scan.work.isUsable) {
      this.#scan = { startsBefore, work: new SharedWork((shared) => this.#scanOn(shared)) };
    }
    await this.#scan.work.wait(signal);
  }

  /** Finds the next start, or several. */
  async #scanOn(signal: AbortSignal): Promise<void> {
    const before = at(this.#starts, this.#starts.length - 1);
    const file = this.#fileOf(this.#starts.length);
    const begin = file === before.file ? before.begin : wholeFile(this.#source, file).begin;
    const { positions, content } = await this.#positions(file, begin, signal);
    const behind = positions.filter((position) => position > begin);
    const request = { file, begin, positions: behind, content, signal };
    const cuts = behind.length === 0 ? [] : await this.#cut(this.#source, request);
    // Whoever gave up may be followed by others who have begun the same scan anew.
    throwIfAborted(signal);
    const unmoved = positions.length - behind.length;
    for (const index of positions.keys()) {
      this.#starts.push({ file, begin: index < unmoved ? begin : at(cuts, index - unmoved) });
    }
  }

  /** Of the next starts, as many as are in the file and not too far behind `begin`. */
  async #positions(
    file: number,
    begin: number,
    signal: AbortSignal,
  ): Promise<{ positions: readonly number[]; content: CsvContent | undefined }> {
    const isPacked = at(this.#source.files, file).compression !== "none";
    const positions: number[] = [];
    let content: CsvContent | undefined;
    let last = begin;
    const isNear = () => positions.length === 0 || last < begin + LEAST_SCAN_BYTES;
    let share = this.#starts.length;
    for (; share < this.#count && this.#fileOf(share) === file && isNear(); share++) {
      const inFile = this.#positionOf(share) - at(this.#offsets, file);
      if (isPacked) content = await this.#contents.upTo(file, inFile, signal);
      last = Math.max(last, isPacked ? this.#contents.positionOf(file, inFile) : inFile);
      positions.push(last);
    }
    return { positions, content };
  }

  /** Where a share would begin if records were bytes: in the files as they are, one after the other. */
  #positionOf(share: number): number {
    return Math.floor((share * at(this.#offsets, this.#offsets.length - 1)) / this.#count);
  }

  #fileOf(share: number): number {
    const position = this.#positionOf(share);
    const next = this.#offsets.findIndex((offset) => offset > position);
    return next < 0 ? this.#source.files.length - 1 : next - 1;
  }
}
