// Handles of the disk tier in a process that may open few files: what it has open closes for what it needs, whoever finds none
// waits for a read to end, and only where nothing can be waited for it is an error.

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileError } from "../../../src/base/index.ts";
import { checksumOn } from "../../../src/execution/memory/checksum.ts";
import { NODE_FILES, type SpillFileSystem } from "../../../src/execution/memory/spill_files.ts";
import { SpillSegments } from "../../../src/execution/memory/spill_segments.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const root = temporaryFolder();
let next = 1;

const systemError = (code: string) =>
  Object.assign(new Error(`${code}, by order of a test`), { code });

/** A file system that has at most so many files open for reading, and tells how many there were; on demand for writing too. */
function handlesFor(most: number, code = "EMFILE") {
  const state = { most, open: 0, highest: 0, refused: 0, countsWriting: false };
  const open: SpillFileSystem["open"] = async (path, flags, mode) => {
    if (flags === "wx" && !state.countsWriting) return await NODE_FILES.open(path, flags, mode);
    if (state.open >= state.most) {
      state.refused += 1;
      throw systemError(code);
    }
    state.open += 1;
    state.highest = Math.max(state.highest, state.open);
    const handle = await NODE_FILES.open(path, flags, mode);
    return {
      write: handle.write.bind(handle) as never,
      read: handle.read.bind(handle) as never,
      close: async () => {
        await handle.close();
        state.open -= 1;
      },
    };
  };
  const tools = { files: { ...NODE_FILES, open }, checksum: checksumOn({}) };
  return { state, segments: new SpillSegments(tools, async () => join(root, `${next++}`)) };
}

/** So many files with a run each: what is appended at the same time shares none. */
async function filesOf(segments: SpillSegments, count: number) {
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  const runs = await Promise.all(
    seeds.map((seed) => segments.append([[new Uint8Array(3000).fill(seed)]])),
  );
  return runs.flat();
}

const allocate = (byteLength: number) => new Uint8Array(byteLength);

describe("handles", () => {
  test.each([
    [1, "EMFILE"],
    [3, "EMFILE"],
    [3, "ENFILE"],
  ])("of at most %i files (%s) read 40, one by one and all at once", async (most, code) => {
    const { state, segments } = handlesFor(most, code);
    const runs = await filesOf(segments, 40);
    expect(new Set(runs.map(({ file }) => file.path)).size).toBe(40);
    for (const [seed, run] of runs.entries()) {
      expect(await segments.read(run, allocate)).toEqual([new Uint8Array(3000).fill(seed)]);
    }
    const parts = await Promise.all(runs.map((run) => segments.read(run, allocate)));
    expect(parts.map(([part]) => part?.[2999])).toEqual([...runs.keys()]);
    expect(state.refused).toBeGreaterThan(0);
    expect(state.highest).toBe(most);
    for (const run of runs) await segments.remove(run);
    await segments.close();
    expect(state.open).toBe(0);
  });

  test("none at all: an error that says what to do, and later none", async () => {
    const { state, segments } = handlesFor(0);
    const runs = await filesOf(segments, 5);
    const errors = await Promise.allSettled(runs.map((run) => segments.read(run, allocate)));
    for (const error of errors) {
      const reason = error.status === "rejected" ? error.reason : null;
      expect(reason).toBeInstanceOf(FileError);
      expect(reason.message).toContain("cannot be opened: EMFILE");
      expect(reason.hint).toContain("ulimit");
    }
    state.most = 2;
    await Promise.all(runs.map((run) => segments.read(run, allocate)));
    await segments.close();
    expect(state.open).toBe(0);
  });

  test("that nobody reads close for a file that is to be written", async () => {
    const { state, segments } = handlesFor(2);
    const runs = await filesOf(segments, 2);
    for (const run of runs) await segments.read(run, allocate);
    expect(state.open).toBe(2);
    state.countsWriting = true;
    // Both files have room: three at the same time need another one.
    const more = await filesOf(segments, 3);
    expect(state.refused).toBe(1);
    state.most = 3;
    for (const [seed, run] of more.entries()) {
      expect(await segments.read(run, allocate)).toEqual([new Uint8Array(3000).fill(seed)]);
    }
    await segments.close();
    expect(state.open).toBe(0);
  });

  test("another error of the system is not tried again", async () => {
    const { state, segments } = handlesFor(0, "EACCES");
    const [run] = await filesOf(segments, 1);
    if (run === undefined) throw new Error("one file gives one run");
    await expect(segments.read(run, allocate)).rejects.toThrow("cannot be opened: EACCES");
    expect(state.refused).toBe(1);
    await segments.close();
  });
});

test.each([
  ["ENOSPC", "Free space there"],
  ["EDQUOT", "Free space there"],
  ["EROFS", "may write to"],
  ["EPERM", "may write to"],
  ["ENFILE", "ulimit"],
])("what cannot be written for %s is an error with its own advice", async (code, advice) => {
  const { state, segments } = handlesFor(0, code);
  state.countsWriting = true;
  const error = await segments.append([[new Uint8Array(3)]]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileError);
  expect((error as FileError).hint).toContain(advice);
  await segments.close();
});
