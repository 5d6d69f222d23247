// Compressed files through sessions: decompressed step by step into private files that go with the query, as far as it
// needs, whatever happens on the way.

import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { AbortError, FileError, ParseError } from "../../src/base/index.ts";
import { type Column, columnToValues } from "../../src/column/index.ts";
import { NODE_FILES } from "../../src/execution/memory/spill_files.ts";
import { type AnyDataFrame, col, Session, type SessionOptions } from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const MEMBERS = 10;
const A_MEMBER = 24_000;
const ROWS = MEMBERS * A_MEMBER;
const PARTITIONS = 24;

const folder = temporaryFolder();
const spill = join(folder, "spill");
const large = join(folder, "large.csv.gz");
const twice = join(folder, "twice.csv.gz");
const cut = join(folder, "cut.csv.gz");
const plain = join(folder, "large.csv");
/** Digits that hardly repeat; 8 MB in all, about half as much compressed. */
const line = (row: number) =>
  `${row},${Math.imul(row, 2654435761) >>> 0},"${Math.imul(row, 40503) >>> 0},\n${row % 7}"\n`;

const working = { ...NODE_FILES };
afterEach(() => void Object.assign(NODE_FILES, working));

beforeAll(() => {
  const header = "id,hash,key\n";
  const member = Array.from({ length: A_MEMBER }, (_, row) => line(row)).join("");
  const packedMember = gzipSync(member, { level: 1 });
  const packedOf = (members: number) =>
    Buffer.concat([gzipSync(header), ...Array.from({ length: members }, () => packedMember)]);
  const packed = packedOf(MEMBERS);
  writeFileSync(plain, header + member.repeat(MEMBERS));
  writeFileSync(large, packed);
  writeFileSync(twice, packedOf(2 * MEMBERS));
  writeFileSync(cut, packed.subarray(0, Math.floor(0.9 * packed.length)));
});

const opened = (options: Partial<SessionOptions> = {}) =>
  new Session({ engine: "cpu", partitions: PARTITIONS, spillDirectory: spill, ...options });

const filesThere = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.startsWith(spill))
    .map(({ parentPath, name }) => join(parentPath, name));

const onDisk = (session: Session) =>
  session.memory().find(({ tier }) => tier === "disk")?.used ?? -1;

const total = (MEMBERS * A_MEMBER * (A_MEMBER - 1)) / 2;
const sumOf = async (frame: AnyDataFrame) =>
  (await frame.agg({ sum: col("id").sum() }).compute()).toRows()[0]?.sum;

/** The ids that come, until the error, if there is one. In short: an assertion about so many takes its time. */
async function streamed(frame: AnyDataFrame, onEach: () => void = () => {}) {
  let rows = 0;
  let misplaced = 0;
  let error: unknown = null;
  try {
    for await (const { batch } of frame.select("id").stream({ rows: 20_000 })) {
      for (const id of columnToValues(batch.columns[0] as Column)) {
        if (Number(id) !== rows++ % A_MEMBER) misplaced += 1;
      }
      onEach();
    }
  } catch (reason) {
    error = reason;
  }
  return { rows, misplaced, error };
}

describe("a large compressed file", () => {
  test("gives what the file in it gives, from a private file that is gone after it", async () => {
    await using session = opened();
    const frame = await session.readCsv(large);
    const found = await streamed(frame, () => {
      expect(filesThere().map((path) => statSync(path).mode & 0o777)).toEqual([0o600]);
      expect(onDisk(session)).toBeGreaterThan(0);
    });
    expect(found).toEqual({ rows: ROWS, misplaced: 0, error: null });
    const texts = col("key").str.length().sum();
    const expected = await (await session.readCsv(plain)).agg({ texts }).compute();
    expect((await frame.agg({ texts }).compute()).toRows()).toEqual(expected.toRows());
    expect(filesThere()).toEqual([]);
    expect(onDisk(session)).toBe(0);
  });

  test("is decompressed as far as somebody reads", async () => {
    await using session = opened();
    for await (const _ of (await session.readCsv(twice)).stream({ rows: 10 })) {
      // Whatever was in memory when the file began, and a scan of 4 MiB for the parts that are ahead of the consumer.
      expect(onDisk(session)).toBeGreaterThan(0);
      expect(onDisk(session)).toBeLessThan(1.5 * statSync(plain).size);
      break;
    }
    expect(filesThere()).toEqual([]);
    expect(onDisk(session)).toBe(0);
  });

  test("is decompressed once, however many parts and readers it has", async () => {
    let written = 0;
    NODE_FILES.open = async (...from) => {
      const handle = await working.open(...from);
      const write = async (bytes: Uint8Array) => {
        written += bytes.length;
        return await handle.write(bytes);
      };
      return Object.assign(Object.create(handle), {
        write,
        close: () => handle.close(),
      });
    };
    await using session = opened();
    const frame = await session.readCsv(large);
    const both = frame.select("id").concat(frame.filter(col("id").ge(0)).select("id"));
    expect(await sumOf(both)).toBe(2 * total);
    expect(written).toBe(statSync(plain).size);
    expect(filesThere()).toEqual([]);
  });

  test("in several files, with small ones beside them", async () => {
    const small = join(folder, "small.csv.gz");
    writeFileSync(small, gzipSync(`key,id,hash\nx,-1,0\n`));
    await using session = opened();
    const frame = await session.readCsv([small, large, small, join(folder, "large*"), plain]);
    expect(await sumOf(frame)).toBe(4 * total - 2);
    expect(filesThere()).toEqual([]);
  });
});

