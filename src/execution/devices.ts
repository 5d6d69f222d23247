// The devices of a session: which are opened, and how the planner and the scheduler see them. The host's executors open
// at once; adapters open when a query first asks for them.

import { NoDeviceError } from "../base/index.ts";
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
import type {
  DeviceDescriptor,
  Engine,
  PlacementPolicy,
  PlannerDevice,
} from "../physical/index.ts";
import { DeviceQueue } from "./device_queue.ts";
import type { ResolvedOptions } from "./session_options.ts";

/** Tasks that a device works on at once: the CPU's kernels use all threads, but their serial ends can overlap. */
const CAPACITY = { gpu: 1, cpu: 2, reference: 1 } as const;

export class Devices {
  readonly open = new Map<string, Device>();
  readonly queues = new Map<string, DeviceQueue>();
  readonly host: Executor;
  /** The host's codec of files. */
  readonly files: FileCodec;
  readonly #options: ResolvedOptions;
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

  /** How many devices share the partitions of a query. */
  sharing(engine: Engine): number {
    const open = this.policy(engine, false).devices.map(({ descriptor }) => descriptor.id);
    if (engine === "gpu") return open.filter((id) => id.startsWith("gpu:")).length;
    return Math.max(1, (this.#options.devices ?? []).filter((id) => open.includes(id)).length);
  }

  describe(id: string): string {
    const descriptor = this.open.get(id)?.descriptor;
    if (descriptor === undefined && id.startsWith("gpu:")) {
      return `${id} (opened by the first query)`;
    }
    if (descriptor === undefined || descriptor.kind !== "gpu") return id;
    return `${id} (${descriptor.name}${descriptor.software ? ", a software adapter" : ""})`;
  }

  async close(): Promise<void> {
    await this.#gpus?.catch(() => {});
    for (const { executor } of this.open.values()) await executor.close();
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
