// Group-by over every way to find and fold groups: direct addressing in a workgroup's table and beyond it, hashed keys,
// rows in group order; at the edges of words, tiles and tables, and with the skews that hurt them. Every state of every
// monoid, word by word, against the reference.
import { describe, expect, test } from "vitest";
import { MemoryBudgetError } from "../../src/base/index.ts";
import { type Batch, type CellValue, columnFromValues } from "../../src/column/index.ts";
import { GpuExecutor, gpuSupports } from "../../src/device/gpu/index.ts";
import { BOOL, type DType, FLOAT64, INT16, INT32, INT64 } from "../../src/dtype/index.ts";
import type { Monoid } from "../../src/ir/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { testDevices } from "../gpu/adapters.ts";
import { expectReferenceResult, type LatticeCase } from "../lattice/lattice.ts";
import { Random } from "../lattice/random.ts";
import { testOn } from "./on_adapters.ts";

type KeyOf = (row: number, random: Random) => number | null;

const SKEWS: Readonly<Record<string, { domain: number; keyOf: KeyOf }>> = {
  "one value": { domain: 1, keyOf: () => 0 },
  "two values": { domain: 2, keyOf: (row) => row & 1 },
  "a domain of a byte's slots": { domain: 254, keyOf: (_, random) => random.below(254) },
  "a domain above a byte's slots": { domain: 255, keyOf: (_, random) => random.below(255) },
  "half of the rows in one of many": {
    domain: 4000,
    keyOf: (_, random) => (random.chance(0.5) ? 3999 : random.below(4000)),
  },
  "some nulls": { domain: 5, keyOf: (_, random) => (random.chance(0.2) ? null : random.below(5)) },
  "all different": { domain: 4096, keyOf: (row) => (row * 2731) % 4096 },
};

const MONOIDS: readonly Monoid[] = [
  { kind: "count" },
  { kind: "countValues", column: 2 },
  { kind: "sum", column: 1, power: 1, window: { lowExponent: 0, limbs: 2 } },
  { kind: "sum", column: 2, power: 1, window: { lowExponent: -60, limbs: 5 } },
  { kind: "sum", column: 2, power: 2, window: { lowExponent: -120, limbs: 9 } },
  { kind: "min", column: 3 },
  { kind: "max", column: 3 },
  { kind: "max", column: 1 },
  { kind: "min", column: 5 },
  { kind: "max", column: 5 },
  { kind: "min", column: 2 },
  { kind: "first", column: 3, nulls: "skip" },
  { kind: "last", column: 3, nulls: "keep" },
  { kind: "last", column: 2, nulls: "skip" },
];

function operationOn(keys: readonly number[], dropNullKeys = false): AggregateOperation {
  return {
    kind: "aggregate",
    phase: "partial",
    keys,
    monoids: MONOIDS,
    calls: [],
    dtypes: [],
    texts: [],
    dropNullKeys,
  };
}

interface Rows {
  readonly rowCount: number;
  readonly domain: number;
  readonly keyOf: KeyOf;
  /** Bounds of the keys lead to direct addressing; without them keys are hashed. */
  readonly bounded: boolean;
}

/** key, int32, float64 with nulls and specials, int64, a second key, int64 with bounds. */
function batchOf({ rowCount, domain, keyOf, bounded }: Rows): Batch {
  const random = new Random(rowCount + domain);
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const column = (dtype: DType, valueOf: (row: number) => CellValue) =>
    columnFromValues(rows.map(valueOf), dtype);
  const key = column(INT32, (row) => {
    const value = keyOf(row, random);
    return value === null ? null : value - 7;
  });
  const second = column(INT16, () => random.below(3) - 1);
  const bounds = (lowest: number, size: number) => ({
    statistics: { min: BigInt(lowest), max: BigInt(lowest + size - 1) },
  });
  return {
    rowCount,
    columns: [
      bounded ? { ...key, ...bounds(-7, domain) } : key,
      column(INT32, () => random.bits() | 0),
      column(FLOAT64, () => floatOf(random)),
      column(INT64, () =>
        BigInt.asIntN(64, (BigInt(random.bits()) << 32n) | BigInt(random.bits())),
      ),
      bounded ? { ...second, ...bounds(-1, 3) } : second,
      // High words of one kind: the extremes of these take one step.
      { ...column(INT64, () => -BigInt(random.bits() + 1)), ...bounds(-(2 ** 32), 2 ** 32) },
    ],
  };
}

function floatOf(random: Random): number | null {
  if (random.chance(0.1)) return null;
  if (random.chance(0.01)) return random.pick([Number.NaN, Infinity, -Infinity, -0]);
  return ((random.bits() | 0) / 2 ** 20) * 2 ** random.below(30);
}

