// The disk tier: what is written comes back bit for bit, and what is not what was written is never read.

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { FileError, MemoryBudgetError } from "../../../src/base/index.ts";
import {
  type Batch,
  batchDifference,
  type Column,
  columnFromValues,
  Dictionary,
  sliceBatch,
} from "../../../src/column/index.ts";
import { BOOL, FLOAT64, INT8, INT64, STRING } from "../../../src/dtype/index.ts";
import { disown } from "../../../src/execution/memory/buffer_ledger.ts";
import { sweepSpillDirectories } from "../../../src/execution/memory/spill_directory.ts";
import { NODE_FILES, type SpillFileSystem } from "../../../src/execution/memory/spill_files.ts";
import { type SpilledBatch, SpillStore } from "../../../src/execution/memory/spill_store.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const root = temporaryFolder();
let places = 0;
const place = () => join(root, `base${places++}`);

const ROWS = 19;
const dictionary = Dictionary.fromTexts(["", "a\0b", "Zürich", "x".repeat(30)]);

function plain(texts: readonly string[]): Column {
  const { offsets, bytes } = Dictionary.fromTexts(texts);
  const data = { encoding: "plain", offsets, bytes } as const;
  const column = { dtype: STRING, length: texts.length, nullCount: 0, validity: null };
  return { ...column, data, statistics: null };
}

function coded(name: Dictionary): Column {
  const codes = Uint32Array.from({ length: ROWS }, (_, row) => row % name.size);
  const data = { encoding: "dictionary", codes, dictionary: name } as const;
  return { dtype: STRING, length: ROWS, nullCount: 0, validity: null, data, statistics: null };
}

/** Every encoding, with and without nulls, statistics of every kind, columns that share memory. */
function sample(): Batch {
  const values = <T>(make: (row: number) => T) =>
    Array.from({ length: ROWS }, (_, row) => make(row));
  const floats = columnFromValues(
    values((row) => [Number.NaN, -0, 1 / 3, null][row % 4] ?? null),
    FLOAT64,
  );
  const words: Column = {
    dtype: { kind: "decimal", precision: 38, scale: 2 },
    length: ROWS,
    nullCount: 0,
    validity: null,
    data: {
      encoding: "words",
      values: Uint32Array.from({ length: 4 * ROWS }, (_, i) => i),
      width: 4,
    },
    statistics: null,
  };
  return {
    rowCount: ROWS,
    columns: [
      columnFromValues(
        values((row) => row - 4),
        INT8,
      ),
      {
        ...columnFromValues(
          values((row) => BigInt(row) << 40n),
          INT64,
        ),
        statistics: { min: -1n, sorted: true },
      },
      columnFromValues(
        values((row) => (row % 3 === 0 ? null : row % 2 === 0)),
        BOOL,
      ),
      floats,
      { ...floats, statistics: { lowExponent: -60, hasSpecials: true } },
      words,
      coded(dictionary),
      coded(dictionary),
      plain(values((row) => "é".repeat(row))),
    ],
  };
}

async function written(store: SpillStore, batch: Batch): Promise<SpilledBatch> {
  const [spilled] = await store.write([batch]);
  if (spilled === undefined) throw new Error("one batch gives one");
  return spilled;
}

