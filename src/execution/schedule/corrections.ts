// What observed times say of predicted ones, by device and kernel. A kernel that has not run yet on a device is believed
// to be as far off as the device's other kernels: a wrong table is usually wrong as a whole (a busy or throttled device).

import { at } from "../../base/index.ts";

/** Older observations count for less: data and clocks change on the way. */
const DECAY = 0.7;
/** Observations that the belief before the first one counts for. */
const PRIOR = 0.25;
/** One odd observation (a compile, a pause) must not exile a device. */
const MOST = Math.log(64);

interface Mean {
  sum: number;
  weight: number;
}

export class Corrections {
  readonly #devices: readonly Mean[];
  /** By kernel, then device. */
  readonly #kernels = new Map<string, readonly Mean[]>();
  readonly #factors = new Map<string, Float64Array>();

  constructor(deviceCount: number) {
    this.#devices = Array.from({ length: deviceCount }, () => ({ sum: 0, weight: 0 }));
  }

  observe(device: number, kernel: string, predictedMs: number, observedMs: number): void {
    if (!(predictedMs > 0) || !(observedMs > 0)) return;
    const log = Math.max(-MOST, Math.min(MOST, Math.log(observedMs / predictedMs)));
    this.factors(kernel);
    add(at(this.#devices, device), log);
    add(at(this.#kernels.get(kernel) ?? [], device), log);
    for (const [name, means] of this.#kernels) {
      const factors = this.factors(name);
      factors[device] = factorOf(at(this.#devices, device), at(means, device));
    }
  }

  /** What predicted times are to be multiplied by, on each device; always up to date. */
  factors(kernel: string): Float64Array {
    const known = this.#factors.get(kernel);
    if (known !== undefined) return known;
    const means = this.#devices.map(() => ({ sum: 0, weight: 0 }));
    const factors = Float64Array.from(this.#devices, (device, index) =>
      factorOf(device, at(means, index)),
    );
    this.#kernels.set(kernel, means);
    this.#factors.set(kernel, factors);
    return factors;
  }
}

function factorOf(device: Mean, kernel: Mean): number {
  const prior = device.sum / (device.weight + PRIOR);
  return Math.exp((kernel.sum + PRIOR * prior) / (kernel.weight + PRIOR));
}

function add(mean: Mean, value: number): void {
  mean.sum = mean.sum * DECAY + value;
  mean.weight = mean.weight * DECAY + 1;
}
