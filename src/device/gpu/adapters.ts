// Finds the adapters that dawn accepts on this machine. The only file that imports `webgpu`.

import { totalmem } from "node:os";
import type { DeviceDescriptor } from "../../physical/index.ts";

export interface GpuAdapter {
  readonly descriptor: DeviceDescriptor;
  /** Opens a fresh WebGPU adapter: one serves a single `requestDevice`. Null when the driver has gone. */
  request(): Promise<GPUAdapter | null>;
}

// The object that create() returned must outlive every device made from it: when it is collected earlier, dawn.node
// uses freed memory in its event runner. So all of them live as long as the process.
const instances: GPU[] = [];
let listing: Promise<readonly GpuAdapter[]> | undefined;

// Workgroup memory is zeroed by a loop in the shader, not by an initializer: SwiftShader unrolls that of 16 KiB into code
// that compiles for 15 seconds instead of one.
const DISABLED_FEATURES = [
  "timestamp_quantization",
  "use_vulkan_zero_initialize_workgroup_memory_extension",
];
const DAWN_OPTIONS = [`disable-dawn-features=${DISABLED_FEATURES.join(",")}`];
// WebGPU does not tell how much memory a device has; a session option overrides this.
const DEFAULT_MEMORY = 2 * 2 ** 30;

/** All Vulkan, Metal and D3D12 adapters, real ones first, in driver order; listed once per process. Empty without any. */
export function listAdapters(): Promise<readonly GpuAdapter[]> {
  listing ??= findAdapters();
  return listing;
}

/** The adapter that validates everything and computes nothing: shaders and commands can be checked without a GPU. */
export async function nullAdapter(): Promise<GpuAdapter | null> {
  const instance = await createInstance(["backend=null"]);
  const adapter = await instance?.requestAdapter();
  return instance && adapter ? describe(instance, adapter, "null", "null backend", 1) : null;
}

async function findAdapters(): Promise<readonly GpuAdapter[]> {
  const found: { name: string; cards: number; instance: GPU; adapter: GPUAdapter }[] = [];
  for (const [name, cards] of await adapterNames()) {
    const instance = await createInstance([`adapter=${name}`]);
    const adapter = await instance?.requestAdapter();
    if (instance && adapter) found.push({ name, cards, instance, adapter });
  }
  const software = ({ adapter }: { adapter: GPUAdapter }) => isSoftware(adapter);
  return [...found.filter((entry) => !software(entry)), ...found.filter(software)].map(
    ({ name, cards, instance, adapter }, index) =>
      describe(instance, adapter, `gpu:${index}`, name, cards),
  );
}

/**
 * The names, each with the number of cards that have it. dawn.node lists what it has in the error that it throws for a name
 * that it does not have. A card that two backends offer is one.
 */
async function adapterNames(): Promise<ReadonlyMap<string, number>> {
  const cards = new Map<string, number>();
  const instance = await createInstance(["adapter=(none)"]);
  if (!instance) return cards;
  try {
    await instance.requestAdapter();
  } catch (error) {
    const ofBackend = new Map<string, number>();
    for (const [, backend, name] of String(error).matchAll(LISTED)) {
      const key = `${backend} ${name}`;
      ofBackend.set(key, (ofBackend.get(key) ?? 0) + 1);
      cards.set(name!, Math.max(cards.get(name!) ?? 0, ofBackend.get(key)!));
    }
  }
  return cards;
}

const LISTED = /backend: '(vulkan|metal|d3d12)', name: '(.*)'/g;

/** Null where the package has no binary for this platform. */
async function createInstance(options: readonly string[]): Promise<GPU | null> {
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    const instance = create([...options, ...DAWN_OPTIONS]);
    instances.push(instance);
    return instance;
  } catch {
    return null;
  }
}

function describe(
  instance: GPU,
  adapter: GPUAdapter,
  id: string,
  name: string,
  cards: number,
): GpuAdapter {
  const software = isSoftware(adapter);
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const limit: unknown = Reflect.get(adapter.limits, name);
    if (typeof limit === "number") limits[name] = limit;
  }
  const descriptor: DeviceDescriptor = {
    id,
    kind: "gpu",
    name,
    cards,
    vendor: adapter.info.vendor,
    software,
    memory: software ? Math.min(DEFAULT_MEMORY, Math.floor(totalmem() / 4)) : DEFAULT_MEMORY,
    limits,
    features: [...adapter.features].sort(),
    threads: 1,
    isa: "wgsl",
    skipsMaskedRows: true,
  };
  return { descriptor, request: () => instance.requestAdapter() };
}

function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ?? false;
}
