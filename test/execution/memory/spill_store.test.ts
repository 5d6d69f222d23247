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
import { SpillStore } from "../../../src/execution/memory/spill_store.ts";
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
    const spilled = await store.write(batch);
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
    const spilled = await Promise.all(batches.map((batch) => store.write(batch)));
    expect(store.fileCount).toBe(3);
    const back = await store.read(spilled[0] as never);
    const { data } = back.columns[6] as Column;
    expect(data.encoding === "dictionary" && data.dictionary).toBe(dictionary);
    await store.release(spilled[0] as never);
    expect(store.fileCount).toBe(2);
    await store.release(spilled[1] as never);
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    await store.close();
    expect(readdirSync(base)).toEqual([]);
  });

  test("writes of a text column that is a slice only the slice's texts", async () => {
    const store = new SpillStore(place());
    const column = plain(Array.from({ length: 1000 }, (_, row) => `text ${row}`));
    const slice = sliceBatch({ rowCount: 1000, columns: [column] }, 500, 10);
    const spilled = await store.write(slice);
    expect(spilled.file.byteLength).toBe(4 * 11 + "text 500".length * 10);
    expect(batchDifference(slice, await store.read(spilled))).toBeNull();
    await store.close();
  });

  test("leaves out what callers own", async () => {
    const store = new SpillStore(place());
    const own = sample();
    disown({ rowCount: ROWS, columns: own.columns.slice(0, 3) });
    const spilled = await store.write(own);
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
    const { file } = await store.write(sample());
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    const [name] = readdirSync(base);
    expect(name).toContain(`-${process.pid}-`);
    expect(statSync(join(base, name ?? "")).mode & 0o777).toBe(0o700);
    await store.close();
  });
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
    const spilled = await store.write(sliceBatch(sample(), 0, 8));
    const files = [
      spilled.file,
      ...(await Promise.all(spilled.dictionaries.map(async (d) => await d.file))),
    ];
    // Without the object in memory the dictionary is read, too.
    const forgotten = {
      ...spilled,
      dictionaries: spilled.dictionaries.map((d) => ({ ...d, live: { deref: () => undefined } })),
    };
    let positions = 0;
    for (const { path } of files as { path: string }[]) {
      const bytes = readFileSync(path);
      for (let at = 0; at < bytes.length; at++) {
        writeFileSync(path, change(bytes, at));
        const error = await store.read(forgotten as never).catch((caught: unknown) => caught);
        expect(error, `${path} at ${at}`).toBeInstanceOf(FileError);
        expect((error as FileError).path).toBe(path);
        positions += 1;
      }
      writeFileSync(path, bytes);
    }
    expect(positions).toBeGreaterThan(250);
    expect(
      batchDifference(sliceBatch(sample(), 0, 8), await store.read(forgotten as never)),
    ).toBeNull();
    await store.close();
  });

  test("longer, or gone", async () => {
    const store = new SpillStore(place());
    const spilled = await store.write(sample());
    writeFileSync(
      spilled.file.path,
      Buffer.concat([readFileSync(spilled.file.path), Buffer.of(0)]),
    );
    await expect(store.read(spilled)).rejects.toThrow(/bytes where/);
    rmSync(spilled.file.path);
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
  const spilled = await store.write(batch);
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
        stat: () => handle.stat(),
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
    const error = await store.write(sample()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).cause).toMatchObject({ code: "ENOSPC" });
    expect([store.fileCount, store.bytes]).toEqual([0, 0]);
    disk.room = 1e6;
    const spilled = await store.write(sample());
    expect(batchDifference(sample(), await store.read(spilled))).toBeNull();
    await store.close();
  });

  test("a directory that cannot be made is an error, and tried anew", async () => {
    const base = place();
    writeFileSync(base, "in the way");
    const store = new SpillStore(base);
    await expect(store.write(sample())).rejects.toThrow(FileError);
    rmSync(base);
    await store.write(sample());
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
    const { file } = await store.write(sample());
    const onLinux = process.platform === "linux" ? stale : stale.slice(0, 1);
    expect([...(await sweepSpillDirectories(base))].sort()).toEqual([...onLinux].sort());
    for (const name of kept) expect(existsSync(join(base, name, "1"))).toBe(true);
    expect(existsSync(file.path)).toBe(true);
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
});
