// What a device is believed to cost before it is measured. Orders of magnitude: they decide where the first tasks go,
// observed times decide from then on.

import { assertNever } from "../base/index.ts";
import type { DeviceCosts, KernelKind } from "./device_costs.ts";
import type { DeviceDescriptor } from "./device_descriptor.ts";

type UnitsPerMs = Readonly<Record<KernelKind, number>>;

/** One thread of the addon. */
const CPU_THREAD: UnitsPerMs = {
  evaluate: 400_000,
  aggregate: 250_000,
  groupRows: 100_000,
  exponentRange: 600_000,
  join: 120_000,
  sort: 100_000,
  slice: 1_000_000,
  concat: 600_000,
  numberRows: 600_000,
  sample: 600_000,
  csv: 15_000,
  split: 600_000,
  exchange: 150_000,
};
/** A small discrete GPU, 200 GB/s: what reads memory in order gains most. */
const GPU: UnitsPerMs = {
  evaluate: 12_000_000,
  aggregate: 5_000_000,
  groupRows: 2_000_000,
  exponentRange: 12_000_000,
  join: 2_000_000,
  sort: 2_000_000,
  slice: 12_000_000,
  concat: 12_000_000,
  numberRows: 12_000_000,
  sample: 12_000_000,
  csv: 15_000,
  split: 600_000,
  exchange: 150_000,
};
/** PCIe 3 x16, as far as writeBuffer and mapAsync get. */
const LINK_BYTES_PER_MS = 6_000_000;
/** Software adapters copy in memory, and run kernels on the same cores as the addon, several times slower. */
const COPY_BYTES_PER_MS = 1_000_000;
const SOFTWARE_SLOWDOWN = 6;
const REFERENCE_SLOWDOWN = 100;

export function defaultCosts(
  descriptor: Pick<DeviceDescriptor, "kind" | "software" | "threads">,
): DeviceCosts {
  const { kind, software, threads } = descriptor;
  switch (kind) {
    case "cpu":
      return hostCosts(0.05, scaled(CPU_THREAD, threads));
    case "reference":
      return hostCosts(0.01, scaled(CPU_THREAD, 1 / REFERENCE_SLOWDOWN));
    case "gpu":
      return software
        ? {
            launchMs: 2,
            uploadBytesPerMs: COPY_BYTES_PER_MS,
            downloadBytesPerMs: COPY_BYTES_PER_MS,
            unitsPerMs: scaled(CPU_THREAD, 1 / SOFTWARE_SLOWDOWN),
          }
        : {
            launchMs: 0.5,
            uploadBytesPerMs: LINK_BYTES_PER_MS,
            downloadBytesPerMs: LINK_BYTES_PER_MS,
            unitsPerMs: GPU,
          };
    default:
      return assertNever(kind);
  }
}

function hostCosts(launchMs: number, unitsPerMs: UnitsPerMs): DeviceCosts {
  const none = Number.POSITIVE_INFINITY;
  return { launchMs, uploadBytesPerMs: none, downloadBytesPerMs: none, unitsPerMs };
}

function scaled(units: UnitsPerMs, factor: number): UnitsPerMs {
  const entries = Object.entries(units).map(([kernel, rate]) => [kernel, rate * factor]);
  return Object.fromEntries(entries) as UnitsPerMs;
}
