// Random queries, computed, streamed or persisted first, while a GPU fails at random submits and maps: lost, refusing
// commands, out of memory. They give what the reference gives, nothing stays in device memory, and the session works on.

import { afterAll, expect, test, vi } from "vitest";
import { DataFrameError } from "../../src/base/index.ts";
import type { Batch } from "../../src/column/index.ts";
import { GpuExecutor, listAdapters } from "../../src/device/gpu/index.ts";
import { execute } from "../../src/device/reference/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import { type Fault, FaultyDevice } from "../execution/faulty_device.ts";
import { type Outcome, outcomeDifference } from "../lattice/lattice.ts";
import { Random } from "../lattice/random.ts";
import { assertCounted } from "./counted.ts";
import { type AnyFrame, buildQuery, randomQueries } from "./random_queries.ts";

const RUNS = Math.ceil(Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 60) / 2);
const WAYS = ["compute", "stream", "persist"] as const;
const KINDS: readonly (readonly Fault[])[] = [
  ["refused", "full"],
  ["refused", "full", "lost"],
  ["full"],
];

async function computed(frame: AnyFrame): Promise<Batch> {
  return (await frame.compute()).batch;
}

async function resultOf(frame: AnyFrame, way: (typeof WAYS)[number]): Promise<Batch> {
  if (way === "compute") return await computed(frame);
  if (way === "persist") {
    await using kept = await frame.persist();
    return await computed(kept);
  }
  const parts: Batch[] = [];
  for await (const { batch } of frame.stream()) parts.push(batch);
  return parts.length === 0 ? await computed(frame) : execute({ kind: "concat" }, parts);
}

async function outcomeOf(result: Promise<Batch>): Promise<Outcome> {
  try {
    return { kind: "batch", batch: await result };
  } catch (error) {
    if (!(error instanceof DataFrameError)) throw error;
    return { kind: "error", code: error.code, row: error.row, message: error.summary };
  }
}

const adapter = (await listAdapters()).at(-1);
const id = adapter?.descriptor.id ?? "";
const reference = new Runner(resolveOptions({ engine: "reference" }));
let runner: Runner | null = null;
afterAll(async () => {
  await runner?.close();
  await reference.close();
});

interface Opened {
  readonly runner: Runner;
  readonly device: FaultyDevice;
  readonly pool: GpuExecutor["context"]["pool"];
}

async function open(hostMemory: number | null): Promise<Opened> {
  await runner?.close();
  const budget = hostMemory === null ? {} : { hostMemory };
  const options = { engine: "gpu", devices: [id, "cpu"], partitions: 3, costs: "even" } as const;
  runner = new Runner(resolveOptions({ ...options, ...budget }));
  await runner.open();
  const executor = runner.devices.open.get(id)?.executor;
  if (!(executor instanceof GpuExecutor)) throw new Error(`${id} is open`);
  return { runner, device: new FaultyDevice(executor), pool: executor.context.pool };
}

test.runIf(adapter !== undefined)(
  "whatever fails, and when",
  async () => {
    let opened: Opened | null = null;
    await assertCounted(
      "queries of a failing GPU",
      randomQueries("all"),
      async (query, { index, held }) => {
        const random = new Random(index);
        const hostMemory = random.pick([null, null, 65_536]);
        if (random.chance(0.1)) opened = null;
        opened ??= await open(hostMemory);
        const { device, pool } = opened;
        const expected = await outcomeOf(computed(buildQuery(reference, query).frame));
        const { frame } = buildQuery(opened.runner, query);
        const way = random.pick(WAYS);
        const [rate, kinds] = [random.pick([0.02, 0.1, 0.3]), random.pick(KINDS)];
        const faults: Fault[] = [];
        device.armAll(() => {
          if (!random.chance(rate)) return null;
          faults.push(random.pick(kinds));
          return faults.at(-1) ?? null;
        });
        const actual = await outcomeOf(resultOf(frame, way));
        device.armAll(() => null);
        const what = `case ${index}, ${way}, ${faults.join(" ")}`;
        if (opened.runner.devices.open.has(id)) {
          // Runs that nobody waits for may outlive the query.
          const isFree = () => expect(pool.usedBytes, what).toBe(0);
          await vi.waitFor(isFree, { timeout: 120_000 });
        } else opened = null;
        const code = actual.kind === "error" ? actual.code : null;
        if (code === "MEMORY_BUDGET" || (code === "DEVICE_LOST" && way === "persist")) return;
        const difference = outcomeDifference(expected, actual);
        if (difference !== null) expect.fail(`${what}: ${difference}\n${frame.explain()}`);
        held(faults.length > 0 ? `${way}, with faults` : way);
      },
      { numRuns: RUNS },
    );
  },
  300_000 + 2000 * RUNS,
);
