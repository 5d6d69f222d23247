// One plan, one answer: every query of queries.ts gives the same bits on every engine and adapter (half of them on SwiftShader
// alone, all on all devices at once), over any number of partitions, with the optimizer on and off.

import gpuDataFrame, { type Session, type SessionOptions } from "gpudataframe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import { availableIsas } from "../../src/device/cpu/index.ts";
import { type Computable, QUERIES } from "./queries.ts";

interface Setting {
  readonly name: string;
  readonly options: SessionOptions;
  readonly partitions: readonly number[];
  /** Each query runs over one of the numbers of partitions, in turn; over all where GDF_LATTICE=full. */
  readonly takesTurns?: boolean;
  /** Only every other pair of queries runs; all where GDF_LATTICE=full. */
  readonly isSlow?: boolean;
}

const adapters = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");

const SETTINGS: readonly Setting[] = [
  { name: "reference", options: { engine: "reference" }, partitions: [7] },
  {
    name: "reference, optimizer off",
    options: { engine: "reference", disableRules: "all" },
    partitions: [1],
  },
  { name: "cpu", options: { engine: "cpu" }, partitions: [1, 2, 31] },
  { name: "cpu, 1 thread", options: { engine: "cpu", threads: 1 }, partitions: [7] },
  { name: "cpu, optimizer off", options: { engine: "cpu", disableRules: "all" }, partitions: [1] },
  // Every partition goes to disk as soon as nobody reads it, and comes back.
  {
    name: "cpu, spilling",
    options: { engine: "cpu", spill: "always" },
    partitions: [2, 7, 31],
    takesTurns: true,
  },
  // The best instruction set is that of the settings above.
  ...availableIsas()
    .slice(1)
    .map((isa) => ({
      name: `cpu, ${isa}`,
      options: { engine: "cpu" as const, isa },
      partitions: [1, 7],
      takesTurns: true,
    })),
  // One session an adapter: its pipelines, which software adapters take seconds to compile, serve all partitionings.
  ...adapters.map(({ id, name }) => ({
    name: `${id} ${name}`,
    options: { engine: "gpu" as const, devices: [id, "cpu"] },
    partitions: [1, 7],
    takesTurns: true,
    // Compiles three times as long as llvmpipe. Among all devices at once it has a share of every query.
    isSlow: adapters.length > 1 && name.includes("SwiftShader"),
  })),
  {
    name: "all devices at once",
    options: { engine: "auto", devices: [...adapters.map(({ id }) => id), "cpu"], costs: "even" },
    partitions: [2, 7, 31],
    takesTurns: true,
  },
];
const GPU_TIMEOUT_MS = 300_000;

let reference: Session;
const expected = new Map<string, Awaited<ReturnType<Computable["compute"]>>>();

beforeAll(async () => {
  reference = await gpuDataFrame.session({ engine: "reference" });
  for (const { name, run } of QUERIES) {
    expected.set(name, await run({ session: reference, partitions: 1 }).compute());
  }
});
afterAll(() => reference.close());

function partitionsOf(setting: Setting, query: number): readonly number[] {
  const { partitions, takesTurns, isSlow } = setting;
  if (!takesTurns || process.env.GDF_LATTICE === "full") return partitions;
  if (isSlow && (query >> 1) % 2 === 1) return [];
  // Settings start at different places, so that no query has the same number of partitions on all adapters.
  const turn = query + SETTINGS.indexOf(setting);
  return [partitions[turn % partitions.length] as number];
}

for (const setting of SETTINGS) {
  describe(setting.name, () => {
    let session: Session;
    beforeAll(async () => {
      session = await gpuDataFrame.session(setting.options);
    });
    afterAll(() => session.close());
    const cases = QUERIES.flatMap((query, index) =>
      partitionsOf(setting, index).map((partitions) => ({ ...query, partitions })),
    );
    it.each(cases)(
      "$name, partitions: $partitions",
      async ({ name, run, partitions }) => {
        const table = await run({ session, partitions }).compute();
        const wanted = expected.get(name);
        if (wanted === undefined) throw new Error(`no expected table of ${name}`);
        expect(table.columnNames).toEqual(wanted.columnNames);
        expect(batchDifference(wanted.batch, table.batch)).toBeNull();
      },
      GPU_TIMEOUT_MS,
    );
  });
}
