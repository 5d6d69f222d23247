// Between tasks and the session's memory: what a run is promised before it starts, what it must find when it does, and room
// on its device.

import type { Executor } from "../device/index.ts";
import type { SessionMemory } from "./memory/index.ts";
import type { Partition } from "./partition.ts";
import type { MemoryClaim, MemoryGate } from "./schedule/index.ts";
import type { TaskCosts } from "./task_costs.ts";

const TASK_HINT =
  "Raise `hostMemory`, filter earlier, select fewer columns, or set a smaller `partitionBytes`.";

/** Promises runs what they are expected to take. */
export class Admission implements MemoryGate {
  readonly #memory: SessionMemory;
  readonly #costs: TaskCosts;

  constructor(memory: SessionMemory, costs: TaskCosts) {
    this.#memory = memory;
    this.#costs = costs;
  }

  get isPressed(): boolean {
    return this.#memory.host.isPressed;
  }

  enter(task: number, device: string): MemoryClaim | null {
    const { missing, made } = this.#costs.hostBytes(task, device);
    const reservation = this.#memory.host.reserve(missing + made);
    if (reservation === null) return null;
    return {
      arrived: () => reservation.arrived(missing),
      release: () => reservation.release(),
    };
  }
}

export interface RunPlace {
  readonly memory: SessionMemory | null;
  readonly executor: Executor;
  readonly host: Executor;
  /** The operator, for errors. */
  readonly operator: string;
}

/**
 * Runs a task whose inputs are pinned. On a GPU that is full, what nobody reads leaves before it starts, and everything
 * that nobody reads if it does not find room all the same; then it tries again (memory/device_memory.ts).
 * @throws MemoryBudgetError where its inputs cannot be in memory together.
 */
export async function runWithRoom<T>(
  { memory, executor, host, operator }: RunPlace,
  inputs: readonly Partition[],
  run: () => Promise<T>,
): Promise<T> {
  if (memory === null) return await run();
  if (executor.descriptor.kind !== "gpu") {
    const counted = inputs.map((input) => input.counted);
    memory.host.requireRoom(counted, `${operator}: a task`, TASK_HINT);
    return await run();
  }
  const device = memory.deviceOf(executor);
  const absent = inputs.filter((input) => !input.isOn(executor));
  const arriving = absent.reduce((sum, { bytesOnDevice }) => sum + bytesOnDevice, 0);
  // Results are taken to be as large as what is read.
  const made = inputs.reduce((sum, { byteLength }) => sum + byteLength, 0);
  await device.makeRoom(arriving + made, host);
  return await device.during(run, inputs, host);
}
