import { expect, test } from "vitest";
import type { GpuDevice } from "../../src/device/gpu/gpu_device.ts";
import { type Kernel, KernelCache } from "../../src/device/gpu/kernel_cache.ts";

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
