import { describe, expect, test } from "vitest";
import { createGpu, testAdapters } from "./index.ts";

const adapters = await testAdapters();

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "SwiftShader is always there",
  () => {
    expect(adapters.map((adapter) => adapter.name)).toContainEqual(
      expect.stringContaining("SwiftShader"),
    );
  },
);

describe.each(adapters)("$name", ({ option }) => {
  test("runs a compute shader", async () => {
    const adapter = await createGpu([option]).requestAdapter();
    const device = await adapter!.requestDevice();
    const doubled = await runDoubling(device, Uint32Array.of(1, 2, 3, 0x7fffffff));
    expect([...doubled]).toEqual([2, 4, 6, 0xfffffffe]);
    device.destroy();
  });
});

const doublingShader = /* wgsl */ `
  @group(0) @binding(0) var<storage, read_write> values: array<u32>;
  @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < arrayLength(&values)) { values[id.x] *= 2u; }
  }
`;

async function runDoubling(device: GPUDevice, values: Uint32Array): Promise<Uint32Array> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const size = values.byteLength;
  const storage = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
  const readback = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  device.queue.writeBuffer(storage, 0, values as Uint32Array<ArrayBuffer>);
  const module = device.createShaderModule({ code: doublingShader });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer: storage } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(storage, 0, readback, 0, size);
  device.queue.submit([encoder.finish()]);
  await readback.mapAsync(GPUMapMode.READ);
  return new Uint32Array(readback.getMappedRange().slice(0));
}
