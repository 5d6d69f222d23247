// What nobody has any more of a segment that others still need goes back to the disk.

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../../src/device/cpu/addon.ts";
import { checksumOn } from "../../../src/execution/memory/checksum.ts";
import { NODE_FILES, type SpillRun } from "../../../src/execution/memory/spill_files.ts";
import { SpillSegments } from "../../../src/execution/memory/spill_segments.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const root = temporaryFolder();
let places = 0;
const KIB = 2 ** 10;
const allocate = (byteLength: number) => new Uint8Array(byteLength);
const bytes = (length: number, seed: number) => new Uint8Array(length).fill(1 + seed);

const load = loadAddon();
const addon = load.ok ? load.native : null;

type FreeRange = (path: string, begin: number, end: number) => Promise<boolean>;

/** Ten runs of 100 KiB in one segment. */
async function tenRuns(freeRange: FreeRange) {
  const base = join(root, `${places++}`);
  mkdirSync(base);
  const tools = { files: NODE_FILES, checksum: checksumOn({}), freeRange };
  let next = 1;
  const segments = new SpillSegments(tools, async () => join(base, `${next++}`));
  const runs = await segments.append(Array.from({ length: 10 }, (_, i) => [bytes(100 * KIB, i)]));
  const remove = async (...numbers: number[]) => {
    for (const number of numbers) await segments.remove(runs[number] as SpillRun);
    // It goes on beside whoever removed them.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { segments, runs, remove };
}

describe("holes in a segment", () => {
  test("are as long as what lies together, in whichever order it goes", async () => {
    const freed: [number, number][] = [];
    const { segments, runs, remove } = await tenRuns(async (_, begin, end) => {
      freed.push([begin / KIB, end / KIB]);
      return true;
    });
    await remove(2, 4);
    expect(freed).toEqual([]);
    await remove(3);
    expect(freed).toEqual([[200, 500]]);
    expect(segments.bytes).toBe(700 * KIB);
    // What is beside a hole begins another one.
    await remove(5, 6);
    expect(freed).toHaveLength(1);
    await remove(7);
    expect(freed.slice(1)).toEqual([[500, 800]]);
    for (const number of [0, 1, 8, 9]) {
      const run = runs[number] as SpillRun;
      expect(await segments.read(run, allocate)).toEqual([bytes(100 * KIB, number)]);
    }
    await remove(0, 1, 8, 9);
    expect([segments.bytes, segments.count, freed.length]).toEqual([0, 0, 2]);
    await segments.close();
  });

  test("where the file system cannot, the segment counts as a whole until it goes", async () => {
    for (const cannot of [
      async () => false,
      () => Promise.reject(new Error("by order of a test")),
    ]) {
      const { segments, remove } = await tenRuns(cannot);
      await remove(0, 1, 2, 3);
      expect(segments.bytes).toBe(1000 * KIB);
      await remove(4, 5, 6, 7, 8, 9);
      expect([segments.bytes, segments.count]).toEqual([0, 0]);
      await segments.close();
    }
  });

  test("are counted once where the segment goes before they are made", async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { segments, remove } = await tenRuns(async () => {
      await held;
      return true;
    });
    await remove(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(segments.bytes).toBe(0);
    goOn();
    await segments.close();
    expect(segments.bytes).toBe(0);
  });

  test("are not made of what somebody reads", async () => {
    const freed: number[] = [];
    const { segments, runs, remove } = await tenRuns(async (_, begin, end) => {
      freed.push(end - begin);
      return true;
    });
    const reading = segments.read(runs[1] as SpillRun, allocate);
    await remove(0, 1, 2);
    expect(freed).toEqual([]);
    expect(await reading).toEqual([bytes(100 * KIB, 1)]);
    await segments.close();
  });

  test.runIf(addon !== null && process.platform === "linux")(
    "take no room on the disk",
    async () => {
      if (addon === null) throw new Error("there is an addon");
      const path = join(root, "file");
      const content = new Uint8Array(1000 * KIB).map((_, index) => 1 + (index % 250));
      writeFileSync(path, content);
      const before = statSync(path);
      const isFreed = await addon.freeRange(path, 100 * KIB + 5, 900 * KIB);
      const after = statSync(path);
      expect(after.size).toBe(before.size);
      // Not every file system can; none gives back what was not asked for.
      if (isFreed) expect(after.blocks).toBeLessThanOrEqual(before.blocks - (2 * 790 * KIB) / KIB);
      const found = readFileSync(path);
      const expected = isFreed ? content.fill(0, 100 * KIB + 5, 900 * KIB) : content;
      expect(Buffer.compare(found, expected)).toBe(0);
      for (const other of [join(root, "none"), root]) {
        expect(await addon.freeRange(other, 0, 4 * KIB)).toBe(false);
      }
    },
  );
});
