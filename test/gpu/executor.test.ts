// The executor around its operators: transfers, ownership of memory, faults, cancellation.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AbortError,
  DeviceLostError,
  IntegerOverflowError,
  MemoryBudgetError,
} from "../../src/base/index.ts";
import { type Batch, batchDifference } from "../../src/column/index.ts";
import { GpuExecutor } from "../../src/device/gpu/index.ts";
import { INT32, INT64 } from "../../src/dtype/index.ts";
import type { EvaluateOperation } from "../../src/physical/index.ts";
import { ProgramBuilder } from "../codegen/program_builder.ts";
import { ALL_DTYPES, EDGE_COUNTS } from "../lattice/dtypes.ts";
import { randomBatch } from "../lattice/random.ts";
import { testDevices } from "./adapters.ts";

const shapes = ALL_DTYPES.flatMap((dtype) => [{ dtype }, { dtype, nullRatio: 0, plain: true }]);

/** Doubles the positive rows of an int32 column; fails where that overflows. */
function doubling(): EvaluateOperation {
  const b = new ProgramBuilder([INT32, INT64]);
  const x = b.load(0);
  b.filter(b.compare("lt", "i32", b.constant({ lane: "i32", value: 0 }), x));
  const check = b.check({ error: "overflow", text: "x + x" });
  b.output(INT32, b.arithmetic("add", "i32", x, x, check), b.valid(0));
  b.pass(1);
  return { kind: "evaluate", program: b.build() };
}
const tame = randomBatch(5, 3000, [{ dtype: INT32, tame: true, nullRatio: 0 }, { dtype: INT64 }]);
const wild = randomBatch(6, 3000, [{ dtype: INT32, nullRatio: 0 }, { dtype: INT64 }]);

describe.each(testDevices)("$name", ({ adapter }) => {
  let executor: GpuExecutor;
  beforeAll(async () => {
    executor = await GpuExecutor.open(adapter);
  });
  afterAll(() => executor.close());

  async function expectNoLeak(steps: () => Promise<void>): Promise<void> {
    const before = executor.context.pool.usedBytes;
    await steps();
    expect(executor.context.pool.usedBytes).toBe(before);
  }

  test.each(EDGE_COUNTS)("columns of every dtype come back, %i rows", (rowCount) =>
    expectNoLeak(async () => {
      const batch = randomBatch(rowCount, rowCount, shapes);
      const resident = await executor.upload(batch);
      expect(resident.byteLength).toBeGreaterThan(0);
      expect(batchDifference(batch, await executor.download(resident))).toBeNull();
      executor.release(resident);
    }),
  );

  test("an operation leaves nothing but its result, one that fails nothing", () =>
    expectNoLeak(async () => {
      for (const batch of [tame, wild]) {
        const input = await executor.upload(batch);
        const running = executor.execute(doubling(), [input]);
        if (batch === tame) executor.release(await running);
        else await expect(running).rejects.toThrow(IntegerOverflowError);
        executor.release(input);
      }
    }));

  test("a filter with checks takes two round trips, a projection none", async () => {
    const input = await executor.upload(tame);
    const run = async (operation: EvaluateOperation) => {
      const before = executor.counters.roundTrips;
      executor.release(await executor.execute(operation, [input]));
      return executor.counters.roundTrips - before;
    };
    expect(await run(doubling())).toBe(2);
    const b = new ProgramBuilder([INT32, INT64]);
    b.output(INT32, b.unary("neg", "i32", b.load(0)));
    b.pass(1);
    expect(await run({ kind: "evaluate", program: b.build() })).toBe(0);
    executor.release(input);
  });

  test("operations at the same time do not disturb each other", async () => {
    const residents = await Promise.all([tame, tame, tame].map((batch) => executor.upload(batch)));
    const results = await Promise.all(residents.map((r) => executor.execute(doubling(), [r])));
    const batches = await Promise.all(results.map((r) => executor.download(r)));
    for (const batch of batches) expect(batchDifference(batches[0] as Batch, batch)).toBeNull();
    for (const resident of [...residents, ...results]) executor.release(resident);
  });

  test("an aborted signal stops an operation and keeps nothing", () =>
    expectNoLeak(async () => {
      const input = await executor.upload(tame);
      const reason = new Error("enough");
      const aborted = executor.execute(doubling(), [input], { signal: AbortSignal.abort(reason) });
      await expect(aborted).rejects.toThrow(AbortError);
      const controller = new AbortController();
      const running = executor.execute(doubling(), [input], { signal: controller.signal });
      controller.abort(reason);
      await expect(running).rejects.toMatchObject({ cause: reason });
      executor.release(input);
    }));

  test("the n-th allocation that exceeds the budget leaves nothing behind", async () => {
    const bytes = [1, 20, 40, 60, 80, 100, 120].map((kilobytes) => kilobytes * 1024);
    const outcomes: string[] = [];
    for (const memory of bytes) {
      const small = await GpuExecutor.open(adapter, { memory });
      try {
        const input = await small.upload(tame);
        const held = small.context.pool.usedBytes;
        try {
          small.release(await small.execute(doubling(), [input]));
          outcomes.push("done");
        } catch (error) {
          expect(error).toBeInstanceOf(MemoryBudgetError);
          outcomes.push("execute");
        }
        expect(small.context.pool.usedBytes).toBe(held);
        small.release(input);
      } catch (error) {
        expect(error).toBeInstanceOf(MemoryBudgetError);
        outcomes.push("upload");
      }
      expect(small.context.pool.usedBytes).toBe(0);
      await small.close();
    }
    expect(outcomes[0]).toBe("upload");
    expect(outcomes).toContain("execute");
    expect(outcomes.at(-1)).toBe("done");
  });

  test("a device that is lost at any point gives DeviceLostError, never a result", async () => {
    for (const delay of [0, 1, 2, 4, 8]) {
      const lost = await GpuExecutor.open(adapter);
      const input = await lost.upload(tame);
      const running = lost
        .execute(doubling(), [input])
        .then((result) => lost.download(result))
        .then(() => "done");
      await new Promise((resolve) => setTimeout(resolve, delay));
      lost.context.device.destroy();
      const outcome = await running.catch((error: unknown) => error);
      if (outcome !== "done") expect(outcome).toBeInstanceOf(DeviceLostError);
      await lost.close();
      await lost.close();
    }
  });
});
