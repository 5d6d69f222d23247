// Runs a query several times on an executor and keeps the least of its costs.
import { performance } from "node:perf_hooks";
import type gpuDataFrame from "gpudataframe";
import type { AnyDataFrame } from "gpudataframe";
import type { Keys } from "./data.ts";

export interface Executor {
  readonly name: string;
  readonly session: Awaited<ReturnType<typeof gpuDataFrame.session>>;
  /**
   * Processor time of all threads says more than the clock where other work shares the machine, and it is all that
   * software adapters use; of a real GPU only the clock sees the time.
   */
  readonly clock: "processor" | "wall";
  readonly rowCount: number;
  readonly values: Float64Array;
}

export interface Query {
  readonly name: string;
  /** `names` has every key once. */
  of(facts: AnyDataFrame, names: AnyDataFrame): AnyDataFrame;
  rowsOf(keys: Keys): number;
}

/** However often something better comes. */
const mostRounds = 60;

/**
 * Nanoseconds a row of the facts, for each of the keys: the least of so many runs that the last `patience` ones brought
 * nothing better anywhere. In turns, so that a slow spell of the machine, or other work in its caches, hits all alike.
 */
export async function measure(
  executor: Executor,
  query: Query,
  keys: readonly Keys[],
  patience: number,
): Promise<readonly number[]> {
  const entries: Entry[] = [];
  for (const each of keys) entries.push(await Entry.load(executor, query, each));
  globalThis.gc?.();
  // The first round compiles kernels: it is not counted.
  for (const entry of entries) await entry.run();
  const least = entries.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0, left = patience; round < mostRounds && left > 0; round++) {
    left -= 1;
    for (const [index, entry] of entries.entries()) {
      const cost = await entry.run();
      if (cost < 0.98 * least[index]!) left = patience;
      least[index] = Math.min(least[index]!, cost);
    }
  }
  for (const entry of entries) await entry.unload();
  return least;
}

class Entry {
  readonly #executor: Executor;
  readonly #query: Query;
  readonly #facts: AnyDataFrame;
  readonly #names: AnyDataFrame;
  readonly #rowCount: number;
  readonly #expectedRows: number;

  private constructor(
    executor: Executor,
    query: Query,
    keys: Keys,
    facts: AnyDataFrame,
    names: AnyDataFrame,
  ) {
    this.#executor = executor;
    this.#query = query;
    this.#facts = facts;
    this.#names = names;
    this.#rowCount = keys.values.length;
    this.#expectedRows = query.rowsOf(keys);
  }

  static async load(executor: Executor, query: Query, keys: Keys): Promise<Entry> {
    const { session, values } = executor;
    const facts = session.fromColumns({ key: keys.values, value: values });
    const names = session.fromColumns({ key: keys.distinct });
    return new Entry(executor, query, keys, await facts.persist(), await names.persist());
  }

  async run(): Promise<number> {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const result = this.#query.of(this.#facts, this.#names);
    const { numRows } = await result.compute({ strict: true });
    const elapsedNs = (performance.now() - startedAt) * 1e6;
    const { user, system } = process.cpuUsage(before);
    if (numRows !== this.#expectedRows) {
      const { name } = this.#executor;
      throw new Error(
        `${name}, ${this.#query.name}: ${numRows} rows instead of ${this.#expectedRows}`,
      );
    }
    const ns = this.#executor.clock === "wall" ? elapsedNs : (user + system) * 1e3;
    return ns / this.#rowCount;
  }

  async unload(): Promise<void> {
    await this.#facts.unpersist();
    await this.#names.unpersist();
  }
}
