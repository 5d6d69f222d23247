// Segments: what leaves at different times shares a file, which stays open, and goes with the last of it. What fails to be
// appended leaves what is there as it was.

import { existsSync, mkdirSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError } from "../../../src/base/index.ts";
import { checksumOn } from "../../../src/execution/memory/checksum.ts";
import {
  NODE_FILES,
  type SpillFileSystem,
  type SpillRun,
} from "../../../src/execution/memory/spill_files.ts";
import { SpillSegments } from "../../../src/execution/memory/spill_segments.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const root = temporaryFolder();
let places = 0;

const allocate = (byteLength: number) => new Uint8Array(byteLength);
const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7) % 251);

/** `files`: what is other than with a disk that works. */
function segmentsOn(files: Partial<SpillFileSystem> = {}) {
  const base = join(root, `${places++}`);
  mkdirSync(base);
  let next = 1;
  const tools = { files: { ...NODE_FILES, ...files }, checksum: checksumOn({}) };
  const segments = new SpillSegments(tools, async () => join(base, `${next++}`));
  return { segments, names: () => readdirSync(base).sort(), base };
}

/** Counts what is opened; writes fail where they are told to. */
function disk() {
  const opened = { wx: 0, r: 0 };
  const state = { room: Number.POSITIVE_INFINITY, held: null as Promise<void> | null, opened };
  const open: SpillFileSystem["open"] = async (path, flags, mode) => {
    opened[flags] += 1;
    const handle = await NODE_FILES.open(path, flags, mode);
    return {
      close: () => handle.close(),
      read: handle.read.bind(handle) as never,
      write: async (chunk) => {
        await state.held;
        const part = chunk.subarray(0, Math.min(chunk.length, state.room));
        state.room -= part.length;
        if (part.length > 0) return await handle.write(part);
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      },
    };
  };
  return { state, files: { open } };
}

async function one(segments: SpillSegments, length: number, seed: number): Promise<SpillRun> {
  const [run] = await segments.append([[bytes(length, seed)]]);
  if (run === undefined) throw new Error("one run gives one");
  return run;
}

const errorOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as FileError,
  );

