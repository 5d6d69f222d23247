// What devices were measured to cost, in this process or in an earlier one on this machine.

import type { Executor } from "../../device/index.ts";
import type { DeviceCosts, DeviceDescriptor } from "../../physical/index.ts";
import { calibrate } from "./calibrate.ts";
import { loadCosts, saveCosts } from "./cost_cache.ts";

export class MeasuredCosts {
  readonly #directory: string;
  readonly #costs = new Map<string, DeviceCosts>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  of(descriptor: DeviceDescriptor): DeviceCosts | null {
    return this.#costs.get(descriptor.id) ?? null;
  }

  /** What earlier processes kept. */
  async load(descriptors: readonly DeviceDescriptor[]): Promise<void> {
    for (const descriptor of descriptors) {
      if (this.#costs.has(descriptor.id)) continue;
      const costs = await loadCosts(this.#directory, descriptor);
      if (costs !== null) this.#costs.set(descriptor.id, costs);
    }
  }

  /** A device that fails stays without costs, so `auto` leaves it alone; whoever names it sees its error. */
  async measure(descriptor: DeviceDescriptor, executor: Executor): Promise<void> {
    const costs = await calibrate(executor).catch(() => null);
    if (costs === null) return;
    this.#costs.set(descriptor.id, costs);
    await saveCosts(this.#directory, descriptor, costs);
  }
}
