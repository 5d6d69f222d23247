import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DeviceFaultError, DeviceLostError, MemoryBudgetError } from "../../src/base/index.ts";
import { sizeClass } from "../../src/device/gpu/buffer_pool.ts";
import { GpuContext } from "../../src/device/gpu/context.ts";
import { readInterface } from "../../src/device/gpu/kernel_interface.ts";
import { kernelKey } from "../../src/device/gpu/kernel_source.ts";
import { testDevices } from "./adapters.ts";

const SCALE = {
  path: "generated",
  generated: /* wgsl */ `
    import constants::FACTOR;
    struct Params { rowCount: u32, pair: vec2<u32>, addend: i32 }
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(1) var<storage, read> source: array<u32>;
    @group(0) @binding(2) var<storage, read_write> target: array<u32>;
    @compute @workgroup_size(64) fn main(
      @builtin(workgroup_id) group: vec3<u32>,
      @builtin(num_workgroups) groups: vec3<u32>,
      @builtin(local_invocation_index) local: u32,
    ) {
      let row = (group.y * groups.x + group.x) * 64u + local;
      if (row >= params.rowCount) { return; }
      target[row] = source[row] * FACTOR + params.pair.y + u32(params.addend);
    }`.replaceAll("target", "scaled"),
  constants: { FACTOR: "3u" },
};

test.each([
  [1, 256],
  [256, 256],
  [257, 320],
  [512, 512],
  [513, 640],
  [2 ** 20 + 1, 2 ** 20 + 2 ** 18],
])("a buffer of %i bytes takes %i", (bytes, expected) => {
  expect(sizeClass(bytes)).toBe(expected);
});

test("equal specs have equal keys whatever the order of their members", () => {
  const a = { path: "x", conditions: { A: true, B: false }, constants: { N: 1, M: 2 } };
  const b = { path: "x", conditions: { A: true }, constants: { M: 2, N: 1 } };
  expect(kernelKey(a)).toBe(kernelKey(b));
  expect(kernelKey({ ...a, conditions: { A: true, B: true } })).not.toBe(kernelKey(a));
});

test("a kernel's parameters lie where WGSL lays them out", () => {
  const { parameters } = readInterface(`
    struct P { a: u32, b: vec2<u32>, c: i32, d: vec4<u32> }
    @group(0) @binding(3) var<uniform> params: P;`);
  expect(parameters.map(({ name, wordOffset }) => [name, wordOffset])).toEqual([
    ["a", 0],
    ["b", 2],
    ["c", 4],
    ["d", 8],
  ]);
});

