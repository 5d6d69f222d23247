// What links are to carry for tasks whose inputs are not made yet.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import type { Executor } from "../../src/device/index.ts";
import type { SplitTask, TaskGraph } from "../../src/execution/task.ts";
import { TaskCosts } from "../../src/execution/task_costs.ts";
import { ModelExecutor, mixedMachine, Sizes } from "./machines.ts";
import { Random } from "./random.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { randomWorkload } from "./workloads.ts";

const random = new Random(3);
const sizes = new Sizes();
const machine = mixedMachine(random);
const card = machine[0] as (typeof machine)[number];
const executors = new Map(
  machine.map((model) => [model.id, new ModelExecutor(model, new VirtualClock(), sizes)]),
);

const taskCosts = (graph: TaskGraph) =>
  atOnce(
    TaskCosts.of(graph, {
      executors: executors as unknown as ReadonlyMap<string, Executor>,
      host: executors.get("cpu") as unknown as Executor,
      costsOf: (id) => (machine.find((model) => model.id === id) as typeof card).believed,
      persisted: () => {
        throw new Error("nothing is persisted");
      },
      result: () => null,
      sharers: () => 0,
    }),
  );

it("what the host cuts anew comes down from a card, and goes up again", () => {
  const { graph } = randomWorkload("exchange", machine, sizes, random);
  const costs = taskCosts(graph);
  const moves = (kind: string) => {
    const { id } = graph.tasks.find(({ operator }) => operator === kind) ?? { id: -1 };
    return [card.id, "cpu"].flatMap((device) => [
      costs.transferMs(id, device) > 0,
      costs.comingMs(id, device) > 0,
      costs.returnMs(id, device) > 0,
    ]);
  };
  const none = [false, false, false];
  expect(moves("evaluate")).toEqual([false, false, true, ...none]);
  expect(moves("repartition")).toEqual([...none, ...none]);
  expect(moves("sort")).toEqual([false, true, false, ...none]);
});

it("a share that lies within one partition takes no time to cut", () => {
  const size = { rows: 1200, bytes: 9600 };
  const batch = () => ({ kind: "batch", operator: "scan", batch: sizes.batch(size) }) as const;
  const sources = [0, 1].map((partition) => ({ ...batch(), id: partition, partition }));
  const inputs = [0, 1];
  const share = (splitCount: number, partition: number): SplitTask => ({
    kind: "split",
    operator: "repartition",
    id: 2 + partition,
    partition,
    inputs,
    splitCount,
  });
  // Of three shares the second one has rows of both partitions, of four none.
  const cutMs = (splitCount: number) => {
    const shares = Array.from({ length: splitCount }, (_, partition) =>
      share(splitCount, partition),
    );
    const costs = taskCosts({ tasks: [...sources, ...shares], outputs: [] });
    const { launchMs } = machine.at(-1)?.believed ?? card.believed;
    return shares.map(({ id }) => costs.computeMs(id, "cpu") > launchMs);
  };
  expect(cutMs(3)).toEqual([false, true, false]);
  expect(cutMs(4)).toEqual([false, false, false, false]);
});