const CASES: LatticeCase[] = [];
for (const bounded of [true, false]) {
  for (const [skew, { domain, keyOf }] of Object.entries(SKEWS)) {
    for (const rowCount of [1, 127, 129, 4097, 8193, 20_000]) {
      if (!bounded && rowCount !== 8193) continue;
      CASES.push({
        name: `${rowCount} rows, ${skew}${bounded ? "" : ", hashed"}`,
        operation: operationOn([0], skew === "some nulls" && rowCount % 2 === 0),
        inputs: [batchOf({ rowCount, domain, keyOf, bounded })],
      });
    }
  }
  // At and above the most keys that the table of few keeps, masked or not, with null keys dropped or not.
  for (const domain of bounded ? [] : [512, 513]) {
    CASES.push({
      name: `${domain} keys, hashed`,
      operation: operationOn([0]),
      inputs: [batchOf({ rowCount: 4500, domain, keyOf: (row) => (row * 131) % domain, bounded })],
    });
    const keyOf: KeyOf = (row) => (row % 11 === 0 ? null : (row * 131) % (domain - 1));
    const batch = batchOf({ rowCount: 4500, domain, keyOf, bounded });
    const mask = columnFromValues(
      Array.from({ length: 4500 }, (_, row) => row % 5 > 0),
      BOOL,
    );
    for (const dropped of [true, false]) {
      CASES.push({
        name: `${domain} keys with nulls ${dropped ? "dropped" : "kept"}, masked, hashed`,
        operation: { ...operationOn([0], dropped), mask: 6 },
        inputs: [{ ...batch, columns: [...batch.columns, mask] }],
      });
    }
  }
  for (const keys of [
    [0, 4],
    [4, 0, 4],
  ]) {
    CASES.push({
      name: `keys ${keys}${bounded ? "" : ", hashed"}`,
      operation: operationOn(keys),
      inputs: [batchOf({ rowCount: 5000, domain: 200, keyOf: (row) => row % 200, bounded })],
    });
  }
}

// Adapters share the cases, and so do the sizes of tables: each case runs on every adapter, with one of them.
const TABLES = [{ localWords: undefined }, { localWords: 96 }];

describe.each(testDevices)("$name", ({ adapter }) => {
  const turn = testDevices.findIndex((device) => device.adapter === adapter);
  describe.each(TABLES)("tables of %o", (options) => {
    const cases = CASES.filter((_, index) => (index + turn) % 2 === TABLES.indexOf(options));
    testOn(() => GpuExecutor.open(adapter, options), cases);
  });

  test("groups that exceed one binding are made in parts, and leave nothing", async () => {
    const executor = await GpuExecutor.open(adapter);
    // Columns of 20,000 values of 64 bits fit; the keys in words do not, nor does a table of 2^16 slots.
    Object.assign(executor.context.device.limits, { maxStorageBufferBindingSize: 160 * 1024 });
    const subject = { name: executor.descriptor.id, executor, supports: gpuSupports };
    const keyOf: KeyOf = (row) => (row % 17 === 3 ? null : (row * 7919) % 3000);
    const rows = { rowCount: 20_000, domain: 3000, keyOf };
    const hashed = batchOf({ ...rows, bounded: false });
    const few = { ...operationOn([0]), monoids: [0, 2, 6, 11, 12].map((index) => MONOIDS[index]!) };
    const mask = columnFromValues(
      Array.from({ length: 20_000 }, (_, row) => row % 3 > 0),
      BOOL,
    );
    const masked = { ...hashed, columns: [...hashed.columns, mask] };
    const cases: LatticeCase[] = [
      { name: "hashed", operation: few, inputs: [hashed] },
      {
        name: "two keys, nulls dropped",
        operation: { ...few, keys: [4, 0], dropNullKeys: true },
        inputs: [hashed],
      },
      { name: "masked", operation: { ...few, mask: 6 }, inputs: [masked] },
      {
        name: "masked, no row",
        operation: { ...few, mask: 6 },
        inputs: [
          {
            ...masked,
            columns: [...hashed.columns, columnFromValues(new Array(20_000).fill(false), BOOL)],
          },
        ],
      },
      { name: "direct", operation: few, inputs: [batchOf({ ...rows, bounded: true })] },
    ];
    // Adapters share the cases.
    for (const entry of cases.filter((_, index) => index % testDevices.length === turn)) {
      expect(await expectReferenceResult(subject, entry), entry.name).toBeNull();
      expect(executor.context.pool.usedBytes, entry.name).toBe(0);
    }
    // Which group overflows first no part knows: another device is asked.
    const overflowing: AggregateOperation = {
      ...operationOn([0]),
      phase: "complete",
      monoids: [{ kind: "sum", column: 3, power: 1, window: null }],
      calls: [{ kind: "sum", sum: 0 }],
      dtypes: [INT64],
      texts: ["total"],
    };
    const input = await executor.upload(hashed);
    await expect(executor.execute(overflowing, [input])).rejects.toThrow(MemoryBudgetError);
    executor.release(input);
    expect(executor.context.pool.usedBytes).toBe(0);
    await executor.close();
  });
});