describe("segments", () => {
  test("hundreds of groups share a few files, each opened once for writing and once for reading", async () => {
    const { state, files } = disk();
    const { segments, names } = segmentsOn(files);
    const runs: SpillRun[] = [];
    for (let group = 0; group < 300; group++) runs.push(await one(segments, 1000 + group, group));
    expect(names().length).toBeLessThan(8);
    expect(segments.count).toBe(names().length);
    expect(segments.bytes).toBe(runs.reduce((sum, { byteLength }) => sum + byteLength, 0));
    for (const [group, run] of runs.entries()) {
      expect(await segments.read(run, allocate)).toEqual([bytes(1000 + group, group)]);
    }
    expect(state.opened).toEqual({ wx: segments.count, r: segments.count });
    for (const run of runs) {
      expect(existsSync(run.file.path)).toBe(true);
      await segments.remove(run);
    }
    expect([segments.count, segments.bytes, names()]).toEqual([0, 0, []]);
    // The one that still had room has gone as well.
    const again = await one(segments, 10, 1);
    expect(await segments.read(again, allocate)).toEqual([bytes(10, 1)]);
    await segments.close();
  });

  test("there are never very many of them, nor do they grow without end", async () => {
    const { segments } = segmentsOn();
    const block = bytes(2 ** 20, 1);
    for (let group = 0; group < 300; group++) await segments.append([[block]]);
    expect(segments.count).toBeGreaterThan(20);
    expect(segments.count).toBeLessThan(150);
    await segments.close();
  });

  test.each([0, 1, 99])(
    "a disk that is full after %i bytes more leaves what was there",
    async (room) => {
      const { state, files } = disk();
      const { segments, names } = segmentsOn(files);
      const run = await one(segments, 500, 1);
      const { path } = run.file;
      state.room = room;
      const error = await errorOf(segments.append([[bytes(60, 2)], [bytes(60, 3)]]));
      expect(error).toBeInstanceOf(FileError);
      expect(error.cause).toMatchObject({ code: "ENOSPC" });
      expect([statSync(path).size, segments.bytes, segments.count]).toEqual([500, 500, 1]);
      expect(await segments.read(run, allocate)).toEqual([bytes(500, 1)]);
      state.room = 1000;
      const next = await one(segments, 70, 4);
      expect(await segments.read(next, allocate)).toEqual([bytes(70, 4)]);
      await segments.remove(run);
      await segments.remove(next);
      expect([segments.count, segments.bytes, names()]).toEqual([0, 0, []]);
      await segments.close();
    },
  );

  test("what could not be cut off is not read, and harms nothing", async () => {
    const { state, files } = disk();
    const truncate = () => Promise.reject(new Error("by order of a test"));
    const { segments } = segmentsOn({ ...files, truncate });
    const run = await one(segments, 500, 1);
    state.room = 20;
    await errorOf(one(segments, 60, 2));
    expect(statSync(run.file.path).size).toBe(520);
    expect(await segments.read(run, allocate)).toEqual([bytes(500, 1)]);
    truncateSync(run.file.path, 499);
    expect(await errorOf(segments.read(run, allocate))).toBeInstanceOf(FileError);
    await segments.close();
  });

  test.each([true, false])(
    "one whose runs all go while something is appended stays for that, if it comes: %s",
    async (comes) => {
      const { state, files } = disk();
      const { segments, names } = segmentsOn(files);
      const run = await one(segments, 500, 1);
      let goOn = () => {};
      state.held = new Promise((resolve) => {
        goOn = resolve;
      });
      state.room = comes ? 1000 : 30;
      const coming = one(segments, 60, 2);
      await segments.remove(run);
      expect(names()).toEqual(["1"]);
      goOn();
      if (comes) {
        const next = await coming;
        expect(next.file).toBe(run.file);
        expect(await segments.read(next, allocate)).toEqual([bytes(60, 2)]);
        await segments.remove(next);
      } else await errorOf(coming);
      expect([segments.count, segments.bytes, names()]).toEqual([0, 0, []]);
      await segments.close();
    },
  );

  test("what is appended at the same time lies in files of its own", async () => {
    const { segments } = segmentsOn();
    const runs = await Promise.all([1, 2, 3].map((seed) => one(segments, 2000, seed)));
    expect(new Set(runs.map(({ file }) => file)).size).toBe(3);
    for (const [index, run] of runs.entries())
      expect(await segments.read(run, allocate)).toEqual([bytes(2000, index + 1)]);
    await segments.close();
  });

  test("a file that somebody cuts, adds to or removes is an error, though it is open", async () => {
    const { segments, names } = segmentsOn();
    const [first, second] = await segments.append([[bytes(300, 1)], [bytes(300, 2)]]);
    if (first === undefined || second === undefined) throw new Error("two runs give two");
    await segments.read(first, allocate);
    const { path } = first.file;
    for (const [size, what] of [
      [599, "has 599 bytes"],
      [601, "has 601 bytes"],
      [300, "has 300"],
    ] as const) {
      truncateSync(path, size);
      for (const run of [first, second]) {
        const error = await errorOf(segments.read(run, allocate));
        expect(error).toBeInstanceOf(FileError);
        expect(error.message).toContain(what);
      }
    }
    await NODE_FILES.unlink(path);
    expect((await errorOf(segments.read(first, allocate))).message).toContain("cannot be opened");
    // Nor does anything follow in it.
    const next = await one(segments, 10, 3);
    expect(next.file.path).not.toBe(path);
    expect(await segments.read(next, allocate)).toEqual([bytes(10, 3)]);
    for (const run of [first, second, next]) await segments.remove(run);
    expect([segments.count, segments.bytes, names()]).toEqual([0, 0, []]);
    await segments.close();
  });
});
