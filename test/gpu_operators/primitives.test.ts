// Scan, compaction and radix sort against plain loops, around the edges of words, workgroups and tiles.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import {
  digitHistogram,
  neededPasses,
  passesBelow,
  radixSort,
} from "../../src/device/gpu/operators/radix_sort.ts";
import { scan, scanBitmap, selectRows } from "../../src/device/gpu/operators/scan.ts";
import { Workspace } from "../../src/device/gpu/operators/workspace.ts";
import { testDevices } from "../gpu/adapters.ts";
import { randomWords } from "./random.ts";

const SIZES = [0, 1, 31, 32, 33, 255, 256, 257, 4095, 4096, 4097, 8191, 8192, 100_003];
/** With 100,003 rows the scan of the digit counts takes several tiles too, whatever the keys are: one kind of key is enough. */
const FEW_TILES = SIZES.slice(0, -1);

describe.each(testDevices)("$name", ({ open }) => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await open();
  });
  afterAll(() => context.destroy());

  test.each(SIZES)("scan of %i values", async (count) => {
    const values = randomWords(count, 1).map((word) => word >>> 16);
    const workspace = new Workspace(context);
    const recording = context.record();
    const sums = scan(recording, workspace, {
      buffer: workspace.constant(recording, values),
      count,
    });
    const bytes = recording.read(sums, 0, (count + 1) * 4);
    await recording.submit();
    const expected = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) expected[i + 1] = expected[i]! + values[i]!;
    expect(new Uint32Array(await bytes)).toEqual(expected);
    workspace.close();
  });

  test("a scan stops at 2^32 - 1", async () => {
    const values = new Uint32Array(5000).fill(2 ** 20);
    const workspace = new Workspace(context);
    const recording = context.record();
    const buffer = workspace.constant(recording, values);
    const sums = scan(recording, workspace, { buffer, count: 5000 });
    const bytes = recording.read(sums, 0, 5001 * 4);
    await recording.submit();
    const expected = Uint32Array.from({ length: 5001 }, (_, i) =>
      Math.min(i * 2 ** 20, 2 ** 32 - 1),
    );
    expect(new Uint32Array(await bytes)).toEqual(expected);
    workspace.close();
  });

  test.each(SIZES)("compaction of %i rows", async (rowCount) => {
    // Bits behind the last row are set: they must not count.
    const bitmap = randomWords(Math.ceil(rowCount / 32) + 1, 2);
    const workspace = new Workspace(context);
    const recording = context.record();
    const mask = workspace.constant(recording, bitmap);
    const sums = scanBitmap(recording, workspace, mask, rowCount);
    const rows = workspace.acquire(rowCount * 4);
    selectRows(recording, mask, sums, rowCount, rows);
    const total = recording.read(sums, Math.ceil(rowCount / 32) * 4, 4);
    const bytes = recording.read(rows, 0, rowCount * 4);
    await recording.submit();
    const expected: number[] = [];
    for (let row = 0; row < rowCount; row++) {
      if ((bitmap[row >> 5]! >>> (row & 31)) & 1) expected.push(row);
    }
    const [selected] = new Uint32Array(await total);
    expect(selected).toBe(expected.length);
    expect([...new Uint32Array(await bytes, 0, selected)]).toEqual(expected);
    workspace.close();
  });

  const KEYS = [
    { name: "spread keys", wordCount: 1, mask: 0xffffffff, sizes: SIZES },
    { name: "few distinct keys", wordCount: 1, mask: 0x00030001, sizes: FEW_TILES },
    { name: "two words", wordCount: 2, mask: 0x000000ff, sizes: FEW_TILES },
    { name: "three words with constant digits", wordCount: 3, mask: 0x01000003, sizes: FEW_TILES },
  ];
  describe.each(KEYS)("radix sort, $name", ({ wordCount, mask, sizes }) => {
    test.each(sizes.slice(1))("of %i rows", async (rowCount) => {
      const words = randomWords(rowCount * wordCount, 3).map((word) => (word & mask) >>> 0);
      const workspace = new Workspace(context);
      const first = context.record();
      const matrix = {
        words: workspace.constant(first, words),
        wordCount,
        stride: rowCount,
        rowCount,
      };
      const histogram = first.read(digitHistogram(first, workspace, matrix));
      await first.submit();
      const passes = neededPasses(new Uint32Array(await histogram), rowCount);
      const expected = Uint32Array.from({ length: rowCount }, (_, row) => row).sort((a, b) => {
        for (let word = 0; word < wordCount; word++) {
          const difference = words[word * rowCount + a]! - words[word * rowCount + b]!;
          if (difference !== 0) return difference;
        }
        return a - b;
      });
      if (passes.length === 0) return expect(expected).toEqual(expected.toSorted());
      const second = context.record();
      const { rows, keys } = radixSort(second, workspace, matrix, passes, { keepKeys: true });
      const bytes = second.read(rows, 0, rowCount * 4);
      const keyBytes = second.read(keys!, 0, rowCount * 4);
      await second.submit();
      expect(new Uint32Array(await bytes)).toEqual(expected);
      const { word } = passes.at(-1)!;
      const sortedKeys = expected.map((row) => words[word * rowCount + row]!);
      expect(new Uint32Array(await keyBytes)).toEqual(sortedKeys);
      workspace.close();
    });
  });
});

test.each([
  [0, 0],
  [1, 0],
  [2, 1],
  [256, 1],
  [257, 2],
  [65537, 3],
  [2 ** 24 + 1, 4],
  [2 ** 32, 4],
])("values below %i need %i passes", (bound, count) => {
  expect(passesBelow(bound)).toHaveLength(count);
});
