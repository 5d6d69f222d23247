// What observed times say of predicted ones, by device and kernel. A kernel that has not run yet on a device is believed
// to be as far off as the device's other kernels: a wrong table is usually wrong as a whole (a busy or throttled device).

import { at } from "../../base/index.ts";
import type { DeviceId } from "./model.ts";

/** Older observations count for less: data and clocks change on the way. */
const DECAY = 0.7;
/** Observations that the belief before the first one counts for. */
const PRIOR = 0.25;
/** One odd observation (a pause, a busy machine) must not exile a device. */
const MOST = Math.log(64);
/** Shorter predictions say less: a turn of the event loop is as long as what they predict. */
const FULL_WEIGHT_MS = 4;
/** A later query believes a little less: a device that was slow for a while is tried again, some twenty queries later. */
const FADING = 0.9;

interface Mean {
  sum: number;
  weight: number;
}

/** What the queries of a session have seen, by device and kernel. */
export class Observations {
  readonly #devices = new Map<DeviceId, Mean>();
  readonly #kernels = new Map<string, Mean>();

  /** Another query begins. */
  fade(): void {
    for (const means of [this.#devices, this.#kernels]) {
      for (const mean of means.values()) {
        mean.sum *= FADING;
        mean.weight *= FADING;
      }
    }
  }

  add(device: DeviceId, kernel: string, predictedMs: number, observedMs: number): void {
    if (!(predictedMs > 0) || !(observedMs > 0)) return;
    const log = Math.max(-MOST, Math.min(MOST, Math.log(observedMs / predictedMs)));
    const weight = Math.min(1, predictedMs / FULL_WEIGHT_MS);
    for (const mean of this.#meansOf(device, kernel)) {
      mean.sum = mean.sum * DECAY + log * weight;
      mean.weight = mean.weight * DECAY + weight;
    }
  }

  factor(device: DeviceId, kernel: string): number {
    const [all, own] = this.#meansOf(device, kernel);
    const prior = all.sum / (all.weight + PRIOR);
    return Math.exp((own.sum + PRIOR * prior) / (own.weight + PRIOR));
  }

  #meansOf(device: DeviceId, kernel: string): readonly [Mean, Mean] {
    return [meanOf(this.#devices, device), meanOf(this.#kernels, `${device} ${kernel}`)];
  }
}

function meanOf(means: Map<string, Mean>, key: string): Mean {
  const known = means.get(key) ?? { sum: 0, weight: 0 };
  means.set(key, known);
  return known;
}

/** The observations as one query's policy reads them: by kernel, in the order of its devices. */
export class Corrections {
  readonly #ids: readonly DeviceId[];
  readonly #observations: Observations;
  readonly #factors = new Map<string, Float64Array>();

  constructor(ids: readonly DeviceId[], observations: Observations) {
    this.#ids = ids;
    this.#observations = observations;
    observations.fade();
  }

  observe(device: DeviceId, kernel: string, predictedMs: number, observedMs: number): void {
    this.#observations.add(device, kernel, predictedMs, observedMs);
    const index = this.#ids.indexOf(device);
    for (const [name, factors] of this.#factors) {
      factors[index] = this.#observations.factor(at(this.#ids, index), name);
    }
  }

  /** What predicted times are to be multiplied by, on each device; kept up to date with what this query observes. */
  factors(kernel: string): Float64Array {
    const known =
      this.#factors.get(kernel) ??
      Float64Array.from(this.#ids, (device) => this.#observations.factor(device, kernel));
    this.#factors.set(kernel, known);
    return known;
  }
}
