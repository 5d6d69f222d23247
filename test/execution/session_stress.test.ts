// Many queries at once in one session whose memory holds few of them, some cancelled on the way, while allocations of the
// addon fail: each ends in its own rows or in the error that it was sent, and nothing is left. GDF_STRESS=20 runs as many
// seeds.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Batch, batchDifference } from "../../src/column/index.ts";
import { availableIsas, loadAddon } from "../../src/device/cpu/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import gpuDataFrame, {
  AbortError,
  type AnyDataFrame,
  col,
  count,
  MemoryBudgetError,
  type Session,
} from "../../src/index.ts";
import { Random } from "../scheduler/random.ts";

const QUERIES = 32;
/** For what is certain to come, on a machine however busy. */
const PATIENCE_MS = 200_000;
const ROWS = 3000;
const SEEDS = Array.from({ length: Number(process.env.GDF_STRESS ?? 1) }, (_, seed) => seed + 1);

const root = mkdtempSync(join(tmpdir(), "gdf-stress-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [isa] = availableIsas();
const addon = loadAddon({ isa });
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;

const COLUMNS = {
  k: Int32Array.from({ length: ROWS }, (_, row) => (row * 7919) % 401),
  x: Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row) * 2 ** (row % 40)),
};

// What callers own does not count: every query first computes columns of its own.
const source = (session: Session) =>
  session.fromColumns(COLUMNS).withColumns({ s: col("k").cast("string"), y: col("x").mul(3) });

const KINDS: readonly ((frame: AnyDataFrame) => AnyDataFrame)[] = [
  (frame) => frame.sort([{ by: "s" }, { by: "y", descending: true }]).select("s", "y"),
  (frame) => frame.groupBy("s").agg({ total: col("y").sum(), middle: col("x").median() }),
  (frame) =>
    frame
      .join(frame.groupBy("k").agg({ n: count(), most: col("y").max() }), { on: "k" })
      .filter(col("y").lt(col("most")))
      .select("s", "n", "most"),
  (frame) => frame.filter(col("s").str.contains("7")).select("y", "s"),
];

async function streamed(frame: AnyDataFrame, signal: AbortSignal): Promise<Batch> {
  const batches: Batch[] = [];
  for await (const { batch } of frame.stream({ signal })) batches.push(batch);
  return execute({ kind: "concat" }, batches);
}

describe.each(SEEDS)("seed %i", (seed) => {
  let expected: readonly Batch[];
  beforeAll(async () => {
    await using session = await gpuDataFrame.session({ engine: "cpu" });
    const frame = source(session);
    expected = await Promise.all(KINDS.map(async (kind) => (await kind(frame).compute()).batch));
  });

  test("every query ends as it should", async () => {
    const random = new Random(seed);
    const below = (limit: number) => Math.floor(random.next() * limit);
    {
      await using session = await gpuDataFrame.session({
        engine: "cpu",
        partitions: 4,
        threads: 2,
        hostMemory: "512KiB",
        spillDirectory: root,
      });
      let isRunning = true;
      let failures = 0;
      const failing = (async () => {
        while (isRunning) {
          native.failAllocations(1 + below(4000), 1);
          for (let turns = below(40); turns >= 0; turns--) await turn();
          failures += native.failAllocations(0, 0);
        }
      })();
      const ends = await Promise.all(
        Array.from({ length: QUERIES }, async () => {
          const kind = below(KINDS.length);
          const controller = new AbortController();
          const { signal } = controller;
          const turns = random.next() < 0.3 ? below(200) : null;
          const isStream = random.next() < 0.3;
          if (turns !== null) void abortAfter(turns, controller);
          const frame = KINDS[kind]!(source(session));
          const result = isStream
            ? streamed(frame, signal)
            : frame.compute({ signal }).then(({ batch }) => batch);
          return await result.then(
            (batch) => ({ kind, batch, isAborted: false, error: null }),
            (error: unknown) => ({ kind, batch: null, isAborted: signal.aborted, error }),
          );
        }),
      );
      isRunning = false;
      await failing;
      for (const { kind, batch, isAborted, error } of ends) {
        if (batch !== null) expect(batchDifference(expected[kind]!, batch)).toBeNull();
        else if (!isAborted || !(error instanceof AbortError)) {
          expect(error).toBeInstanceOf(MemoryBudgetError);
          expect(failures).toBeGreaterThan(0);
        }
      }
      expect(ends.filter(({ batch }) => batch !== null).length).toBeGreaterThan(QUERIES / 4);
      // What a cancelled query had on its way to disk goes as soon as it is there.
      const held = () => session.memory().filter(({ used, pinned }) => used + pinned > 0);
      await vi.waitFor(() => expect(held()).toEqual([]), { timeout: PATIENCE_MS, interval: 1 });
      // The session works on.
      for (const [index, kind] of KINDS.entries()) {
        const { batch } = await kind(source(session)).compute();
        expect(batchDifference(expected[index]!, batch)).toBeNull();
      }
    }
    expect(readdirSync(root)).toEqual([]);
  });
});

async function abortAfter(turns: number, controller: AbortController): Promise<void> {
  for (let left = turns; left > 0; left--) await turn();
  controller.abort("enough");
}
