// The files of the disk tier. What leaves host memory is appended to a segment until that has its size: pieces of an exchange
// are many and small, and a file for each group of them would be opened again for each of its pieces.
//
//   appended     group 0            | group 1      | group 2 ...
//   runs         [~~~~][~~][~~][~~~~][~~~~~~][~~~~][~~][~~~]
//   read         each run alone, through a handle that stays open while others want it less
//
// A segment goes with its last run; long stretches that nobody has any more go before, where the file system can.

import { DataFrameError } from "../../base/index.ts";
import type { Span } from "../../column/index.ts";
import type { SpillPart } from "./batch_skeleton.ts";
import {
  readRun,
  type SpillFile,
  type SpillHandle,
  type SpillRun,
  type SpillTools,
  unwritable,
  type WrittenRun,
  writeRuns,
} from "./spill_files.ts";
import { closed, SpillHandles } from "./spill_handles.ts";

/**
 * A segment takes no more when it has that part of all that is on disk: there are not many of them, and what waits in one for
 * its last run to go is not much.
 */
const SEGMENT_SHARE = 1 / 64;
const [LEAST_BYTES, MOST_BYTES] = [2 ** 16, 2 ** 24];
/** What lies together and nobody has any more goes back to the disk before its segment does, if it is as much. */
const HOLE_BYTES = 2 ** 18;

interface Segment extends SpillFile {
  readonly handle: SpillHandle;
  /** Somebody appends to it: it stays, whoever lets its runs go. */
  isTaken: boolean;
  /** Its last run has gone. */
  isGone: boolean;
  readonly gone: Gone;
  /** Bytes that the disk has back. */
  freed: number;
}

/** Bytes of a segment that nobody has any more, by where they begin and by where they end. */
class Gone {
  readonly #ends = new Map<number, number>();
  readonly #begins = new Map<number, number>();

  /** With what lies beside it. */
  add(begin: number, end: number): { readonly begin: number; readonly end: number } {
    const first = this.#begins.get(begin) ?? begin;
    const last = this.#ends.get(end) ?? end;
    this.forget(first, begin);
    this.forget(end, last);
    this.#ends.set(first, last);
    this.#begins.set(last, first);
    return { begin: first, end: last };
  }

  forget(begin: number, end: number): void {
    this.#ends.delete(begin);
    this.#begins.delete(end);
  }
}

export class SpillSegments {
  readonly #tools: SpillTools;
  readonly #newPath: (lost?: string) => Promise<string>;
  /** Those that nobody is appending to and that have room; of several groups at a time each has its own. */
  readonly #roomy = new Set<Segment>();
  readonly #handles: SpillHandles;
  /** What is being read. */
  readonly #reading = new Set<SpillRun>();
  readonly #freeing = new Set<Promise<void>>();
  #bytes = 0;
  #count = 0;

