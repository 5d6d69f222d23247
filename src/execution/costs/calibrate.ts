// Measures what a device costs: a few operations over enough rows that they take milliseconds, each after a small run
// that compiles its pipelines and shows what a launch takes. About a second in all.

import { at } from "../../base/index.ts";
import { type Batch, type Column, columnFromValues } from "../../column/index.ts";
import type { Executor, Resident } from "../../device/index.ts";
import { INT64, Schema } from "../../dtype/index.ts";
import { callNode, columnNode, literalNode } from "../../expr/index.ts";
import { bindExpression, lowerProgram } from "../../function/index.ts";
import {
  type DeviceCosts,
  defaultCosts,
  type KernelKind,
  type Operation,
  type OperationKind,
  workOf,
} from "../../physical/index.ts";

/** So few rows that they show what a launch takes. */
const SMALL_ROWS = 1024;
/** Rows grow until a run takes so long that the clock and other processes hardly show. */
const FEWEST_ROWS = 1 << 16;
const MOST_ROWS = 1 << 22;
const GROWTH = 8;
const LINK_ROWS = 1 << 19;
const LONG_MS = 5;
const RUNS = 5;

/** Kernels that are measured, and which others behave like them. */
const MEASURED: readonly {
  readonly operation: Operation;
  readonly inputs: 1 | 2;
  readonly kernels: readonly OperationKind[];
}[] = [
  // Concat and slice copy values as an evaluation does; by themselves a GPU would only be asked to, not waited for.
  { operation: evaluation(), inputs: 1, kernels: ["evaluate", "exponentRange", "concat", "slice"] },
  { operation: aggregation(), inputs: 1, kernels: ["aggregate"] },
  { operation: join(), inputs: 2, kernels: ["join"] },
  { operation: sort(), inputs: 1, kernels: ["sort", "groupRows"] },
];

/** @throws what the executor throws: a device that cannot run these is not worth having. */
export async function calibrate(executor: Executor): Promise<DeviceCosts> {
  const { descriptor } = executor;
  const believed = defaultCosts(descriptor);
  const samples = new Samples(executor);
  try {
    const unitsPerMs: Record<KernelKind, number> = { ...believed.unitsPerMs };
    const launches: number[] = [];
    for (const { operation, inputs, kernels } of MEASURED) {
      const { launchMs, rate } = await measureKernel(executor, samples, operation, inputs);
      launches.push(launchMs);
      for (const kernel of kernels) unitsPerMs[kernel] = rate;
    }
    const links = descriptor.kind === "gpu" ? await measureLinks(executor) : believed;
    return { ...links, launchMs: median(launches), unitsPerMs };
  } finally {
    samples.release();
  }
}

/** What a run takes however few its rows, and how much work a millisecond does beyond that. */
async function measureKernel(
  executor: Executor,
  samples: Samples,
  operation: Operation,
  inputCount: 1 | 2,
): Promise<{ launchMs: number; rate: number }> {
  const time = async (rows: number) => {
    const input = await samples.of(rows);
    const inputs = Array<Resident>(inputCount).fill(input);
    return await leastMs(async () => executor.release(await executor.execute(operation, inputs)));
  };
  const launchMs = await time(SMALL_ROWS);
  let rows: number = FEWEST_ROWS;
  let ms = await time(rows);
  while (rows < MOST_ROWS && ms < Math.max(LONG_MS, 2 * launchMs)) {
    rows *= GROWTH;
    ms = await time(rows);
  }
  const { byteLength } = await samples.of(rows);
  const work = workOf(operation, Array(inputCount).fill({ rows, bytes: byteLength }));
  // Where launches take nearly all of it, a difference says little: the work takes at least a tenth of the time.
  return { launchMs, rate: work / Math.max(ms - launchMs, ms / 10) };
}

