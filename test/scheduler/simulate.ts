// One run of the real scheduler on a model machine.

import { DeviceQueue } from "../../src/execution/device_queue.ts";
import { StoredPartition } from "../../src/execution/partition.ts";
import { schedule } from "../../src/execution/scheduler.ts";
import type { TaskReport } from "../../src/execution/task_report.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import type { DataSize } from "../../src/physical/index.ts";
import { type DeviceModel, ModelExecutor, type Sizes } from "./machines.ts";
import { VirtualClock } from "./virtual_clock.ts";
import type { Workload } from "./workloads.ts";

export interface Simulation {
  readonly makespan: number;
  readonly reports: readonly (TaskReport & { readonly endedAt: number })[];
  /** Results that devices still hold when everything is released. */
  readonly leaked: number;
  readonly sizes: readonly DataSize[];
  readonly busyMs: ReadonlyMap<string, number>;
}

export interface SimulationOptions {
  readonly losses?: ReadonlyMap<string, number> | undefined;
}

export async function simulate(
  { graph, persisted }: Workload,
  machine: readonly DeviceModel[],
  sizes: Sizes,
  { losses }: SimulationOptions = {},
): Promise<Simulation> {
  const clock = new VirtualClock();
  const executors = new Map(
    machine.map((model) => [
      model.id,
      new ModelExecutor(model, clock, sizes, losses?.get(model.id)),
    ]),
  );
  const host = executors.get("cpu");
  if (host === undefined) throw new Error("every machine has a host");
  const kept = persisted.map(({ device, size }) => {
    const executor = executors.get(device) as ModelExecutor;
    const resident = { size, rowCount: size.rows, byteLength: size.bytes, dtypes: [] };
    return new StoredPartition(executor, resident, 1);
  });
  const workplace: Workplace = {
    executors,
    host,
    queues: new Map([...executors.keys()].map((id) => [id, new DeviceQueue(1)])),
    costsOf: (id) => (machine.find((model) => model.id === id) as DeviceModel).believed,
    decodeCsv: () => Promise.reject(new Error("there are no files in a simulation")),
    persisted: (_, partition) => kept[partition] as StoredPartition,
  };
  const known: DataSize[] = [];
  const reports: (TaskReport & { endedAt: number })[] = [];
  const onTask = (report: TaskReport) => {
    known[report.task] = { rows: report.rowsOut, bytes: report.bytesOut };
    reports.push({ ...report, endedAt: clock.now() });
  };
  for (const task of graph.tasks) {
    if (task.kind === "persisted")
      known[task.id] = kept[task.partition] as StoredPartition & DataSize;
  }
  const outputs = await clock.run(schedule(graph, workplace, { onTask, clock }));
  const makespan = clock.now();
  // Runs that nobody waits for any more end as well.
  await clock.run(clock.sleep(1e9));
  for (const partition of [...outputs, ...kept]) await partition.release();
  let held = persisted.filter(({ device }) => !losses?.has(device)).length;
  // What a lost device held is gone with it.
  for (const [id, executor] of executors) if (!losses?.has(id)) held += executor.held;
  return {
    makespan,
    reports,
    leaked: held,
    sizes: graph.tasks.map((task) =>
      task.kind === "persisted"
        ? (persisted[task.partition] as { size: DataSize }).size
        : (known[task.id] as DataSize),
    ),
    busyMs: new Map([...executors].map(([id, { busyMs }]) => [id, busyMs])),
  };
}
