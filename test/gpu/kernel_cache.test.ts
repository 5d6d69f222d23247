import { setTimeout } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import type { GpuDevice } from "../../src/device/gpu/gpu_device.ts";
import { type Kernel, KernelCache } from "../../src/device/gpu/kernel_cache.ts";

beforeAll(() => {
  vi.stubGlobal("GPUShaderStage", { COMPUTE: 4 });
  return () => vi.unstubAllGlobals();
});

test("bind groups are kept for all kernels together up to a bound, the latest ones", () => {
  let made = 0;
  const raw = { createBindGroup: () => ({ number: made++ }) };
  const cache = new KernelCache({ raw } as unknown as GpuDevice);
  const groupOf = (id: number) => {
    const kernel = { id, bindings: [], layout: {} } as unknown as Kernel;
    return cache.bindGroup(kernel, [{ id: 7, raw: {} as GPUBuffer }]);
  };
  const [first, second] = [groupOf(0), groupOf(1)];
  expect(groupOf(0)).toBe(first);
  expect(second).not.toBe(first);
  for (let id = 2; id < 3000; id++) groupOf(id);
  expect(groupOf(2999)).toEqual({ number: 2999 });
  expect(groupOf(0)).not.toBe(first);
  expect(made).toBe(3001);
});

test("bind groups that were forgotten are collected before they are many, which their weight brings about", async () => {
  const raw = { createBindGroup: () => ({}) };
  const cache = new KernelCache({ raw } as unknown as GpuDevice);
  let collected = 0;
  const registry = new FinalizationRegistry(() => {
    collected += 1;
  });
  let most = 0;
  for (let id = 0; id < 60_000; id++) {
    const kernel = { id, bindings: [], layout: {} } as unknown as Kernel;
    registry.register(cache.bindGroup(kernel, [{ id: 7, raw: {} as GPUBuffer }]), id);
    if (id % 1000 === 0) {
      // Between turns the registry tells what has gone.
      await new Promise((resolve) => setImmediate(resolve));
      // A collection that has begun ends beside this loop, which would run ahead of it.
      for (let wait = 0; id - collected >= 18_000 && wait < 40; wait++) await setTimeout(1);
    }
    most = Math.max(most, id + 1 - collected);
  }
  // 64 MiB of array buffers make V8 collect: some 17,000 of them. Without a weight all 60,000 wait.
  expect(most).toBeLessThan(30_000);
});

/** A device that makes pipelines so. */
function compiling(createComputePipelineAsync: () => Promise<object>): GpuDevice {
  const raw = {
    createBindGroupLayout: () => ({}),
    createShaderModule: () => ({}),
    createPipelineLayout: () => ({}),
    createComputePipelineAsync,
  };
  const device = { raw, guard: (work: () => unknown) => work(), wait: (work: unknown) => work };
  return device as unknown as GpuDevice;
}

test("kernels are kept up to a bound, those that were loaded last", async () => {
  let made = 0;
  const cache = new KernelCache(
    compiling(async () => ({ number: made++ })),
    2,
  );
  const load = (unused: number) =>
    cache.load({ path: "aggregate/group_starts", constants: { unused } });
  const [first, second] = await Promise.all([load(1), load(2)]);
  expect(await load(1)).toBe(first);
  await load(3);
  expect(await load(1)).toBe(first);
  expect(await load(2)).not.toBe(second);
  expect([made, cache.compiled]).toEqual([4, 4]);
});

test("a kernel that failed to compile is tried again", async () => {
  let tries = 0;
  const cache = new KernelCache(
    compiling(async () => {
      if (tries++ === 0) throw new Error("lost");
      return {};
    }),
  );
  const spec = { path: "aggregate/group_starts" };
  await expect(cache.load(spec)).rejects.toThrow("lost");
  expect(await cache.load(spec)).toBe(await cache.load(spec));
  expect(tries).toBe(2);
});
