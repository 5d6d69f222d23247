// The adapters that tests run on. vitest.config.ts puts software Vulkan drivers in reach
// (scripts/vulkan-environment.mjs); here all that dawn accepts are found by name.
import { create, globals } from "webgpu";

export interface TestAdapter {
  /** The name as the driver gives it. */
  readonly name: string;
  /** Pass as `create([...])`'s option to get this adapter: `adapter=SUBSTRING`. */
  readonly option: string;
  readonly software: boolean;
}

// An object that create() returned must live as long as the process: when it is collected while a
// device is alive, dawn crashes.
const keptAlive: GPU[] = [];

/** `create` with the lifetime that dawn needs, and the WebGPU globals in place. */
export function createGpu(options: string[]): GPU {
  Object.assign(globalThis, globals);
  const gpu = create(options);
  keptAlive.push(gpu);
  return gpu;
}

/**
 * All Vulkan, Metal or D3D12 adapters that dawn accepts here, software adapters included.
 * Order: as the driver lists them. Empty when there is none.
 */
export async function testAdapters(): Promise<readonly TestAdapter[]> {
  const adapters: TestAdapter[] = [];
  for (const name of await adapterNames()) {
    const option = `adapter=${name}`;
    const adapter = await createGpu([option]).requestAdapter();
    if (adapter === null) continue;
    adapters.push({ name, option, software: adapter.info.isFallbackAdapter ?? false });
  }
  return adapters;
}

/** dawn.node lists what it has in the error that it throws for a name that it does not have. */
async function adapterNames(): Promise<string[]> {
  try {
    await createGpu(["adapter=(no such adapter)"]).requestAdapter();
    return [];
  } catch (error) {
    const listed = String(error).matchAll(/backend: '(?!null)\w+', name: '(.*)'/g);
    return [...new Set([...listed].map((match) => match[1]!))];
  }
}