test("small files stay in memory: no directory is needed", async () => {
  const small = join(folder, "tiny.csv.gz");
  writeFileSync(small, gzipSync(`id\n${"5\n".repeat(3000)}`));
  await using session = opened({ spillDirectory: join(small, "impossible") });
  const frame = (await session.readCsv([small, small])).filter(col("id").eq(5));
  expect(await sumOf(frame)).toBe(30_000);
  expect(onDisk(session)).toBe(0);
});

describe("what goes wrong", () => {
  const ended = async (work: Promise<unknown>) =>
    await work.then(
      () => null,
      (error: unknown) => error,
    );

  test("a file that is cut off fails where it is, and rows before that do not need the rest", async () => {
    await using session = opened();
    const frame = await session.readCsv(cut);
    expect(await ended(frame.compute())).toMatchObject({ code: "PARSE_ERROR", path: cut });
    const { error, rows, misplaced } = await streamed(frame);
    expect(error).toBeInstanceOf(ParseError);
    expect((error as Error).message).toMatch(/damaged gzip/);
    expect(rows).toBeGreaterThan(ROWS / 2);
    expect(misplaced).toBe(0);
    const few = [frame.limit(5), frame.filter(col("id").ge(1000)).limit(5), frame.limit(9000)];
    for (const [index, count] of [5, 5, 9000].entries()) {
      expect((await few[index]?.compute())?.batch.rowCount).toBe(count);
    }
    expect(await ended(frame.limit(ROWS).compute())).toBeInstanceOf(ParseError);
    expect(filesThere()).toEqual([]);
  });

  test.each(["open", "write"] as const)("a full disk at %s", async (step) => {
    const full = () => Object.assign(new Error("full, by order of a test"), { code: "ENOSPC" });
    await using session = opened();
    const frame = await session.readCsv(large);
    let writes = 0;
    NODE_FILES.open = async (...from) => {
      if (step === "open") throw full();
      const handle = await working.open(...from);
      const write = async (bytes: Uint8Array) => {
        if (++writes > 9) throw full();
        return await handle.write(bytes);
      };
      return Object.assign(Object.create(handle), { write, close: () => handle.close() });
    };
    const error = await ended(frame.compute());
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(/ENOSPC/);
    expect(filesThere()).toEqual([]);
    expect(onDisk(session)).toBe(0);
    Object.assign(NODE_FILES, working);
    expect(await sumOf(frame)).toBe(total);
  });

  test.each([
    ["cuts the copy short", (path: string) => truncateSync(path, 1000)],
    [
      "alters the copy",
      (path: string) => {
        const file = openSync(path, "r+");
        for (let at = 100; at < fstatSync(file).size; at += 1000) writeSync(file, "7", at);
        closeSync(file);
      },
    ],
  ])("somebody who %s", async (_, damage) => {
    await using session = opened();
    const frame = await session.readCsv(large);
    const { error, misplaced } = await streamed(frame, () => filesThere().forEach(damage));
    expect(error).toMatchObject({ code: "FILE_ERROR", path: large });
    expect((error as Error).message).toMatch(/decompressed copy/);
    expect(misplaced).toBe(0);
    expect(filesThere()).toEqual([]);
  });

  test("a cancellation at any time", async () => {
    await using session = opened();
    const frame = await session.readCsv(large);
    for (const steps of [0, 2, 10]) {
      const controller = new AbortController();
      let opens = 0;
      NODE_FILES.open = async (...from) => {
        opens += 1;
        const handle = await working.open(...from);
        let writes = 0;
        const write = async (bytes: Uint8Array) => {
          if (writes++ === steps) controller.abort("enough");
          return await handle.write(bytes);
        };
        return Object.assign(Object.create(handle), { write, close: () => handle.close() });
      };
      const error = await ended(frame.compute({ signal: controller.signal }));
      expect(error).toBeInstanceOf(AbortError);
      expect(opens).toBe(1);
      expect(onDisk(session)).toBe(0);
      expect(filesThere()).toEqual([]);
    }
  });
});