describe.each(testDevices)("$name", ({ adapter, open }) => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await open();
  });
  afterAll(() => context.destroy());

  async function scale(rowCount: number, workgroups = Math.ceil(rowCount / 64)) {
    const recording = context.record();
    const source = recording.constant(Uint32Array.from({ length: rowCount }, (_, row) => row));
    const scaled = recording.temporary(4 * rowCount);
    const params = { rowCount, pair: [0, 5], addend: -2 };
    recording.dispatch({ kernel: SCALE, buffers: { source, scaled }, params, workgroups });
    const bytes = recording.read(scaled);
    await recording.submit();
    return new Uint32Array(await bytes);
  }

  test("runs what is recorded, in order, in one round trip", async () => {
    const before = { ...context.counters };
    expect([...(await scale(5))]).toEqual([3, 6, 9, 12, 15]);
    expect(context.counters.dispatches - before.dispatches).toBe(1);
    expect(context.counters.roundTrips - before.roundTrips).toBe(1);
    expect(context.counters.bytesRead - before.bytesRead).toBe(20);
    expect(context.counters.bytesWritten - before.bytesWritten).toBe(20);
  });

  test("a grid of more than 65,535 workgroups reaches every row", async () => {
    const rowCount = 65_535 * 64 + 1;
    const scaled = await scale(rowCount);
    expect(scaled[rowCount - 1]).toBe((rowCount - 1) * 3 + 3);
    expect(scaled[rowCount >> 1]).toBe((rowCount >> 1) * 3 + 3);
  });

  test("copies, clears and writes keep their place", async () => {
    const recording = context.record();
    const a = recording.constant(Uint32Array.of(1, 2, 3, 4));
    const b = recording.temporary(16);
    recording.clear(b);
    recording.copy(a, 4, b, 8, 4);
    recording.write(a, 0, Uint8Array.of(9, 0, 0));
    recording.copy(a, 0, b, 12, 4);
    const bytes = recording.read(b);
    await recording.submit();
    expect([...new Uint32Array(await bytes)]).toEqual([0, 0, 2, 9]);
  });

  test("buffers are reused, shared and counted", async () => {
    const { pool } = context;
    const used = pool.usedBytes;
    const first = pool.acquire(1000);
    pool.retain(first);
    expect(pool.usedBytes - used).toBe(first.capacity);
    pool.release(first);
    expect(pool.usedBytes - used).toBe(first.capacity);
    pool.release(first);
    expect(pool.usedBytes).toBe(used);
    const second = pool.acquire(990);
    expect(second.id).toBe(first.id);
    pool.release(second);
    expect(() => pool.release(second)).toThrow("released twice");
  });

  test("more than a binding or the budget holds is refused", async () => {
    const small = await GpuContext.open(adapter, { memory: 1 << 20 });
    const tooLarge = small.device.limits.maxStorageBufferBindingSize + 4;
    expect(() => small.pool.acquire(tooLarge)).toThrow(MemoryBudgetError);
    const half = small.pool.acquire(1 << 19);
    expect(() => small.pool.acquire((1 << 19) + 4)).toThrow(MemoryBudgetError);
    small.pool.release(half);
    small.pool.release(small.pool.acquire(1 << 20));
    small.destroy();
  });

  test("a kernel that does not compile rejects and says why", async () => {
    const recording = context.record();
    const kernel = {
      path: "generated",
      generated: "@compute @workgroup_size(1) fn main() { let x: u32 = 1.5; }",
    };
    recording.dispatch({ kernel, buffers: {}, workgroups: 1 });
    await expect(recording.submit()).rejects.toThrow(/u32/);
  });

  test("all work that had begun hears of a call that fails, and work that begins later does not", async () => {
    const { device, pool, tables } = context;
    const [first, second] = [context.during(), context.during()];
    const table = Uint32Array.of(1, 2);
    const isUsed = pool.acquire(512);
    const kept = tables.take(table, "table", () => table);
    pool.release(kept);
    const { MAP_READ, MAP_WRITE } = GPUBufferUsage;
    device.guard(() => device.raw.createBuffer({ size: 4, usage: MAP_READ | MAP_WRITE }));
    const read = (work: typeof first) => {
      const recording = work.record();
      const bytes = recording.read(recording.constant(Uint32Array.of(7)));
      return recording.submit().then(() => bytes);
    };
    for (const work of [first, second, first])
      await expect(read(work)).rejects.toThrow(DeviceFaultError);
    expect(new Uint32Array(await read(context.during()))).toEqual(Uint32Array.of(7));
    // What was there may be broken.
    pool.release(isUsed);
    const again = tables.take(table, "table", () => table);
    const next = pool.acquire(512);
    expect(again.id).not.toBe(kept.id);
    expect(next.id).not.toBe(isUsed.id);
    pool.release(again);
    pool.release(next);
  });

  test("a lost device says so", async () => {
    const lost = await open();
    const recording = lost.record();
    const bytes = recording.read(recording.constant(Uint32Array.of(1)));
    await recording.submit();
    lost.device.destroy();
    await expect(bytes).rejects.toThrow(DeviceLostError);
    await expect(lost.record().submit()).rejects.toThrow(DeviceLostError);
    lost.destroy();
  });
});
