// GPUs that fail at random submits and maps, several times in a query of many partitions: lost, refusing commands, out of
// memory. Queries give the same bits, nothing stays in device memory, and the session works on.
//
// GPUDATAFRAME_FAULT_SECONDS=120: so long, with all adapters at once, from GPUDATAFRAME_FAULT_SEED on.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Batch, batchDifference } from "../../src/column/index.ts";
import { GpuExecutor, listAdapters } from "../../src/device/gpu/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import { col, count } from "../../src/expr/index.ts";
import { frameFromColumns } from "../../src/frame/index.ts";
import { Random } from "../lattice/random.ts";
import { type Fault, FaultyDevice } from "./faulty_device.ts";

const SECONDS = Number(process.env.GPUDATAFRAME_FAULT_SECONDS ?? 0);
const FIRST_SEED = Number(process.env.GPUDATAFRAME_FAULT_SEED ?? 1);
/** What `npm test` runs; a device that is lost compiles its kernels anew. */
const ROUNDS = 8;
const ROWS = 6000;

const rows = Array.from({ length: ROWS }, (_, row) => row);

function query(runner: Runner) {
  const frame = frameFromColumns(runner, {
    k: rows.map((row) => (row % 11 === 0 ? null : (row * row) % 13)),
    x: rows.map((row) => Math.sin(row) * 10 ** (row % 7)),
    s: rows.map((row) => `text ${row % 5}`),
  });
  const groups = frame.groupBy("k").agg({ n: count(), sum: col("x").sum(), most: col("x").max() });
  return frame
    .filter(col("x").gt(-500).and(col("s").ne("text 3")))
    .join(groups, { on: "k" })
    .sort([{ by: "s" }, { by: "x", descending: true }])
    .limit(500);
}

interface Armed {
  readonly id: string;
  readonly faulty: FaultyDevice;
  readonly pool: GpuExecutor["context"]["pool"];
}

const adapters = (await listAdapters()).slice(SECONDS > 0 ? 0 : -1);

describe.runIf(adapters.length > 0)("GPUs that fail at random", () => {
  const ids = adapters.map(({ descriptor }) => descriptor.id);
  let expected: Batch;
  let runner: Runner;
  let devices: readonly Armed[];

  async function open(): Promise<void> {
    runner = new Runner(
      resolveOptions({ engine: "gpu", devices: [...ids, "cpu"], partitions: 9, costs: "even" }),
    );
    await runner.open();
    devices = ids.map((id) => {
      const executor = runner.devices.open.get(id)?.executor;
      if (!(executor instanceof GpuExecutor)) throw new Error(`${id} is open`);
      return { id, faulty: new FaultyDevice(executor), pool: executor.context.pool };
    });
  }

  const result = async () => (await query(runner).compute()).batch;

  beforeAll(async () => {
    const reference = new Runner(resolveOptions({ engine: "reference" }));
    expected = (await query(reference).compute()).batch;
    await reference.close();
    await open();
  });
  afterAll(async () => await runner.close());

  /** What was injected into a query of the seed; the bits are looked at. */
  async function round(seed: number, faults: readonly Fault[]): Promise<readonly Fault[]> {
    const random = new Random(seed);
    const injected: Fault[] = [];
    const rate = random.pick([0.01, 0.05, 0.3]);
    for (const { faulty } of devices) {
      faulty.armAll(() => {
        if (!random.chance(rate)) return null;
        injected.push(random.pick(faults));
        return injected.at(-1) ?? null;
      });
    }
    expect(batchDifference(expected, await result()), `seed ${seed}`).toBeNull();
    for (const { faulty } of devices) faulty.armAll(() => null);
    return injected;
  }

  /** Where nothing was lost, nothing is held. A command that is refused while a result comes to the host loses it too. */
  async function expectNothingHeld(seed: number): Promise<void> {
    for (const { id, pool } of devices) {
      if (!runner.devices.open.has(id)) continue;
      // Runs that nobody waits for may outlive the query.
      const isFree = () => expect(pool.usedBytes, `seed ${seed}, ${id}`).toBe(0);
      await vi.waitFor(isFree, { timeout: 120_000 });
    }
  }

  async function reopenWhereLost(seed: number): Promise<void> {
    if (ids.every((id) => runner.devices.open.has(id))) return;
    // The session goes on without them.
    expect(batchDifference(expected, await result()), `after seed ${seed}`).toBeNull();
    await runner.close();
    await open();
  }

  const fewRounds = () =>
    test("a few rounds", async () => {
      const injected: Fault[] = [];
      for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
        injected.push(...(await round(seed, ["refused", "full"])));
        await expectNothingHeld(seed);
        await reopenWhereLost(seed);
      }
      expect(injected.length).toBeGreaterThan(0);
      await round(FIRST_SEED, ["lost"]);
      await reopenWhereLost(FIRST_SEED);
    });

  const longRun = () =>
    test("for as long as asked", { timeout: 0 }, async () => {
      const counts: Record<Fault, number> = { lost: 0, refused: 0, full: 0 };
      const end = Date.now() + SECONDS * 1000;
      let seed = FIRST_SEED;
      for (; Date.now() < end; seed++) {
        const faults: Fault[] = seed % 4 === 0 ? ["lost", "refused", "full"] : ["refused", "full"];
        for (const fault of await round(seed, faults)) counts[fault] += 1;
        await expectNothingHeld(seed);
        await reopenWhereLost(seed);
      }
      console.log(`seeds ${FIRST_SEED} to ${seed - 1}: ${JSON.stringify(counts)}`);
    });

  if (SECONDS > 0) longRun();
  else fewRounds();
});
