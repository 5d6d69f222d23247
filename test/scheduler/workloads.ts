// Random task graphs of the shapes that queries have, with partitions cut as the planner cuts them.

import type { OperationTask, Task, TaskGraph, TaskId } from "../../src/execution/task.ts";
import {
  computeMs,
  type DataSize,
  type Operation,
  partitionShares,
} from "../../src/physical/index.ts";
import type { DeviceModel, Sizes } from "./machines.ts";
import type { Random } from "./random.ts";

export const SHAPES = [
  "map",
  "skew",
  "aggregate",
  "join",
  "exchange",
  "union",
  "persisted",
] as const;
export type Shape = (typeof SHAPES)[number];

export interface Workload {
  readonly graph: TaskGraph;
  /** Where persisted partitions live, by number. */
  readonly persisted: readonly { readonly device: string; readonly size: DataSize }[];
}

const EXCHANGE_BYTES_PER_ROW = 16;

/** A random query: one or two branches of random steps, each with transfers and skew of its own, put together at random. */
export function mixedWorkload(
  machine: readonly DeviceModel[],
  sizes: Sizes,
  random: Random,
): Workload {
  const build = new GraphBuilder(machine, sizes, random);
  const branches = random.integer(1, 2);
  const outputs: TaskId[] = [];
  for (let branch = 0; branch < branches; branch++) {
    // What is persisted is persisted once.
    const source =
      branch === 0 && random.next() < 0.2 ? build.persisted() : build.scan(1 / branches);
    let parts = randomSteps(build, source, random);
    if (random.next() < 0.3) {
      const right = build.gather(build.map(build.scan(random.between(0.005, 0.05)), () => 1));
      parts = randomSteps(build, build.join(parts, right), random);
    }
    const isReduced = parts === source || random.next() < 0.5;
    outputs.push(...(isReduced ? [build.aggregate(parts)] : parts));
  }
  return build.done(outputs);
}

/** Some of: a map, a filter that keeps different parts of its partitions, a sort of each, an exchange through the host. */
function randomSteps(build: GraphBuilder, source: TaskId[], random: Random): TaskId[] {
  let parts = source;
  for (let step = random.integer(0, 2); step > 0; step--) {
    const kind = random.pick(["map", "filter", "filter", "sort", "exchange"] as const);
    if (kind === "map") parts = build.map(parts, () => 1);
    if (kind === "filter") parts = build.map(parts, () => random.between(0.1, 1));
    if (kind === "sort") parts = build.sort(parts);
    if (kind === "exchange") parts = build.split(parts);
  }
  return parts;
}

export function randomWorkload(
  shape: Shape,
  machine: readonly DeviceModel[],
  sizes: Sizes,
  random: Random,
): Workload {
  const build = new GraphBuilder(machine, sizes, random);
  switch (shape) {
    case "map":
      return build.done(build.map(build.scan(), () => 1));
    case "skew": {
      // A filter keeps a tenth of one partition and all of another; what follows is the expensive part.
      const kept = build.map(build.scan(0.2), () => random.between(0.1, 1));
      return build.done(build.sort(kept));
    }
    case "aggregate":
      return build.done([build.aggregate(build.map(build.scan(), () => 0.5))]);
    case "join": {
      const right = build.gather(build.map(build.scan(0.02), () => 1));
      return build.done([build.aggregate(build.join(build.scan(), right))]);
    }
    case "exchange": {
      const left = build.map(build.scan(0.5), () => 0.5);
      return build.done(build.sort(build.split(left)));
    }
    case "union":
      return build.done([
        ...build.map(build.scan(0.5), () => 1),
        ...build.sort(build.scan(0.5)),
        build.aggregate(build.scan(0.5)),
      ]);
    case "persisted":
      return build.done([build.aggregate(build.map(build.persisted(), () => 1))]);
    default:
      throw new Error(shape satisfies never);
  }
}

class GraphBuilder {
  readonly #machine: readonly DeviceModel[];
  readonly #sizes: Sizes;
  readonly #random: Random;
  readonly #tasks: Task[] = [];
  readonly #out: DataSize[] = [];
  readonly #persisted: { device: string; size: DataSize }[] = [];
  readonly #rows: number;

  constructor(machine: readonly DeviceModel[], sizes: Sizes, random: Random) {
    this.#machine = machine;
    this.#sizes = sizes;
    this.#random = random;
    // About so long on all devices together, at ten units a row.
    const ms = random.between(20, 5000);
    const unitsPerMs = machine.reduce((sum, { costs }) => sum + costs.unitsPerMs.evaluate, 0);
    this.#rows = (ms * unitsPerMs) / 10;
  }

