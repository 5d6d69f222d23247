// The adapters that GPU tests run on: all that this machine has, and the device that each test file opens on them.

import { listAdapters, nullAdapter } from "../../src/device/gpu/adapters.ts";
import { GpuContext } from "../../src/device/gpu/context.ts";

export const adapters = await listAdapters();

/** One entry an adapter, for describe.each: [name, open]. */
export const testDevices = adapters.map((adapter) => ({
  name: adapter.descriptor.name,
  adapter,
  open: () => GpuContext.open(adapter),
}));

export async function openNull(): Promise<GpuContext> {
  const adapter = await nullAdapter();
  if (adapter === null) throw new Error("dawn has no null backend");
  return GpuContext.open(adapter);
}
