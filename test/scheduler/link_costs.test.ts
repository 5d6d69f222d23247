// What links are to carry for tasks whose inputs are not made yet.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import type { Executor } from "../../src/device/index.ts";
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

it("what the host cuts anew comes down from a card, and goes up again", () => {
  const { graph } = randomWorkload("exchange", machine, sizes, random);
  const costs = atOnce(
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
