// The devices of a session: which are opened, and how the planner and the scheduler see them. The host's executors open
// at once; adapters open when a query first asks for them.

import { existsSync } from "node:fs";
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
  type DeviceKind,
  defaultCosts,
  type Engine,
  type PlannerDevice,
} from "../physical/index.ts";
import type { DeviceChoice } from "./auto.ts";
import { MeasuredCosts } from "./costs/index.ts";
import { DeviceQueue } from "./device_queue.ts";
import { Observations } from "./schedule/index.ts";
import type { ResolvedOptions } from "./session_options.ts";

/** In a session. "closed": no query has needed it yet. "lost": `session.recover()` opens it again. */
export type DeviceState = "open" | "closed" | "lost";

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
    numberRows: 1e6,
    sample: 1e6,
    csv: 1e6,
    split: 1e6,
    exchange: 1e6,
  },
};

const NAMED = "devices that the session names";
const PREDICTED = "auto: least predicted time";

export class Devices {
  readonly open = new Map<string, Device>();
  readonly queues = new Map<string, DeviceQueue>();
  readonly host: Executor;
  /** The host's codec of files. */
  readonly files: FileCodec;
  /** What queries tell later ones of the costs. Absent where all count as equally fast. */
  readonly observations: Observations | undefined;
  readonly #options: ResolvedOptions;
  /** Every prediction asks for them. */
  readonly #typical = new WeakMap<DeviceDescriptor, DeviceCosts>();
  /** Lost ones that queries may still be at. */
  readonly #lost: Device[] = [];
  /** Lost and not opened again. */
  readonly #missing = new Set<string>();
  readonly #lingering = new Set<Promise<void>>();
  readonly #measured: MeasuredCosts;
  #gpus: Promise<void> | null = null;
  #autoGpus: Promise<void> | null = null;
  #recovery: Promise<readonly string[]> | null = null;
  #mayHaveGpu: boolean | null = null;
  #hasMeasured = false;
  #generation = 0;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.observations = options.costs === "even" ? undefined : new Observations();
    this.#measured = new MeasuredCosts(options.cacheDirectory);
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

  /** Another number whenever a device opens or leaves: plans were made for those that there were. */
  get generation(): number {
    return this.#generation;
  }

  /** Tasks that all open devices together work on at once. */
  get slots(): number {
    return [...this.queues.values()].reduce((sum, { capacity }) => sum + capacity, 0);
  }

