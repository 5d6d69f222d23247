// The devices of a session: which are opened, and how the planner and the scheduler see them. The host's executors open
// at once; adapters open when a query first asks for them.

import { assert, NoDeviceError } from "../base/index.ts";
import {
  type Device,
  type Executor,
  expectedGpu,
  type FileCodec,
  type GpuAdapter,
  listGpuAdapters,
  openGpu,
  openHosts,
} from "../device/index.ts";
import {
  type DeviceCosts,
  type DeviceDescriptor,
  defaultCosts,
  type Engine,
  type PlacementPolicy,
  type PlannerDevice,
} from "../physical/index.ts";
import { DeviceQueue } from "./device_queue.ts";
import type { ResolvedOptions } from "./session_options.ts";

/** Tasks that a device works on at once: the CPU's kernels use all threads, but their serial ends can overlap. */
const CAPACITY = { gpu: 1, cpu: 2, reference: 1 } as const;

/** With a launch that long, queueing behind another task never pays: every idle device gets the next task. */
const EVEN_COSTS: DeviceCosts = {
  launchMs: 1000,
  uploadBytesPerMs: Number.POSITIVE_INFINITY,
  downloadBytesPerMs: Number.POSITIVE_INFINITY,
  unitsPerMs: {
    evaluate: 1e6,
    aggregate: 1e6,
    groupRows: 1e6,
    exponentRange: 1e6,
    join: 1e6,
    sort: 1e6,
    slice: 1e6,
    concat: 1e6,
    csv: 1e6,
    split: 1e6,
  },
};

export class Devices {
  readonly open = new Map<string, Device>();
  readonly queues = new Map<string, DeviceQueue>();
  readonly host: Executor;
  /** The host's codec of files. */
  readonly files: FileCodec;
  readonly #options: ResolvedOptions;
  readonly #lost: Device[] = [];
  readonly #lingering = new Set<Promise<void>>();
  #gpus: Promise<void> | null = null;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    const { threads, isa, hostMemory: memory } = options;
    const hosts = openHosts({ threads, isa, memory });
    for (const device of hosts) this.#add(device);
    const [best] = options.engine === "reference" ? [...hosts].reverse() : hosts;
    if (!best?.files) throw new NoDeviceError("no host executor could be opened");
    this.host = best.executor;
    this.files = best.files;
  }

  get executors(): Map<string, Executor> {
    return new Map([...this.open].map(([id, { executor }]) => [id, executor]));
  }

  /** Opens what the engine needs and is not open yet. */
  async openFor(engine: Engine): Promise<void> {
    if (!this.#wantsGpus(engine)) return;
    this.#gpus ??= this.#openGpus();
    await this.#gpus;
  }

  /** Before adapters are open, explain() plans with those that the first query would open. */
  policy(engine: Engine, strict: boolean): PlacementPolicy {
    return {
      engine,
      strict,
      shared: this.#options.devices ?? [],
      devices: [...this.open.values(), ...this.#expected(engine)],
    };
  }

  #expected(engine: Engine): readonly PlannerDevice[] {
    const isOpen = [...this.open.values()].some(({ descriptor }) => descriptor.kind === "gpu");
    if (isOpen || !this.#wantsGpus(engine)) return [];
    const named = this.#namedGpus();
    return (named.length > 0 ? named : ["gpu:0"]).map(expectedGpu);
  }

  #namedGpus(): readonly string[] {
    return this.#options.devices?.filter((id) => id.startsWith("gpu:")) ?? [];
  }

  #wantsGpus(engine: Engine): boolean {
    return engine === "gpu" || (engine === "auto" && this.#namedGpus().length > 0);
  }

  /** Most bytes that one column's buffer may have on every open GPU. */
  columnByteLimit(engine: Engine): number | null {
    if (engine !== "gpu" && this.#options.devices === null) return null;
    const limits = [...this.open.values()]
      .filter(({ descriptor }) => descriptor.kind === "gpu")
      .map(({ descriptor }) => descriptor.limits.maxStorageBufferBindingSize ?? 2 ** 27);
    return limits.length === 0 ? null : Math.min(...limits);
  }

  /** Costs of the devices that share the partitions of a query. */
  sharing(engine: Engine): readonly DeviceCosts[] {
    const named = this.#options.devices ?? [];
    return this.policy(engine, false)
      .devices.map(({ descriptor }) => descriptor)
      .filter(
        ({ id, kind }) =>
          (engine === "gpu" && kind === "gpu") || (engine === "auto" && named.includes(id)),
      )
      .map((descriptor) => this.#costsOfDescriptor(descriptor));
  }

  /** The device leaves the session: no later query is planned on it. */
  lost(id: string): void {
    const device = this.open.get(id);
    if (device === undefined) return;
    this.open.delete(id);
    this.#lost.push(device);
  }

  describe(id: string): string {
    const descriptor = this.open.get(id)?.descriptor;
    if (descriptor === undefined && id.startsWith("gpu:")) {
      return `${id} (opened by the first query)`;
    }
    if (descriptor === undefined || descriptor.kind !== "gpu") return id;
    return `${id} (${descriptor.name}${descriptor.software ? ", a software adapter" : ""})`;
  }

  costsOf(id: string): DeviceCosts {
    const device = this.open.get(id);
    assert(device !== undefined, "costs are asked of open devices");
    return this.#costsOfDescriptor(device.descriptor);
  }

  #costsOfDescriptor(descriptor: DeviceDescriptor): DeviceCosts {
    return this.#options.costs === "even" ? EVEN_COSTS : defaultCosts(descriptor);
  }

  /** Devices stay open until then. */
  lingers(until: Promise<void>): void {
    this.#lingering.add(until);
    void until.finally(() => this.#lingering.delete(until));
  }

  async close(): Promise<void> {
    await this.#gpus?.catch(() => {});
    await Promise.all(this.#lingering);
    for (const { executor } of [...this.open.values(), ...this.#lost]) await executor.close();
    this.open.clear();
  }

  async #openGpus(): Promise<void> {
    const adapters = await this.#chooseAdapters();
    for (const adapter of adapters) {
      this.#add(await openGpu(adapter, this.#options.deviceMemory, this.#options));
    }
  }

  async #chooseAdapters(): Promise<readonly GpuAdapter[]> {
    const all = await listGpuAdapters();
    const named = this.#namedGpus();
    if (named.length > 0) {
      return named.map((id) => {
        const adapter = all.find(({ descriptor }) => descriptor.id === id);
        if (adapter !== undefined) return adapter;
        throw new NoDeviceError(`there is no ${id}`, { hint: adapterHint(all) });
      });
    }
    const real = all.filter(({ descriptor }) => !descriptor.software);
    if (real.length > 0) return real;
    const [software] = all;
    if (software !== undefined) return [software];
    throw new NoDeviceError('engine "gpu": this machine has no adapter that Dawn accepts', {
      hint: 'Run `gpudataframe doctor` to see why, or use engine: "auto".',
    });
  }

  #add(device: Device): void {
    const { id, kind } = device.descriptor;
    this.open.set(id, device);
    this.queues.set(id, new DeviceQueue(CAPACITY[kind]));
  }
}

function adapterHint(adapters: readonly { readonly descriptor: DeviceDescriptor }[]): string {
  if (adapters.length === 0) return "No adapter was found; run `gpudataframe doctor`.";
  return `There are ${adapters.map(({ descriptor }) => descriptor.id).join(", ")}.`;
}