  /** `newPath`: where a file may be made; it is told of a path whose directory is gone. */
  constructor(tools: SpillTools, newPath: (lost?: string) => Promise<string>) {
    this.#tools = tools;
    this.#handles = new SpillHandles(tools.files);
    this.#newPath = newPath;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  /** One segment has all of them. @throws FileError with the cause, what `runs` throws; then none of them is on disk. */
  async append(runs: Iterable<readonly Span[]>): Promise<readonly SpillRun[]> {
    const segment = this.#takeRoomy() ?? (await this.#create());
    const { checksum } = this.#tools;
    let written: readonly WrittenRun[];
    try {
      written = await writeRuns({ handle: segment.handle, checksum }, segment.byteLength, runs);
    } catch (error) {
      await this.#cutOff(segment);
      throw error instanceof DataFrameError ? error : unwritable(segment.path, error);
    }
    const bytes = written.reduce((sum, run) => sum + run.byteLength, 0);
    segment.byteLength += bytes;
    segment.users += written.length;
    segment.mayBeLonger = false;
    segment.isTaken = false;
    this.#bytes += bytes;
    if (segment.byteLength < this.#segmentBytes) this.#roomy.add(segment);
    else await closed(segment.handle);
    return written.map((run) => ({ file: segment, ...run }));
  }

  /** @throws FileError where the file is not what was written; what `allocate` throws. */
  async read<P extends SpillPart>(
    run: SpillRun,
    allocate: (byteLength: number) => P,
  ): Promise<readonly P[]> {
    this.#reading.add(run);
    try {
      return await this.#handles.reading(run.file, (opened) =>
        readRun(this.#tools, run, opened, allocate),
      );
    } finally {
      this.#reading.delete(run);
    }
  }

  /** The last run takes the segment with it. Never rejects. */
  async remove(run: SpillRun): Promise<void> {
    const { file, begin, byteLength } = run;
    file.users -= 1;
    const segment = file as Segment;
    await this.#leave(segment);
    // Whoever still reads it shall find it.
    if (segment.isGone || byteLength === 0 || this.#reading.has(run)) return;
    const freeing = this.#free(segment, begin, begin + byteLength);
    this.#freeing.add(freeing);
    void freeing.finally(() => this.#freeing.delete(freeing));
  }

  /** Before the directory goes. */
  async close(): Promise<void> {
    for (const { handle } of this.#roomy) await closed(handle);
    this.#roomy.clear();
    await Promise.all(this.#freeing);
    await this.#handles.closeAll();
  }

  get #segmentBytes(): number {
    return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, SEGMENT_SHARE * this.#bytes));
  }

  async #free(segment: Segment, begin: number, end: number): Promise<void> {
    const hole = segment.gone.add(begin, end);
    const bytes = hole.end - hole.begin;
    if (bytes < HOLE_BYTES) return;
    segment.gone.forget(hole.begin, hole.end);
    const freed = await this.#tools
      .freeRange?.(segment.path, hole.begin, hole.end)
      .catch(() => false);
    if (!freed || segment.isGone) return;
    segment.freed += bytes;
    this.#bytes -= bytes;
  }

  #takeRoomy(): Segment | null {
    for (const segment of this.#roomy) {
      this.#roomy.delete(segment);
      if (isThere(this.#tools, segment)) {
        segment.isTaken = true;
        segment.mayBeLonger = true;
        return segment;
      }
      // Somebody has removed it: what would be appended could not be read.
      void closed(segment.handle);
    }
    return null;
  }

  async #create(): Promise<Segment> {
    const { path, handle } = await this.#newFile();
    this.#count += 1;
    return {
      path,
      byteLength: 0,
      users: 0,
      mayBeLonger: true,
      isTaken: true,
      isGone: false,
      handle,
      gone: new Gone(),
      freed: 0,
    };
  }

  /** Where somebody has removed the directory, in a new one. */
  async #newFile(lost?: string): Promise<{ readonly path: string; readonly handle: SpillHandle }> {
    const path = await this.#newPath(lost);
    try {
      return { path, handle: await this.#handles.create(path) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" && lost === undefined) return await this.#newFile(path);
      throw unwritable(path, error);
    }
  }

  /** What was appended has failed: the runs before it stay, and nothing follows them. */
  async #cutOff(segment: Segment): Promise<void> {
    await closed(segment.handle);
    if (segment.users > 0) {
      const { path, byteLength } = segment;
      await this.#tools.files.truncate(path, byteLength).then(
        () => (segment.mayBeLonger = false),
        // Nobody reads what is behind them.
        () => {},
      );
    }
    segment.isTaken = false;
    await this.#leave(segment);
  }

  async #leave(segment: Segment): Promise<void> {
    if (segment.users > 0 || segment.isTaken || segment.isGone) return;
    segment.isGone = true;
    this.#bytes -= segment.byteLength - segment.freed;
    this.#count -= 1;
    if (this.#roomy.delete(segment)) await closed(segment.handle);
    await this.#handles.close(segment);
    // Whoever closes the session removes what could not be removed here.
    await this.#tools.files.unlink(segment.path).catch(() => {});
  }
}

function isThere({ files }: SpillTools, { path, byteLength }: Segment): boolean {
  try {
    return files.statSync(path).size === byteLength;
  } catch {
    return false;
  }
}