  /** Opens what the engine needs and is not open yet. */
  async openFor(engine: Engine): Promise<void> {
    if (!this.#wantsGpus(engine)) return;
    this.#gpus ??= this.#openGpus();
    await this.#gpus;
  }

  /**
   * The choices of devices for a query: one, unless the engine is "auto" and adapters with measured costs are open. The
   * first is what holds without predictions. Before adapters are open, explain() plans with those that the first query
   * would open.
   */
  choices(engine: Engine, strict: boolean): readonly [DeviceChoice, ...DeviceChoice[]] {
    const named = this.#options.devices ?? [];
    const devices = [...this.open.values(), ...this.#expected(engine)];
    if (engine !== "auto" || named.length > 0) {
      const policy = { engine, strict, devices, shared: named, sharedReason: NAMED };
      const sharing = devices
        .map(({ descriptor }) => descriptor)
        .filter(({ id, kind }) => (engine === "auto" ? named.includes(id) : kind === "gpu"));
      const shares = engine === "auto" || engine === "gpu";
      return [{ label: engine, policy, sharing: shares ? sharing : [] }];
    }
    const policy = { engine, strict: false, devices, sharedReason: PREDICTED };
    const choice = (label: string, kinds: readonly DeviceKind[]): DeviceChoice => {
      const sharing = devices
        .map(({ descriptor }) => descriptor)
        .filter((descriptor) => kinds.includes(descriptor.kind) && this.#isCosted(descriptor));
      return { label, policy: { ...policy, shared: sharing.map(({ id }) => id) }, sharing };
    };
    const host: DeviceChoice = { label: "cpu", policy: { ...policy, shared: [] }, sharing: [] };
    const gpus = choice("gpu", ["gpu"]);
    if (gpus.sharing.length === 0) return [host];
    return [host, gpus, choice("gpu and cpu", ["gpu", "cpu"])];
  }

  /** `auto` uses what is measured, and software adapters only in tests of it. */
  #isCosted(descriptor: DeviceDescriptor): boolean {
    const isReal = !descriptor.software || this.#options.autoSoftware;
    return isReal && this.#measured.of(descriptor) !== null;
  }

  #expected(engine: Engine): readonly PlannerDevice[] {
    const isOpen = [...this.open.values()].some(({ descriptor }) => descriptor.kind === "gpu");
    if (isOpen || !this.#wantsGpus(engine)) return [];
    const named = this.#namedGpus();
    return (named.length > 0 ? named : ["gpu:0"])
      .filter((id) => !this.#missing.has(id))
      .map(expectedGpu);
  }

  #namedGpus(): readonly string[] {
    return this.#options.devices?.filter((id) => id.startsWith("gpu:")) ?? [];
  }

  #wantsGpus(engine: Engine): boolean {
    return engine === "gpu" || (engine === "auto" && this.#namedGpus().length > 0);
  }

  /** Most bytes that one column's buffer may have on every GPU that a choice names. */
  columnByteLimit({ sharing }: DeviceChoice): number | null {
    const limits = sharing
      .filter(({ kind }) => kind === "gpu")
      .map(({ limits }) => limits.maxStorageBufferBindingSize ?? 2 ** 27);
    return limits.length === 0 ? null : Math.min(...limits);
  }

  /** The device leaves the session: no later query is planned on it, unless it is opened again. */
  lost(executor: Executor): void {
    const { id } = executor.descriptor;
    const device = this.open.get(id);
    // It was opened again since.
    if (device?.executor !== executor) return;
    this.open.delete(id);
    this.queues.delete(id);
    this.#generation += 1;
    this.#lost.push(device);
    this.#missing.add(id);
  }

  /** Open, unless a query has found it lost, or would. */
  stateOf(id: string): DeviceState {
    const device = this.open.get(id);
    if (device === undefined) return this.#missing.has(id) ? "lost" : "closed";
    return device.executor.isLost === true ? "lost" : "open";
  }

  /** Opens again what was lost. @throws NoDeviceError where one does not open, after all others have been tried. */
  async recover(): Promise<readonly string[]> {
    this.#recovery ??= this.#openMissing().finally(() => {
      this.#recovery = null;
    });
    return await this.#recovery;
  }

