// Measures every device of this machine once and keeps the costs: what `auto` does by itself when it first meets a real
// GPU, on demand.

import { listGpuAdapters, openGpu, openHosts } from "../../device/index.ts";
import type { DeviceCosts, DeviceDescriptor } from "../../physical/index.ts";
import { calibrate } from "./calibrate.ts";
import { cacheDirectory, saveCosts } from "./cost_cache.ts";

export interface MeasuredDevice {
  readonly descriptor: DeviceDescriptor;
  readonly costs: DeviceCosts;
}

/** One after the other, the CPU first. @throws what a device throws that cannot run the measurement. */
export async function* measureDevices(): AsyncGenerator<MeasuredDevice> {
  const directory = cacheDirectory(process.env);
  const options = { threads: null, isa: null, memory: null };
  const measured = async (device: {
    descriptor: DeviceDescriptor;
    executor: Parameters<typeof calibrate>[0];
  }) => {
    const costs = await calibrate(device.executor);
    await saveCosts(directory, device.descriptor, costs);
    await device.executor.close();
    return { descriptor: device.descriptor, costs };
  };
  for (const host of openHosts(options)) {
    if (host.descriptor.kind === "cpu") yield await measured(host);
  }
  for (const adapter of await listGpuAdapters()) {
    yield await measured(await openGpu(adapter, null, options));
  }
}
