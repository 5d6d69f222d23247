// Cases against the reference, on the adapters of this machine in turn: a software adapter takes long to compile a shader.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { GpuExecutor, gpuSupports } from "../../src/device/gpu/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { turnsOf } from "../lattice/adapter_turns.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";

/** Every case runs on one adapter, neighbours of a pair on the same one; nothing may stay in device memory. */
export function testOnAdapters(allCases: readonly LatticeCase[]): void {
  describe.each(testDevices)("$name", ({ adapter }) => {
    const turn = testDevices.findIndex((device) => device.adapter === adapter);
    testOn(
      () => GpuExecutor.open(adapter),
      allCases.filter((_, index) => adapterOfPair(index >> 1) === turn),
    );
  });
}

const turns = turnsOf(testDevices.map(({ name }) => name));

/** The index of the adapter that takes the n-th pair of cases. */
export function adapterOfPair(pair: number): number {
  return at(turns, pair % turns.length);
}

/** Within a describe: the executor, which is open while its tests run. After each of them its memory is empty. */
export function testOn(
  open: () => Promise<GpuExecutor>,
  cases: readonly LatticeCase[],
): () => GpuExecutor {
  let executor: GpuExecutor;
  beforeAll(async () => {
    executor = await open();
  });
  afterEach(() => expect(executor.context.pool.usedBytes).toBe(0));
  afterAll(() => executor.close());

  test.each(cases)("$name", async (entry) => {
    const subject = { name: executor.descriptor.id, executor, supports: gpuSupports };
    await expectReferenceResult(subject, entry);
  });
  return () => executor;
}