function filesIn(base: string): readonly string[] {
  const entries = readdirSync(base, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** Without the object in memory the dictionary is read, too. */
function forgotten(spilled: SpilledBatch | undefined): SpilledBatch {
  if (spilled === undefined) throw new Error("nothing was written");
  const gone = { deref: () => undefined } as unknown as WeakRef<Dictionary>;
  return { ...spilled, dictionaries: spilled.dictionaries.map((d) => ({ ...d, live: gone })) };
}

const SHAPES: readonly [string, (batch: Batch) => Batch][] = [
  ["whole", (batch) => batch],
  ["a slice at a multiple of 8", (batch) => sliceBatch(batch, 8, 9)],
  ["a slice at an odd row", (batch) => sliceBatch(batch, 3, 10)],
  ["no rows", (batch) => sliceBatch(batch, 5, 0)],
];

describe("a batch on disk", () => {
  test.each(SHAPES)("comes back as it was: %s", async (_, shape) => {
    const store = new SpillStore(place());
    const batch = shape(sample());
    const spilled = await written(store, batch);
    const back = await store.read(spilled);
    expect(batchDifference(batch, back)).toBeNull();
    for (const [index, column] of back.columns.entries()) {
      expect(column.statistics).toEqual(batch.columns[index]?.statistics);
      expect(column.data.encoding).toBe(batch.columns[index]?.data.encoding);
    }
    await store.close();
  });

  test("has its dictionary on disk once, and the same object in memory while there is one", async () => {
    const base = place();
    const store = new SpillStore(base);
    const batches = [sample(), sliceBatch(sample(), 0, 8)];
    const spilled = await Promise.all(batches.map((batch) => written(store, batch)));
    const bytes = spilled.reduce((sum, { run }) => sum + run.byteLength, 0);
    expect(store.bytes).toBe(bytes + dictionary.offsets.byteLength + dictionary.bytes.byteLength);
    const back = await store.read(spilled[0] as never);
    const { data } = back.columns[6] as Column;
    expect(data.encoding === "dictionary" && data.dictionary).toBe(dictionary);
    await store.release(spilled[0] as never);
    // The other one needs the dictionary, wherever it lies.
    expect(
      batchDifference(sliceBatch(sample(), 0, 8), await store.read(forgotten(spilled[1]))),
    ).toBeNull();
    await store.release(spilled[1] as never);
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    await store.close();
    expect(readdirSync(base)).toEqual([]);
  });

  test("writes of a text column that is a slice only the slice's texts", async () => {
    const store = new SpillStore(place());
    const column = plain(Array.from({ length: 1000 }, (_, row) => `text ${row}`));
    const slice = sliceBatch({ rowCount: 1000, columns: [column] }, 500, 10);
    const spilled = await written(store, slice);
    expect(spilled.run.file.byteLength).toBe(4 * 11 + "text 500".length * 10);
    expect(batchDifference(slice, await store.read(spilled))).toBeNull();
    await store.close();
  });

  test("leaves out what callers own", async () => {
    const store = new SpillStore(place());
    const own = sample();
    disown({ rowCount: ROWS, columns: own.columns.slice(0, 3) });
    const spilled = await written(store, own);
    const back = await store.read(spilled);
    expect(back.columns[0]?.data).toEqual(own.columns[0]?.data);
    const values = ({ data }: Column) => (data.encoding === "fixed" ? data.values.buffer : null);
    expect(values(back.columns[0] as Column)).toBe(values(own.columns[0] as Column));
    expect(values(back.columns[3] as Column)).not.toBe(values(own.columns[3] as Column));
    await store.close();
  });

  test("is private", async () => {
    const base = place();
    const store = new SpillStore(base);
    const { run } = await written(store, sample());
    expect(statSync(run.file.path).mode & 0o777).toBe(0o600);
    const [name] = readdirSync(base);
    expect(name).toContain(`-${process.pid}-`);
    expect(statSync(join(base, name ?? "")).mode & 0o777).toBe(0o700);
    await store.close();
  });
});

describe("batches that are written together", () => {
  /** Larger than what is written at once, and so that each begins in the middle of it. */
  const LENGTHS = [30_000, 3, 0, 140_000, 19, 65_536];
  const numbers = (length: number, place: number): Batch => ({
    rowCount: length,
    columns: [
      columnFromValues(
        Float64Array.from({ length }, (_, row) => Math.sin(row + place)),
        FLOAT64,
      ),
      plain(Array.from({ length }, (_, row) => (row % 3 === 0 ? "" : `${place}.${row % 7}`))),
    ],
  });
  const batches = [...LENGTHS.map(numbers), sample(), sliceBatch(sample(), 3, 10)];

  test("share a file, from which each is read alone, and which goes with the last", async () => {
    const base = place();
    const store = new SpillStore(base);
    const spilled = await store.write(batches);
    const { path, byteLength } = spilled[0]?.run.file ?? { path: "", byteLength: 0 };
    expect([store.fileCount, store.bytes, statSync(path).size]).toEqual([
      1,
      byteLength,
      byteLength,
    ]);
    for (const [index, one] of spilled.toReversed().entries()) {
      expect(one.run.file.path).toBe(path);
      const batch = batches.at(-1 - index) as Batch;
      expect(batchDifference(batch, await store.read(forgotten(one))), `${index}`).toBeNull();
      expect(existsSync(path)).toBe(true);
      await store.release(one);
    }
    expect(existsSync(path)).toBe(false);
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    await store.close();
  });

  test("a byte that was altered spoils the one that has it, and no other", async () => {
    const store = new SpillStore(place());
    const spilled = await store.write(batches);
    const { file, begin, byteLength } = (spilled[3] as SpilledBatch).run;
    const bytes = readFileSync(file.path);
    for (const at of [begin, begin + 2 ** 20, begin + byteLength - 1]) {
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      writeFileSync(file.path, bytes);
      for (const [index, one] of spilled.entries()) {
        const back = await store.read(one).catch((caught: unknown) => caught);
        if (index === 3) expect(back, `at ${at}`).toBeInstanceOf(FileError);
        else expect(batchDifference(batches[index] as Batch, back as Batch)).toBeNull();
      }
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    }
    await store.close();
  });

  test("are not there where a dictionary of theirs was to be in a file that failed", async () => {
    const base = place();
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    let ended = () => {};
    const hasEnded = new Promise<void>((resolve) => (ended = resolve));
    const open: SpillFileSystem["open"] = async (path, flags, mode) => {
      // The first file has the dictionary; it fails when the second one is complete.
      if (path.endsWith("/2")) await hasBegun;
      const handle = await NODE_FILES.open(path, flags, mode);
      const write = async (chunk: Uint8Array) => {
        if (!path.endsWith("/1")) {
          const written = await handle.write(chunk);
          setImmediate(ended);
          return written;
        }
        begun();
        await hasEnded;
        throw new Error("by order of a test");
      };
      const close = () => handle.close();
      return { read: handle.read.bind(handle), write, close };
    };
    const store = new SpillStore(base, { ...NODE_FILES, open });
    const errors = await Promise.all(
      [[sample()], [numbers(3, 0), sliceBatch(sample(), 0, 8)]].map((group) =>
        store.write(group).catch((caught: unknown) => caught),
      ),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(FileError);
      expect((error as FileError).path).toMatch(/\/1$/);
    }
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    expect(filesIn(base)).toEqual([]);
    const [, again] = await store.write([numbers(3, 0), sample()]);
    expect(batchDifference(sample(), await store.read(forgotten(again)))).toBeNull();
    await store.close();
  });

  test.each([0, 50_000, 2 ** 20, 3 * 2 ** 20])(
    "a disk that is full after %i bytes has none of them",
    async (room) => {
      const base = place();
      const disk = fullAfter(room);
      const store = new SpillStore(base, disk);
      await expect(store.write(batches)).rejects.toThrow(FileError);
      expect([store.fileCount, store.bytes]).toEqual([0, 0]);
      expect(filesIn(base)).toEqual([]);
      await store.close();
    },
  );
});

describe("a file that is not what was written is an error that names it", () => {
  const damage: readonly [string, (bytes: Buffer, at: number) => Buffer][] = [
    ["truncated", (bytes, at) => bytes.subarray(0, at)],
    [
      "altered",
      (bytes, at) => Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 0x10 : byte))),
    ],
  ];

  test.each(damage)("%s at every byte", async (_, change) => {
    const store = new SpillStore(place());
    const spilled = await written(store, sliceBatch(sample(), 0, 8));
    const { path } = spilled.run.file;
    const bytes = readFileSync(path);
    for (let at = 0; at < bytes.length; at++) {
      writeFileSync(path, change(bytes, at));
      const error = await store.read(forgotten(spilled)).catch((caught: unknown) => caught);
      expect(error, `at ${at}`).toBeInstanceOf(FileError);
      expect((error as FileError).path).toBe(path);
    }
    writeFileSync(path, bytes);
    expect(bytes.length).toBeGreaterThan(250);
    expect(
      batchDifference(sliceBatch(sample(), 0, 8), await store.read(forgotten(spilled))),
    ).toBeNull();
    await store.close();
  });

  test("longer, or gone", async () => {
    const store = new SpillStore(place());
    const spilled = await written(store, sample());
    writeFileSync(
      spilled.run.file.path,
      Buffer.concat([readFileSync(spilled.run.file.path), Buffer.of(0)]),
    );
    await expect(store.read(spilled)).rejects.toThrow(/bytes where/);
    rmSync(spilled.run.file.path);
    await expect(store.read(spilled)).rejects.toThrow(/cannot be opened/);
    await store.release(spilled);
    await store.close();
  });
});

