// Compiles the shaders of countedKernels with Dawn's Vulkan backend, which then prints what Tint made of them. A process of
// its own: Dawn prints to standard output.
import { create, globals } from "webgpu";
import { linkKernel } from "../../src/device/gpu/kernel_source.ts";
import { countedKernels } from "./kernels.ts";

Object.assign(globalThis, globals);
// Out-of-bounds accesses are the driver's or Tint's to clamp; kernels guard their own, and those guards are counted.
const toggles = "enable-dawn-features=dump_shaders,disable_robustness,allow_unsafe_apis";
const gpu = create([toggles]);
const adapter = await gpu.requestAdapter();
if (adapter === null) throw new Error("there is no Vulkan adapter");
const { maxStorageBuffersPerShaderStage } = adapter.limits;
const device = await adapter.requestDevice({ requiredLimits: { maxStorageBuffersPerShaderStage } });
for (const [index, { spec }] of countedKernels.entries()) {
  const code = `// counted ${index}\n${await linkKernel(spec)}`;
  const module = device.createShaderModule({ code });
  device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
}
device.destroy();
process.exit(0);
