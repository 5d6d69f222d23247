// Every way of grouping gives what the reference gives, whatever the number of threads.
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import {
  type Batch,
  batchDifference,
  type CellValue,
  type Column,
  columnFromValues,
  sliceBatch,
  valueAt,
} from "../../src/column/index.ts";
import { availableIsas, CpuExecutor } from "../../src/device/cpu/index.ts";
import type { HostResident } from "../../src/device/host_resident.ts";
import { execute } from "../../src/device/reference/index.ts";
import { type DType, FLOAT64, INT32, INT64, STRING } from "../../src/dtype/index.ts";
import { isHolistic, type Monoid } from "../../src/ir/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateOperation, CallList } from "../lattice/cases/aggregate.ts";
import { Random } from "../lattice/random.ts";
import { allCalls, valueOf } from "./operations.ts";

// Above 16,384 rows, where hash tables are no longer the only way for sparse keys.
const ROWS = 30_011;
const THREADS = [1, 2, 3, 7];

function column(
  dtype: DType,
  draw: (random: Random, row: number) => CellValue,
  nullRatio = 0,
): Column {
  const random = new Random(ROWS);
  const values = Array.from({ length: ROWS }, (_, row) => {
    const value = draw(random, row);
    return random.chance(nullRatio) ? null : value;
  });
  return columnFromValues(values, dtype);
}

const SPARSE = 0x9e3779b97f4a7c15n;
const sparse = (distinct: number) => (random: Random) =>
  BigInt.asIntN(64, BigInt(random.below(distinct)) * SPARSE);

const integers = column(INT64, (random) => BigInt(random.below(2000) - 1000), 0.1);
const floats = column(
  FLOAT64,
  (random) => (random.below(2 ** 31) / 1e6) * (random.chance(0.5) ? 1 : -1),
  0.1,
);

const cases: readonly { readonly name: string; readonly keys: readonly Column[] }[] = [
  { name: "no keys", keys: [] },
  { name: "direct: three codes", keys: [column(INT64, (random) => BigInt(random.below(3)))] },
  {
    name: "direct: 5000 codes and null",
    keys: [column(INT32, (random) => random.below(5000), 0.01)],
  },
  {
    name: "direct: 15000 codes, whose sums are fetched ahead",
    keys: [column(INT32, (random) => random.below(15_000))],
  },
  {
    name: "radix by range: 60000 codes",
    keys: [column(INT32, (random) => random.below(60_000) - 30_000)],
  },
  {
    name: "radix by range, nulls",
    keys: [column(INT64, (random) => BigInt(random.below(59_000)), 0.3)],
  },
  { name: "table: 300 sparse codes", keys: [column(INT64, sparse(300))] },
  {
    name: "table that overflows: rare, late codes",
    keys: [column(INT64, (random, row) => (row < 27_000 ? 1n : sparse(10_000)(random)))],
  },
  { name: "radix by hash: 15000 sparse codes", keys: [column(INT64, sparse(15_000))] },
  {
    name: "radix by hash: every row its own",
    keys: [column(INT64, (_, row) => BigInt.asIntN(64, BigInt(row) * SPARSE))],
  },
  {
    name: "three keys in one code",
    keys: [
      column(STRING, (random) => `text ${random.below(100)}`, 0.1),
      column(INT32, (random) => random.below(30), 0.1),
      column(INT64, (random) => BigInt(random.below(4)) * 1000n),
    ],
  },
  {
    name: "two floats, each wider than half a code",
    keys: [
      column(FLOAT64, (random) => random.pick([0, -0, Number.NaN, 1.5, random.below(40) / 7]), 0.1),
      column(FLOAT64, (random) => random.below(50) / 3, 0.1),
    ],
  },
  {
    name: "all of int64 and null",
    keys: [
      column(
        INT64,
        (random) => random.pick([-(2n ** 63n), 2n ** 63n - 1n, 0n, sparse(9)(random)]),
        0.2,
      ),
    ],
  },
];

// The reference is slow at this size: its results serve every instruction set.
const expected = new Map<string, Batch>();
function expectedOf(name: string, operation: AggregateOperation, batch: Batch): Batch {
  const result = expected.get(name) ?? execute(operation, [batch]);
  expected.set(name, result);
  return result;
}

