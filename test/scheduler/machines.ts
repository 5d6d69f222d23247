// Machines to simulate: device models with links, launch costs and a speed for every kernel, and executors that take as
// long as these say. Data is only its size.

import { DeviceLostError } from "../../src/base/index.ts";
import type { Batch, Column } from "../../src/column/index.ts";
import type { Executor, Resident } from "../../src/device/index.ts";
import { UINT8 } from "../../src/dtype/index.ts";
import {
  computeMs,
  type DataSize,
  type DeviceCosts,
  type DeviceDescriptor,
  defaultCosts,
  type KernelKind,
  type Operation,
  workOf,
} from "../../src/physical/index.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual_clock.ts";

export interface DeviceModel {
  readonly id: string;
  readonly kind: "gpu" | "cpu";
  /** What it takes. */
  readonly costs: DeviceCosts;
  /** What the scheduler is told that it takes. */
  readonly believed: DeviceCosts;
}

/** Sizes of what has no content. */
export class Sizes {
  readonly #batches = new WeakMap<Batch, DataSize>();
  readonly #outputs = new WeakMap<Operation, DataSize>();

  batch(size: DataSize): Batch {
    const batch = { rowCount: size.rows, columns: [columnOf(size)] };
    this.#batches.set(batch, size);
    return batch;
  }

  ofBatch(batch: Batch): DataSize {
    return this.#batches.get(batch) ?? { rows: batch.rowCount, bytes: 16 * batch.rowCount };
  }

  setOutput(operation: Operation, size: DataSize): void {
    this.#outputs.set(operation, size);
  }

  outputOf(operation: Operation, inputs: readonly DataSize[]): DataSize {
    const sum = (part: (size: DataSize) => number) =>
      inputs.reduce((total, size) => total + part(size), 0);
    return (
      this.#outputs.get(operation) ?? { rows: sum(({ rows }) => rows), bytes: sum((s) => s.bytes) }
    );
  }
}

class ModelValues {
  readonly buffer = new ArrayBuffer(0);
  readonly length: number;
  readonly byteLength: number;

  constructor(length: number, byteLength: number) {
    this.length = length;
    this.byteLength = byteLength;
  }

  subarray(start: number, end: number): ModelValues {
    return new ModelValues(
      end - start,
      ((end - start) * this.byteLength) / Math.max(1, this.length),
    );
  }
}

/** As large as it says, without content. */
function columnOf({ rows, bytes }: DataSize): Column {
  const values = new ModelValues(rows, bytes) as unknown as Uint8Array<ArrayBuffer>;
  const data = { encoding: "fixed", values } as const;
  return { dtype: UINT8, length: rows, validity: null, nullCount: 0, data, statistics: null };
}

interface ModelResident extends Resident {
  readonly size: DataSize;
}

export class ModelExecutor implements Executor<ModelResident> {
  readonly descriptor: DeviceDescriptor;
  held = 0;
  busyMs = 0;
  readonly #model: DeviceModel;
  readonly #clock: VirtualClock;
  readonly #sizes: Sizes;
  readonly #lossAt: number;
  readonly #free = { compute: 0, upload: 0, download: 0 };

  constructor(
    model: DeviceModel,
    clock: VirtualClock,
    sizes: Sizes,
    lossAt = Number.POSITIVE_INFINITY,
  ) {
    this.#model = model;
    this.#clock = clock;
    this.#sizes = sizes;
    this.#lossAt = lossAt;
    this.descriptor = descriptorOf(model.id, model.kind);
  }

  async upload(batch: Batch): Promise<ModelResident> {
    const size = this.#sizes.ofBatch(batch);
    await this.#occupy("upload", size.bytes / this.#model.costs.uploadBytesPerMs);
    return this.#hold(size);
  }

  async download({ size }: ModelResident): Promise<Batch> {
    await this.#occupy("download", size.bytes / this.#model.costs.downloadBytesPerMs);
    return this.#sizes.batch(size);
  }

  choose(resident: ModelResident): ModelResident {
    return resident;
  }

  async execute(operation: Operation, inputs: readonly ModelResident[]): Promise<ModelResident> {
    const sizes = inputs.map(({ size }) => size);
    const ms = computeMs(this.#model.costs, operation.kind, workOf(operation, sizes));
    this.busyMs += ms;
    await this.#occupy("compute", ms);
    return this.#hold(this.#sizes.outputOf(operation, sizes));
  }

  release(): void {
    this.held -= 1;
  }

  async close(): Promise<void> {}

  #hold(size: DataSize): ModelResident {
    this.held += 1;
    return { size, rowCount: size.rows, byteLength: size.bytes, dtypes: [] };
  }