  async #openMissing(): Promise<readonly string[]> {
    const adapters = await listGpuAdapters();
    const opened: string[] = [];
    const failures: unknown[] = [];
    for (const id of Array.from(this.#missing).sort()) {
      const adapter = adapters.find(({ descriptor }) => descriptor.id === id);
      assert(adapter !== undefined, "what was lost had been listed");
      try {
        await this.#openGpu(adapter);
        this.#missing.delete(id);
        opened.push(id);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 0) return opened;
    throw new NoDeviceError(`${[...this.#missing].join(", ")} could not be opened again`, {
      cause: failures[0],
      hint: `${opened.length === 0 ? "" : `${opened.join(", ")} can be used again. `}Run \`gpudataframe doctor\` to see the devices of this machine.`,
    });
  }

  /**
   * No query runs: closes what was lost, behind what lingers. What only failed to give its results twice counts as lost too,
   * but what is persisted may still be read from there.
   */
  closeLost(): void {
    const gone = this.#lost.filter(({ executor }) => executor.isLost === true);
    if (gone.length === 0) return;
    for (const device of gone) this.#lost.splice(this.#lost.indexOf(device), 1);
    const ended = Promise.all(this.#lingering);
    this.lingers(
      ended.then(async () => {
        for (const { executor } of gone) await executor.close();
      }),
    );
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
    // One that is lost meanwhile stays a column of the running query's predictions.
    const device = this.open.get(id) ?? this.#lost.find(({ descriptor }) => descriptor.id === id);
    assert(device !== undefined, "costs are asked of devices of the session");
    return this.costsOfDescriptor(device.descriptor);
  }

  /** Measured ones where there are any, typical ones otherwise. */
  costsOfDescriptor(descriptor: DeviceDescriptor): DeviceCosts {
    if (this.#options.costs === "even") return EVEN_COSTS;
    return this.#measured.of(descriptor) ?? this.#typicalCosts(descriptor);
  }

  #typicalCosts(descriptor: DeviceDescriptor): DeviceCosts {
    const known = this.#typical.get(descriptor) ?? defaultCosts(descriptor);
    this.#typical.set(descriptor, known);
    return known;
  }

  /** Are there adapters that are not open, and that `auto` would use? */
  mayOpenMore(engine: Engine): boolean {
    if (engine !== "auto" || this.#options.devices !== null || this.#autoGpus !== null)
      return false;
    this.#mayHaveGpu ??= this.#options.autoSoftware || mayHaveGpu();
    return this.#mayHaveGpu;
  }

  /** Opens real adapters for `auto`, if there are any, with the costs that earlier processes measured. */
  async openForAuto(): Promise<void> {
    this.#autoGpus ??= this.#openAutoGpus();
    await this.#autoGpus;
  }

  async #openAutoGpus(): Promise<void> {
    const adapters = (await listGpuAdapters()).filter(
      ({ descriptor }) => this.#options.autoSoftware || !descriptor.software,
    );
    for (const adapter of adapters) {
      // Nobody named it: one that does not open is left alone.
      await this.#openGpu(adapter).catch(() => {});
    }
    if (adapters.length > 0) await this.#measured.load(this.#descriptors());
  }

  /**
   * Measures what has never been measured on this machine, once no query runs: kernels of a query beside it would falsify
   * the figures. Queries that come meanwhile do not wait for it.
   */
  measureWhenIdle(): void {
    if (this.#autoGpus === null || this.#hasMeasured) return;
    this.#hasMeasured = true;
    const devices = [...this.open.values()];
    if (!devices.some(({ descriptor }) => descriptor.kind === "gpu")) return;
    this.lingers(this.#measureMissing(devices));
  }

  async #measureMissing(devices: readonly Device[]): Promise<void> {
    for (const { descriptor, executor } of devices) {
      if (descriptor.kind === "reference" || this.#measured.of(descriptor) !== null) continue;
      await this.#measured.measure(descriptor, executor);
    }
  }

  #descriptors(): DeviceDescriptor[] {
    return [...this.open.values()].map(({ descriptor }) => descriptor);
  }

  /** Devices stay open until then. */
  lingers(until: Promise<void>): void {
    this.#lingering.add(until);
    void until.finally(() => this.#lingering.delete(until));
  }

  async close(): Promise<void> {
    await this.#gpus?.catch(() => {});
    await this.#autoGpus?.catch(() => {});
    await this.#recovery?.catch(() => {});
    await Promise.all(this.#lingering);
    for (const { executor } of [...this.open.values(), ...this.#lost]) await executor.close();
    this.open.clear();
  }

  async #openGpus(): Promise<void> {
    const adapters = await this.#chooseAdapters();
    for (const adapter of adapters) await this.#openGpu(adapter);
    await this.#measured.load(this.#descriptors());
  }

  async #openGpu(adapter: GpuAdapter): Promise<void> {
    if (this.open.has(adapter.descriptor.id)) return;
    this.#add(await openGpu(adapter, this.#options.deviceMemory, this.#options));
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
    this.#generation += 1;
    this.queues.set(id, new DeviceQueue(CAPACITY[kind]));
  }
}

/** Without loading a driver: on Linux a GPU has a node among the devices. */
function mayHaveGpu(): boolean {
  if (process.platform !== "linux") return true;
  return ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"].some((path) => existsSync(path));
}

function adapterHint(adapters: readonly { readonly descriptor: DeviceDescriptor }[]): string {
  if (adapters.length === 0) return "No adapter was found; run `gpudataframe doctor`.";
  return `There are ${adapters.map(({ descriptor }) => descriptor.id).join(", ")}.`;
}