  done(outputs: readonly TaskId[]): Workload {
    return { graph: { tasks: this.#tasks, outputs }, persisted: this.#persisted };
  }

  scan(share = 1): TaskId[] {
    return this.#cut(share).map((size, partition) =>
      this.#add(
        { kind: "batch", operator: "scan", partition, batch: this.#sizes.batch(size) },
        size,
      ),
    );
  }

  /** Where an earlier query left them: dealt out by speed. */
  persisted(): TaskId[] {
    const ends = this.#machine.map(({ id }) => ({ id, at: 0 }));
    return this.#cut(1).map((size, partition) => {
      const after = ({ id, at }: { id: string; at: number }) =>
        at + size.rows / (this.#machine.find((m) => m.id === id)?.costs.unitsPerMs.evaluate ?? 1);
      const next = ends.reduce((a, b) => (after(b) < after(a) ? b : a));
      next.at = after(next);
      this.#persisted.push({ device: next.id, size });
      return this.#add(
        { kind: "persisted", operator: "scan", partition, handle: "kept", columns: null },
        size,
      );
    });
  }

  /** `kept`: rows that come out of one that goes in, by partition. */
  map(inputs: readonly TaskId[], kept: () => number): TaskId[] {
    const program = {
      instructions: { length: this.#random.integer(2, 20) },
      outputs: { length: this.#random.integer(1, 6) },
      predicate: null,
    };
    return inputs.map((input, partition) => {
      const operation = { kind: "evaluate", program } as unknown as Operation;
      return this.#operation({ ...operation }, [input], partition, this.#part(input, kept()));
    });
  }

  sort(inputs: readonly TaskId[]): TaskId[] {
    return inputs.map((input, partition) => {
      const keys = [{ column: 0, descending: false, nulls: "last" as const }];
      const operation: Operation = { kind: "sort", keys, limit: null };
      return this.#operation(operation, [input], partition, this.#size(input));
    });
  }

  join(inputs: readonly TaskId[], right: TaskId): TaskId[] {
    return inputs.map((input, partition) => {
      const operation: Operation = {
        kind: "join",
        how: "inner",
        leftKeys: [0],
        rightKeys: [0],
        nullEquals: false,
        buildSide: "right",
        leftOutputs: [0, 1],
        rightOutputs: [1],
      };
      const kept = this.#random.between(0.3, 1);
      return this.#operation(operation, [input, right], partition, this.#part(input, kept));
    });
  }

  /** Partial states by partition, gathered and finished. */
  aggregate(inputs: readonly TaskId[]): TaskId {
    const groups = this.#random.between(1, 20_000);
    const states = inputs.map((input, partition) => {
      const rows = Math.round(Math.min(this.#size(input).rows, groups));
      return this.#operation(aggregate("partial"), [input], partition, { rows, bytes: 32 * rows });
    });
    const gathered = this.gather(states);
    const rows = Math.round(groups);
    return this.#operation(aggregate("final"), [gathered], 0, { rows, bytes: 32 * rows });
  }

  gather(inputs: readonly TaskId[]): TaskId {
    const all = inputs.map((input) => this.#size(input));
    return this.#operation({ kind: "concat" }, inputs, 0, {
      rows: all.reduce((sum, { rows }) => sum + rows, 0),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    });
  }

  /** Cut anew, on the host: what was made on a card comes down, what goes on there goes up again. */
  split(inputs: readonly TaskId[]): TaskId[] {
    const rows = inputs.reduce((sum, input) => sum + this.#size(input).rows, 0);
    const count = inputs.length;
    return Array.from({ length: count }, (_, partition) => {
      const size = { rows: rows / count, bytes: (EXCHANGE_BYTES_PER_ROW * rows) / count };
      return this.#add(
        { kind: "split", operator: "repartition", partition, inputs, splitCount: count },
        size,
      );
    });
  }

  #cut(share: number): DataSize[] {
    const rows = this.#rows * share;
    const bytesPerRow = this.#random.between(4, 64);
    const units = 10 * rows;
    const devices = this.#machine.map(({ believed }) => {
      const compute = computeMs(believed, "evaluate", units) - believed.launchMs;
      const totalMs = Math.max(compute, (rows * bytesPerRow) / believed.uploadBytesPerMs);
      return { totalMs, launchMs: believed.launchMs };
    });
    return partitionShares(devices).map((part) => {
      const count = Math.max(1, Math.round(rows * part));
      return { rows: count, bytes: count * bytesPerRow };
    });
  }

  #size(task: TaskId): DataSize {
    return this.#out[task] as DataSize;
  }

  #part(input: TaskId, kept: number): DataSize {
    const rows = Math.round(this.#size(input).rows * kept);
    return { rows, bytes: EXCHANGE_BYTES_PER_ROW * rows };
  }

  #operation(
    operation: Operation,
    inputs: readonly TaskId[],
    partition: number,
    size: DataSize,
  ): TaskId {
    this.#sizes.setOutput(operation, size);
    const task: Omit<OperationTask, "id"> = {
      kind: "operation",
      operator: operation.kind,
      partition,
      operation,
      inputs,
      placement: { devices: this.#machine.map(({ id }) => id), fallback: [], reason: "" },
      inputNames: [],
      siblings: [],
      windows: null,
    };
    return this.#add(task, size);
  }

  #add(task: DistributiveOmit<Task, "id">, size: DataSize): TaskId {
    const id = this.#tasks.length;
    this.#tasks.push({ ...task, id });
    this.#out.push(size);
    return id;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function aggregate(phase: "partial" | "final"): Operation {
  return {
    kind: "aggregate",
    phase,
    keys: [0],
    monoids: [{ kind: "count" }, { kind: "sum", column: 1, power: 1, window: null }],
    calls: [],
    dtypes: [],
    texts: [],
    dropNullKeys: false,
  };
}