  /** One thing at a time on each of the device's three resources, in the order in which they were asked for. */
  async #occupy(resource: "compute" | "upload" | "download", ms: number): Promise<void> {
    const now = this.#clock.now();
    const end = Math.max(now, this.#free[resource]) + ms;
    this.#free[resource] = end;
    if (end > now) await this.#clock.sleep(Math.min(end, Math.max(now, this.#lossAt)) - now);
    if (this.#clock.now() >= this.#lossAt) throw new DeviceLostError(`${this.#model.id} is lost`);
  }
}

export function descriptorOf(id: string, kind: "gpu" | "cpu"): DeviceDescriptor {
  return {
    id,
    kind,
    name: id,
    vendor: "model",
    software: false,
    memory: 2 ** 40,
    limits: {},
    features: [],
    threads: 1,
    isa: "model",
  };
}

const KERNELS = Object.keys(defaultCosts(descriptorOf("cpu", "cpu")).unitsPerMs) as KernelKind[];
const UNIT = 1_000_000;

interface GpuClass {
  /** Against the machine's fastest device. */
  readonly speed: number;
  readonly launchMs: number;
  readonly gigabytesPerSecond: number;
}

/**
 * One to seven cards and the host, the fastest up to 16 times as fast as the slowest; cards of the same make are alike.
 */
export function mixedMachine(random: Random): DeviceModel[] {
  const slowest = random.between(1 / 16, 1);
  const makes = Array.from({ length: random.integer(1, 3) }, (): GpuClass => {
    const speed = slowest * random.between(1, 16);
    // An integrated GPU shares the host's memory; a fast card has a fast link, and launches quickly.
    const gigabytesPerSecond = Math.min(50, Math.max(1, 3 * speed * random.between(0.5, 2)));
    return { speed, launchMs: random.between(0.05, 0.5), gigabytesPerSecond };
  });
  return machineOf(
    Array.from({ length: random.integer(1, 7) }, () => random.pick(makes)),
    random,
  );
}

/** From an integrated GPU with 4 cores to eight cards of 3 TB/s, with speeds up to 16 times apart. */
export function randomMachine(random: Random): DeviceModel[] {
  const gpus = random.pick<() => GpuClass[]>([
    () => [{ speed: random.between(0.5, 2), launchMs: 0.1, gigabytesPerSecond: 10 }],
    () => [{ speed: random.between(4, 16), launchMs: 0.1, gigabytesPerSecond: 24 }],
    () => [
      { speed: 16, launchMs: 0.1, gigabytesPerSecond: 24 },
      { speed: random.between(1, 4), launchMs: 0.2, gigabytesPerSecond: 8 },
    ],
    () => [
      { speed: random.between(0.25, 1), launchMs: 0.5, gigabytesPerSecond: 2 },
      { speed: random.between(0.0625, 0.25), launchMs: 1, gigabytesPerSecond: 1 },
    ],
    () => Array<GpuClass>(2).fill(card(random.between(4, 16), 24)),
    () => Array<GpuClass>(8).fill(card(16, 50)),
    () => [...Array<GpuClass>(2).fill(card(16, 24)), ...Array<GpuClass>(2).fill(card(6, 12))],
  ])();
  return machineOf(gpus, random);
}

function machineOf(gpus: readonly GpuClass[], random: Random): DeviceModel[] {
  const host = modelOf("cpu", "cpu", 1, 0.02, Number.POSITIVE_INFINITY, random);
  const models = new Map<GpuClass, DeviceModel>();
  const cards = gpus.map((gpu, index): DeviceModel => {
    const { speed, launchMs, gigabytesPerSecond } = gpu;
    const id = `gpu:${index}`;
    const model =
      models.get(gpu) ?? modelOf(id, "gpu", speed, launchMs, gigabytesPerSecond * 1e6, random);
    models.set(gpu, model);
    return { ...model, id };
  });
  return [...cards, host];
}

function card(speed: number, gigabytesPerSecond: number): GpuClass {
  return { speed, launchMs: 0.05, gigabytesPerSecond };
}

/** Kernels are not equally good on every device: each is up to 1.5 times off the device's speed. */
function modelOf(
  id: string,
  kind: "gpu" | "cpu",
  speed: number,
  launchMs: number,
  bytesPerMs: number,
  random: Random,
): DeviceModel {
  const unitsPerMs = Object.fromEntries(
    KERNELS.map((kernel) => [kernel, UNIT * speed * random.between(1 / 1.5, 1.5)]),
  ) as DeviceCosts["unitsPerMs"];
  const costs = {
    launchMs,
    uploadBytesPerMs: bytesPerMs,
    downloadBytesPerMs: bytesPerMs,
    unitsPerMs,
  };
  return { id, kind, costs, believed: costs };
}

/** The scheduler believes each device to be up to `factor` times as fast or as slow as it is. */
export function misjudged(
  machine: readonly DeviceModel[],
  factor: number,
  random: Random,
): DeviceModel[] {
  return machine.map((model) => {
    const wrong = random.between(1 / factor, factor);
    const unitsPerMs = Object.fromEntries(
      Object.entries(model.costs.unitsPerMs).map(([kernel, rate]) => [kernel, rate * wrong]),
    ) as DeviceCosts["unitsPerMs"];
    return { ...model, believed: { ...model.costs, unitsPerMs } };
  });
}