test("memory that is not there for what is read back is no fault of the file", async () => {
  const none = new MemoryBudgetError("no memory");
  let isThere = false;
  const allocate = () => {
    if (!isThere) throw none;
    return undefined as never;
  };
  const store = new SpillStore(place(), NODE_FILES, { host: { allocate } });
  const batch: Batch = {
    rowCount: 5000,
    columns: [columnFromValues(new Float64Array(5000).fill(1 / 3), FLOAT64)],
  };
  const spilled = await written(store, batch);
  expect(await store.read(spilled).catch((caught: unknown) => caught)).toBe(none);
  isThere = true;
  expect(batchDifference(batch, await store.read(spilled))).toBeNull();
  await store.close();
});

/** A disk that is full after so many bytes. */
function fullAfter(bytes: number): SpillFileSystem & { room: number } {
  const disk = {
    ...NODE_FILES,
    room: bytes,
    open: async (path: string, flags: "wx" | "r", mode?: number) => {
      const handle = await NODE_FILES.open(path, flags, mode);
      return {
        close: () => handle.close(),
        read: handle.read.bind(handle) as never,
        write: async (chunk: Uint8Array) => {
          // As a real disk: first less than was asked, then nothing.
          if (disk.room === 0) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
          const part = chunk.subarray(0, Math.min(chunk.length, disk.room));
          disk.room -= part.length;
          return await handle.write(part);
        },
      };
    },
  };
  return disk;
}

