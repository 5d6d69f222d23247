// Any allocation of the addon may fail. Every call then ends with a MemoryBudgetError, or right where it can do without,
// frees everything, and the next call is as if nothing had happened.

import { afterEach, describe, expect, test } from "vitest";
import { MemoryBudgetError } from "../../src/base/index.ts";
import { type Batch, batchDifference } from "../../src/column/index.ts";
import {
  availableIsas,
  createCpuExecutor,
  csvFormatter,
  cutCsv,
  loadAddon,
  readCsv,
} from "../../src/device/cpu/index.ts";
import { toHostResident } from "../../src/device/host_resident.ts";
import { exchange } from "../../src/device/reference/exchange.ts";
import { INT32, Schema, STRING } from "../../src/dtype/index.ts";
import gpuDataFrame, { col, count } from "../../src/index.ts";
import { openCsv } from "../../src/io/index.ts";
import type { ExchangeOperation } from "../../src/physical/index.ts";
import { fileOf } from "../csv/readers.ts";
import { type LatticeCase, outcomeDifference, referenceOutcome } from "../lattice/lattice.ts";
import { allEnd, heldBytes } from "./native_usage.ts";
import { casesOver, textCase, withFreshTexts } from "./operation_cases.ts";

const THREADS = 2;
const ROWS = 700;
/** At least as many results as the resolver of texts remembers. */
const REMEMBERED = 8;
/** One allocation fails, as a full heap may make it; or all from there on: then cleaning up must do without, too. */
const SPANS = [1, Number.MAX_SAFE_INTEGER];

const [isa] = availableIsas();
const addon = loadAddon({ isa });
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;
const executor = createCpuExecutor({ isa, threads: THREADS });
afterEach(() => void native.failAllocations(0, 0));

const signal = () => new AbortController().signal;

/**
 * Runs `work` once for each of its first allocations, which then fails, and for every eighth as many later ones, until
 * none is left, and once more without a fault. `check` judges every result. Nothing stays allocated.
 */
async function failEverywhere<T>(work: () => Promise<T>, check: Check<T>): Promise<void> {
  // As many as are remembered, so that the same ones are both times.
  for (let round = 0; round < REMEMBERED; round++) await judge(work, check, "before");
  const before = await heldBytes(native);
  for (const span of SPANS) await sweep(work, check, span);
  for (let round = 0; round < REMEMBERED; round++) await judge(work, check, "after");
  expect(await heldBytes(native)).toBeLessThanOrEqual(before);
}

type Check<T> = (result: T, at: string) => void;

// A function of its own: while one that has awaited a result goes on, its frame may keep it alive.
async function judge<T>(work: () => Promise<T>, check: Check<T>, at: string): Promise<void> {
  check(await work(), at);
}

async function sweep<T>(work: () => Promise<T>, check: Check<T>, span: number): Promise<void> {
  for (let first = 1, failed = 1; failed > 0; first += 1 + (first >> 3)) {
    const at = `${span} from ${first}`;
    native.failAllocations(first, span);
    const error: unknown = await judge(work, check, at).then(
      () => null,
      (reason: unknown) => reason,
    );
    await allEnd(native);
    failed = native.failAllocations(0, 0);
    if (error !== null) {
      expect(error, at).toBeInstanceOf(MemoryBudgetError);
      expect(failed, at).toBeGreaterThan(0);
    }
    if (first === 1) expect(failed, "the first allocation").toBeGreaterThan(0);
  }
}

test.each([...casesOver(ROWS), textCase(ROWS)])(
  "$name",
  async ({ operation, inputs }: LatticeCase) => {
    const expected = referenceOutcome(operation, inputs);
    const run = async () => {
      // What is encoded once would otherwise leave later rounds nothing to allocate.
      const residents = inputs.map(withFreshTexts).map(toHostResident);
      const result = await executor.execute(operation, residents, { signal: signal() });
      return await executor.download(result);
    };
    await failEverywhere(run, (batch, at) =>
      expect(outcomeDifference(expected, { kind: "batch", batch }), at).toBeNull(),
    );
  },
);

test("exchange", async () => {
  const [entry] = casesOver(ROWS);
  const inputs = entry?.inputs ?? [];
  const operation: ExchangeOperation = {
    kind: "exchange",
    parts: 3,
    route: { kind: "hash", keys: [0, 3], seed: 0, spreadNulls: false },
  };
  const expected = exchange(operation, inputs);
  const run = async () => {
    const residents = inputs.map(withFreshTexts).map(toHostResident);
    return await executor.exchange(operation, residents, { signal: signal() });
  };
  await failEverywhere(run, (parts, at) => {
    for (const [index, batch] of expected.entries()) {
      expect(batchDifference(batch, parts[index]?.batch as Batch), at).toBeNull();
    }
  });
});

describe("csv", async () => {
  const line = (row: number) => `${row},${row / 7},"text ""${row % 99}""",${row % 2 === 0}\n`;
  const lines = Array.from({ length: ROWS }, (_, row) => line(row));
  const source = await openCsv(fileOf(`a,b,c,d\n${lines.join("")}`));
  const context = { native, threads: THREADS, chunkBytes: 4096 };
  const request = { columns: ["a", "b", "c", "d"] };

  test("read", async () => {
    const first = await readCsv(source, request, context);
    if (first.kind !== "rows") throw new Error("the file has one type a column");
    const expected = first.batch;
    await failEverywhere(
      () => readCsv(source, request, context),
      (result, at) =>
        expect(result.kind === "rows" && batchDifference(expected, result.batch), at).toBeNull(),
    );
  });

  test("cuts", async () => {
    const request = { file: 0, begin: 8, positions: [10_000, 20_000] };
    const expected = await cutCsv(source, request, context);
    await failEverywhere(
      () => cutCsv(source, request, context),
      (cuts, at) => expect(cuts, at).toEqual(expected),
    );
  });

  test("write", async () => {
    const [entry] = casesOver(ROWS);
    const schema = new Schema([
      { name: "k", dtype: INT32 },
      { name: "many", dtype: STRING },
    ]);
    const columns = [0, 3].flatMap((index) => entry?.inputs[0]?.columns[index] ?? []);
    const format = { delimiter: 0x2c, nullValue: "" };
    const write = () => csvFormatter(context)(schema, { rowCount: ROWS, columns }, 0, ROWS, format);
    const expected = Buffer.concat(await write());
    await failEverywhere(write, (texts, at) =>
      expect(Buffer.concat(texts).equals(expected), at).toBe(true),
    );
  });
});

test("a query", async () => {
  await using session = await gpuDataFrame.session({ engine: "cpu", partitions: 3 });
  const rows = Array.from({ length: 90 }, (_, row) => row);
  const frame = session.fromColumns({
    k: rows.map((row) => row % 7),
    x: rows.map((row) => Math.sin(row)),
    s: rows.map((row) => `text ${row % 5}`),
  });
  const groups = frame.groupBy("k").agg({ n: count(), total: col("x").sum() });
  const query = () =>
    frame
      .filter(col("x").gt(-0.5).and(col("s").str.upper().ne("TEXT 3")))
      .join(groups, { on: "k" })
      .sort([{ by: "s" }, { by: "x", descending: true }])
      .limit(50)
      .compute();
  const expected = (await query()).toRows();
  await failEverywhere(query, (table, at) => expect(table.toRows(), at).toEqual(expected));
  expect(session.memory().map(({ used, pinned }) => [used, pinned])).toEqual(
    session.memory().map(() => [0, 0]),
  );
});