describe.each(availableIsas())("%s", (isa) => {
  const executors = THREADS.map((threads) => ({
    threads,
    executor: CpuExecutor.open({ isa, threads }),
  }));

  test.each(cases)("$name", async ({ name, keys }) => {
    const batch: Batch = { rowCount: ROWS, columns: [...keys, integers, floats] };
    const all = allCalls([...keys.keys()], keys.length, keys.length + 1);
    // Rows are kept for holistic calls, and numbered differently without.
    for (const [kind, operation] of Object.entries({ all, streaming: withoutHolistic(all) })) {
      const expected = expectedOf(`${name}, ${kind}`, operation, batch);
      for (const { threads, executor } of executors) {
        const actual = await executor.execute(operation, [await executor.upload(batch)]);
        const difference = batchDifference(expected, actual.batch);
        expect(difference, `${kind}, ${threads} threads`).toBeNull();
      }
    }
  });

  test("radix by range: groups of a partition that 16 bits do not number", async () => {
    // A thread makes 16 partitions of these 2^20 codes.
    const keys = Array.from({ length: 390_000 }, (_, row) => (row * 193) % 760_001);
    const batch: Batch = { rowCount: keys.length, columns: [columnFromValues(keys, INT32)] };
    const calls = new CallList();
    valueOf(calls, { kind: "count" }, INT64);
    valueOf(calls, { kind: "max", column: 0 }, INT32);
    const operation = aggregateOperation([0], calls);
    const expected = expectedOf("wide partitions", operation, batch);
    for (const { threads, executor } of executors) {
      const actual = await executor.execute(operation, [await executor.upload(batch)]);
      expect(batchDifference(expected, actual.batch), `${threads} threads`).toBeNull();
    }
  });

  test("partial states of slices, merged, give what the whole gives", async () => {
    const executor = executors[1]?.executor as CpuExecutor;
    const keys = [column(STRING, (random) => `text ${random.below(3000)}`, 0.1)];
    const batch: Batch = { rowCount: ROWS, columns: [...keys, integers, floats] };
    const { phases, complete } = phasesOf(batch);
    const cuts = [0, 1000, 1000, 17_003, ROWS];
    const partials: HostResident[] = [];
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      const slice = sliceBatch(batch, start, at(cuts, index + 1) - start);
      partials.push(await executor.execute(phases.partial, [await executor.upload(slice)]));
    }
    const states = await executor.execute({ kind: "concat" }, partials);
    const merged = await executor.execute(phases.final, [states]);
    const expected = execute(complete, [batch]);
    expect(batchDifference(expected, merged.batch)).toBeNull();
  });
});

function withoutHolistic(all: AggregateOperation): AggregateOperation {
  const kept = all.calls.flatMap((call, index) => (isHolistic(call) ? [] : [index]));
  return {
    ...all,
    calls: kept.map((index) => at(all.calls, index)),
    dtypes: kept.map((index) => at(all.dtypes, index)),
    texts: kept.map((index) => at(all.texts, index)),
  };
}

/** The phases of one aggregate by column 0, of integers in column 1 and floats in column 2. */
function phasesOf(batch: Batch) {
  const complete = withoutHolistic(allCalls([0], 1, 2));
  const ranges = execute({ kind: "exponentRange", columns: [1, 2] }, [batch]);
  const bound = (index: number) => valueAt(at(ranges.columns, index), 0) as number;
  const windowed = complete.monoids.map((monoid): Monoid => {
    if (monoid.kind !== "sum") return monoid;
    const [low, high] = [bound(2 * (monoid.column - 1)), bound(2 * (monoid.column - 1) + 1)];
    const bits = monoid.power * (high - low) + Math.ceil(Math.log2(ROWS + 1)) + 1;
    return { ...monoid, window: { lowExponent: monoid.power * low, limbs: Math.ceil(bits / 32) } };
  });
  const phases = {
    partial: { ...complete, phase: "partial", monoids: windowed },
    final: { ...complete, phase: "final", monoids: windowed },
  } as const;
  return { phases, complete };
}
