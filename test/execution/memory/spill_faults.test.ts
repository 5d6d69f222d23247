// A disk that is full from the n-th write on, or fails at the n-th read, for every n of a small query of many operators:
// the query gives the same rows or a typed error, nothing stays in memory or on disk, and the session works on.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Batch, batchDifference } from "../../../src/column/index.ts";
import { NODE_FILES, type SpillHandle } from "../../../src/execution/memory/spill_files.ts";
import gpuDataFrame, {
  type AnyDataFrame,
  col,
  count,
  FileError,
  MemoryBudgetError,
  type Session,
} from "../../../src/index.ts";

/** For what is certain to come, on a machine however busy. */
const PATIENCE_MS = 200_000;

const root = mkdtempSync(join(tmpdir(), "gdf-spill-faults-"));
const working = { ...NODE_FILES };
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => {
  armed = null;
});

const systemError = (code: string) =>
  Object.assign(new Error(`${code}, by order of a test`), { code });

/** What goes wrong, and whether at a write or at a read. */
const FAULTS = {
  "no space for a file": ["write", "open", () => systemError("ENOSPC")],
  "no space within a file": ["write", "transfer", () => systemError("ENOSPC")],
  "a file that cannot be opened": ["read", "open", () => systemError("EACCES")],
  "a read that fails": ["read", "transfer", () => systemError("EIO")],
  "a file that ends early": ["read", "transfer", () => "short"],
  "a byte that was altered": ["read", "transfer", () => "altered"],
} as const;
type Fault = keyof typeof FAULTS;

/** The `failAt`-th operation of the fault's kind goes wrong; on a full disk, every later one too. */
let armed: { readonly fault: Fault; readonly failAt: number } | null = null;
/** Such operations since. */
let points = 0;

function arm(fault: Fault, failAt: number): void {
  armed = { fault, failAt };
  points = 0;
}

/** What goes wrong here, if anything does. */
function due(point: string): Error | string | null {
  if (armed === null) return null;
  const [direction, step, wrong] = FAULTS[armed.fault];
  if (point !== `${direction} ${step}`) return null;
  points += 1;
  const isDue = direction === "write" ? points >= armed.failAt : points === armed.failAt;
  return isDue ? wrong() : null;
}

function failed(point: string): string | null {
  const wrong = due(point);
  if (wrong instanceof Error) throw wrong;
  return wrong;
}

/** Files stay open from one query to the next: all of them are opened so, whatever is to go wrong with them later. */
const faultyOpen: typeof NODE_FILES.open = async (path, flags, mode) => {
  failed(flags === "wx" ? "write open" : "read open");
  const handle = await working.open(path, flags, mode);
  const faulty: SpillHandle = {
    close: () => handle.close(),
    write: async (bytes) => {
      failed("write transfer");
      return await handle.write(bytes);
    },
    read: async (bytes, offset, length, position) => {
      const wrong = failed("read transfer");
      if (wrong === "short") return { bytesRead: 0 };
      const read = await handle.read(bytes, offset, length, position);
      if (wrong === "altered") bytes[offset + read.bytesRead - 1]! ^= 0x10;
      return read;
    },
  };
  return faulty;
};

const ROWS = 800;
const rows = Array.from({ length: ROWS }, (_, row) => row);

function source(session: Session) {
  return session
    .fromColumns({
      k: rows.map((row) => (row % 11 === 0 ? null : (row * 7919) % 97)),
      x: rows.map((row) => Math.sin(row) * 1e3),
    })
    .withColumns({ s: col("k").cast("string"), y: col("x").mul(2) });
}

/** Texts and numbers through an aggregate, a join and a sort. */
function query(frame: AnyDataFrame) {
  const groups = frame.groupBy("k").agg({ n: count(), middle: col("y").median() });
  return frame
    .join(groups, { on: "k" })
    .sort([{ by: "s" }, { by: "y", descending: true }])
    .select("s", "y", "n", "middle");
}

const filesThere = () =>
  readdirSync(root, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());

describe("a disk that fails", () => {
  let session: Session;
  let warm: AnyDataFrame;
  let expected: Batch;
  let filesBefore: number | null = null;
  let skew = 0;
  const now = performance.now.bind(performance);
  const result = async () => (await query(warm).compute()).batch;

  beforeAll(async () => {
    performance.now = () => now() + skew;
    NODE_FILES.open = faultyOpen;
    session = await gpuDataFrame.session({
      engine: "cpu",
      partitions: 3,
      hostMemory: "256KiB",
      spill: "always",
      spillDirectory: root,
    });
    warm = await source(session).persist();
    await allOnDisk();
    filesBefore = filesThere().length;
    expected = await result();
    await allOnDisk();
  });
  afterAll(async () => {
    performance.now = now;
    await session.close();
    Object.assign(NODE_FILES, working);
    expect(readdirSync(root)).toEqual([]);
  });

  test.each(Object.keys(FAULTS) as Fault[])("%s", async (fault) => {
    let failures = 0;
    let failAt = 0;
    let reached = 0;
    do {
      failAt += 1 + (failAt >> 1);
      const error = await failing(fault, failAt);
      reached = points;
      if (error !== null) {
        failures += 1;
        // What cannot be written stays in memory as long as there is room.
        const isFull = error instanceof MemoryBudgetError;
        expect(isFull ? error.cause : error, `at ${failAt}`).toBeInstanceOf(FileError);
      }
      // The session works on; what could not be written is tried again.
      expect(batchDifference(expected, await result()), `after ${failAt}`).toBeNull();
      await allOnDisk();
      expect(filesThere().length, `at ${failAt}`).toBe(filesBefore);
    } while (reached >= failAt);
    expect(failAt).toBeGreaterThan(2);
    if (FAULTS[fault][0] === "read") expect(failures).toBeGreaterThan(0);
  });

  async function failing(fault: Fault, failAt: number): Promise<unknown> {
    arm(fault, failAt);
    const error = await result().then(
      (found) => {
        expect(batchDifference(expected, found), `at ${failAt}`).toBeNull();
        return null;
      },
      (reason: unknown) => reason,
    );
    armed = null;
    // A disk that was full is tried again after a second.
    skew += 2000;
    return error;
  }

  /** Only what is persisted is left, and nothing of it in memory: what was on its way when a query ended follows soon. */
  async function allOnDisk(): Promise<void> {
    const held = () =>
      session.memory().filter(({ tier, used, pinned }) => tier === "host" && used + pinned > 0);
    const settled = () => {
      expect(held()).toEqual([]);
      if (filesBefore !== null) expect(filesThere()).toHaveLength(filesBefore);
    };
    await vi.waitFor(settled, { timeout: PATIENCE_MS, interval: 1 });
  }
});
