// Compiled kernels of one device, by spec; and their bind groups, by buffers (making one costs 8 to 80 us).

import { at } from "../../base/index.ts";
import type { GpuDevice } from "./gpu_device.ts";
import { type KernelInterface, MAX_PARAMETER_WORDS, readInterface } from "./kernel_interface.ts";
import { type KernelSpec, kernelKey, linkKernel } from "./kernel_source.ts";

export interface Kernel extends KernelInterface {
  readonly path: string;
  readonly wgsl: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Which of the kernels of its cache it is. */
  readonly id: number;
}

/** One buffer of a bind group, with the number that identifies it in the cache. */
export interface BoundBuffer {
  readonly id: number;
  readonly raw: GPUBuffer;
}

// Queries of ever new shapes make ever new kernels, and a driver keeps code and layouts for each. Whoever runs one holds it.
const MOST_KERNELS = 1024;

// Operators meet the same few buffer sets again and again; a bound keeps dead sets from piling up. It is one for all kernels:
// drivers keep memory for each set, llvmpipe a mapping, of which Linux gives a process 65,530, and ends the process without.
const MAX_BIND_GROUPS = 2048;

// The collector sees small objects where a driver holds kilobytes, and waits until a process has made a hundred thousand of
// them. What it counts in full are array buffers: each bind group has one, as large as what drivers keep for a set.
const WEIGHT_BYTES = 4096;

export class KernelCache {
  readonly #device: GpuDevice;
  readonly #mostKernels: number;
  /** Least recently loaded first. */
  readonly #kernels = new Map<string, Promise<Kernel>>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #weights = new WeakMap<GPUBindGroup, ArrayBuffer>();
  #compiled = 0;

  constructor(device: GpuDevice, mostKernels = MOST_KERNELS) {
    this.#device = device;
    this.#mostKernels = mostKernels;
  }

  /** How many kernels have been compiled, those that were forgotten since included. */
  get compiled(): number {
    return this.#compiled;
  }

  /** The kernel of a spec; compiled off the event loop the first time. Rejects with the compiler's words. */
  load(spec: KernelSpec): Promise<Kernel> {
    const key = kernelKey(spec);
    const known = this.#kernels.get(key);
    const kernel = known ?? this.#compile(spec);
    this.#kernels.delete(key);
    this.#kernels.set(key, kernel);
    if (known !== undefined) return known;
    for (const oldest of this.#kernels.keys()) {
      if (this.#kernels.size <= this.#mostKernels) break;
      this.#kernels.delete(oldest);
    }
    // A loss during compilation must not stick to the next device of the same cache key.
    kernel.catch(() => {
      if (this.#kernels.get(key) === kernel) this.#kernels.delete(key);
    });
    return kernel;
  }

  /** All entries of `buffers` in the order of the kernel's bindings. */
  bindGroup(kernel: Kernel, buffers: readonly BoundBuffer[]): GPUBindGroup {
    const key = buffers.reduce((text, { id }) => `${text} ${id}`, `${kernel.id}`);
    const cached = this.#bindGroups.get(key);
    if (cached) return cached;
    const entries = kernel.bindings.map(({ binding, access }, index) => {
      const { raw } = at(buffers, index);
      const resource =
        access === "uniform" ? { buffer: raw, size: MAX_PARAMETER_WORDS * 4 } : { buffer: raw };
      return { binding, resource };
    });
    const group = this.#device.raw.createBindGroup({ layout: kernel.layout, entries });
    for (const oldest of this.#bindGroups.keys()) {
      if (this.#bindGroups.size < MAX_BIND_GROUPS) break;
      this.#bindGroups.delete(oldest);
    }
    this.#bindGroups.set(key, group);
    this.#weights.set(group, new ArrayBuffer(WEIGHT_BYTES));
    return group;
  }

  async #compile(spec: KernelSpec): Promise<Kernel> {
    const wgsl = await linkKernel(spec);
    const { raw: device, calls } = this.#device;
    const kernelInterface = readInterface(wgsl);
    const { module, layout, pipelineLayout } = this.#device.guard(() => {
      const layout = device.createBindGroupLayout({
        label: spec.path,
        entries: kernelInterface.bindings.map(({ binding, access }) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: bufferLayout(access),
        })),
      });
      return {
        layout,
        module: device.createShaderModule({ label: spec.path, code: wgsl }),
        pipelineLayout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      };
    });
    const pipeline = await this.#device.wait(
      device.createComputePipelineAsync({
        label: spec.path,
        layout: pipelineLayout,
        compute: { module, entryPoint: "main" },
      }),
      calls,
    );
    return { ...kernelInterface, path: spec.path, wgsl, pipeline, layout, id: this.#compiled++ };
  }
}

function bufferLayout(access: "uniform" | "read" | "write"): GPUBufferBindingLayout {
  switch (access) {
    case "uniform":
      return { type: "uniform", hasDynamicOffset: true, minBindingSize: 0 };
    case "read":
      return { type: "read-only-storage" };
    case "write":
      return { type: "storage" };
  }
}