describe("a full disk", () => {
  test.each([0, 1, 100, 400, 600])("after %i bytes leaves nothing behind", async (room) => {
    const disk = fullAfter(room);
    const store = new SpillStore(place(), disk);
    const error = await written(store, sample()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).cause).toMatchObject({ code: "ENOSPC" });
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    disk.room = 1e6;
    const spilled = await written(store, sample());
    expect(batchDifference(sample(), await store.read(spilled))).toBeNull();
    await store.close();
  });

  test("a directory that cannot be made is an error, and tried anew", async () => {
    const base = place();
    writeFileSync(base, "in the way");
    const store = new SpillStore(base);
    await expect(written(store, sample())).rejects.toThrow(FileError);
    rmSync(base);
    await written(store, sample());
    await store.close();
  });
});

describe("directories of the past", () => {
  test("go when their process is gone, and only those", async () => {
    const base = place();
    const host = hostname().replaceAll(/[^\w.]/g, "_");
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    const kept = ["notes", `gpudataframe-elsewhere-${gone}-1-abc`, `gpudataframe-${host}-1-x-abc`];
    // A later process has the pid of this one: another start time.
    const stale = [
      `gpudataframe-${host}-${gone}-1-abc`,
      `gpudataframe-${host}-${process.pid}-1-abc`,
    ];
    for (const name of [...kept, ...stale]) {
      mkdirSync(join(base, name), { recursive: true });
      writeFileSync(join(base, name, "1"), "x");
    }
    const store = new SpillStore(base);
    const { run } = await written(store, sample());
    const onLinux = process.platform === "linux" ? stale : stale.slice(0, 1);
    expect([...(await sweepSpillDirectories(base))].sort()).toEqual([...onLinux].sort());
    for (const name of kept) expect(existsSync(join(base, name, "1"))).toBe(true);
    expect(existsSync(run.file.path)).toBe(true);
    await store.close();
  });

  test("of a process go when it exits, however it ends but by a kill", () => {
    const base = place();
    const module = new URL("../../../src/execution/memory/spill_directory.ts", import.meta.url);
    const script = `
      import { createSpillDirectory } from ${JSON.stringify(module.href)};
      const path = await createSpillDirectory(${JSON.stringify(base)});
      console.log(path);
      throw new Error("crash");`;
    const arguments_ = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawnSync(process.execPath, arguments_, { encoding: "utf8" });
    expect(child.stderr).toContain("crash");
    expect(child.stdout).toContain(base);
    expect(readdirSync(base)).toEqual([]);
  });

  test("of a worker go when it is terminated, and the process goes on", () => {
    const base = place();
    const program = fileURLToPath(new URL("spilling_workers.ts", import.meta.url));
    const child = spawnSync(process.execPath, ["--import", "tsx", program, base], {
      encoding: "utf8",
    });
    const ends: { files: number; left: string[] }[] = JSON.parse(child.stdout);
    for (const { files, left } of ends) {
      expect(files).toBeGreaterThan(1);
      expect(left).toEqual([]);
    }
    expect(ends).toHaveLength(3);
  });
});

test("a directory that somebody removes is made anew by the next write", async () => {
  const base = place();
  const store = new SpillStore(base);
  await written(store, sample());
  for (const name of readdirSync(base)) rmSync(join(base, name), { recursive: true });
  const spilled = await written(store, sample());
  expect(batchDifference(sample(), await store.read(spilled))).toBeNull();
  await store.close();
  expect(readdirSync(base)).toEqual([]);
});
