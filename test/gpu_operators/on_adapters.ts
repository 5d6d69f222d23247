// Cases against the reference, on the adapters of this machine in turn: a software adapter takes long to compile a shader.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { GpuExecutor, gpuSupports } from "../../src/device/gpu/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";

const TIMEOUT_MS = 180_000;

/** Every case runs on one adapter, neighbours of a pair on the same one; nothing may stay in device memory. */
export function testOnAdapters(allCases: readonly LatticeCase[]): void {
  describe.each(testDevices)("$name", ({ adapter }) => {
    let executor: GpuExecutor;
    const turn = testDevices.findIndex((device) => device.adapter === adapter);
    const cases = allCases.filter((_, index) => (index >> 1) % testDevices.length === turn);
    beforeAll(async () => {
      executor = await GpuExecutor.open(adapter);
    });
    afterEach(() => expect(executor.context.pool.usedBytes).toBe(0));
    afterAll(() => executor.close());

    test.each(cases)(
      "$name",
      async (entry) => {
        const subject = { name: executor.descriptor.id, executor, supports: gpuSupports };
        await expectReferenceResult(subject, entry);
      },
      TIMEOUT_MS,
    );
  });
}
