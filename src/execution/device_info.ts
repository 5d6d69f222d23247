// What `gpuDataFrame.devices()` and `gpudataframe doctor` tell of the machine.

import { listGpuAdapters } from "../device/index.ts";
import type { DeviceDescriptor } from "../physical/index.ts";
import type { DeviceState, Devices } from "./devices.ts";

export interface DeviceInfo extends Omit<DeviceDescriptor, "kind"> {
  readonly kind: "gpu" | "cpu";
  readonly state: DeviceState;
}

/** The CPU if the addon is loaded, then every adapter, opened or not. The reference executor is no device. */
export async function listDevices(devices: Devices): Promise<readonly DeviceInfo[]> {
  const hosts = [...devices.open.values()].map(({ descriptor }) => descriptor);
  const adapters = await listGpuAdapters();
  const all = [
    ...hosts.filter(({ kind }) => kind === "cpu"),
    ...adapters.map(({ descriptor }) => descriptor),
  ];
  return all.flatMap(({ kind, ...descriptor }) =>
    kind === "reference" ? [] : [{ ...descriptor, kind, state: devices.stateOf(descriptor.id) }],
  );
}