async function measureLinks(executor: Executor) {
  const batch = rowsOf(LINK_ROWS);
  const resident = await executor.upload(batch);
  const up = await leastMs(async () => executor.release(await executor.upload(batch)));
  const down = await leastMs(async () => {
    await executor.download(resident);
  });
  executor.release(resident);
  return {
    uploadBytesPerMs: resident.byteLength / up,
    downloadBytesPerMs: resident.byteLength / down,
  };
}

/** Sample rows on the device, uploaded when a size is first asked for. */
class Samples {
  readonly #executor: Executor;
  readonly #residents = new Map<number, Promise<Resident>>();

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  of(rows: number): Promise<Resident> {
    const known = this.#residents.get(rows) ?? this.#executor.upload(rowsOf(rows));
    this.#residents.set(rows, known);
    return known;
  }

  release(): void {
    for (const resident of this.#residents.values()) {
      void resident.then(
        (held) => this.#executor.release(held),
        () => {},
      );
    }
  }
}

/** After a first run that does not count. */
async function leastMs(work: () => Promise<void>): Promise<number> {
  await work();
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await work();
    least = Math.min(least, performance.now() - startedAt);
    if (least > 10 * LONG_MS) break;
  }
  return least;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return at(sorted, Math.floor(sorted.length / 2));
}

/** Keys that repeat about four times, in no order, and values. */
function rowsOf(count: number): Batch {
  return {
    rowCount: count,
    columns: [
      int64Column(count, (row) => (Math.imul(row, 0x9e3779b1) >>> 0) % (count / 4)),
      int64Column(count, (row) => row),
    ],
  };
}

/** Small numbers, written as pairs of words: a bigint for each of them would take longer than what is measured. */
function int64Column(count: number, valueOf: (row: number) => number): Column {
  const words = new Int32Array(2 * count);
  for (let row = 0; row < count; row++) words[2 * row] = valueOf(row);
  return columnFromValues(new BigInt64Array(words.buffer), INT64);
}

function evaluation(): Operation {
  const schema = new Schema([
    { name: "0", dtype: INT64 },
    { name: "1", dtype: INT64 },
  ]);
  const sum = callNode("add", [columnNode("0"), columnNode("1")], {});
  const predicate = callNode("gt", [sum, literalNode(100)], {});
  const bound = [sum, columnNode("1")].map((node) => bindExpression(node, schema, "calibrate"));
  const program = lowerProgram(
    [INT64, INT64],
    bound,
    bindExpression(predicate, schema, "calibrate"),
  );
  return { kind: "evaluate", program };
}

function aggregation(): Operation {
  return {
    kind: "aggregate",
    phase: "complete",
    keys: [0],
    monoids: [{ kind: "count" }, { kind: "max", column: 1 }],
    calls: [
      { kind: "value", monoid: 0 },
      { kind: "value", monoid: 1 },
    ],
    dtypes: [INT64, INT64],
    texts: ["count()", "max"],
    dropNullKeys: false,
  };
}

function join(): Operation {
  return {
    kind: "join",
    how: "semi",
    leftKeys: [0],
    rightKeys: [0],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [0, 1],
    rightOutputs: [],
  };
}

function sort(): Operation {
  const keys = [{ column: 0, descending: false, nulls: "last" as const }];
  return { kind: "sort", keys, limit: null };
}

export function isCosts(value: unknown): value is DeviceCosts {
  if (typeof value !== "object" || value === null) return false;
  const costs = value as Partial<Record<keyof DeviceCosts, unknown>>;
  const rates = costs.unitsPerMs;
  if (typeof rates !== "object" || rates === null) return false;
  const kernels = Object.keys(defaultCosts(REFERENCE).unitsPerMs);
  const positive = (number: unknown) => typeof number === "number" && number > 0;
  return (
    [costs.launchMs, costs.uploadBytesPerMs, costs.downloadBytesPerMs].every(positive) &&
    kernels.every((kernel) => positive(Reflect.get(rates, kernel)))
  );
}

const REFERENCE = { kind: "reference", software: false, threads: 1 } as const;
