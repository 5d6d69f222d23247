// Which tasks share a price: those of one node of the plan. The same work of another node may have its inputs elsewhere.

import { expect, it } from "vitest";
import { atOnce } from "../../src/base/index.ts";
import { dispatchTasks } from "../../src/execution/dispatch_task.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import { ModelExecutor, mixedMachine, Sizes } from "./machines.ts";
import { Random } from "./random.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { randomWorkload } from "./workloads.ts";

const random = new Random(3);
const sizes = new Sizes();
const machine = mixedMachine(random);
const executors = new Map(
  machine.map((model) => [model.id, new ModelExecutor(model, new VirtualClock(), sizes)]),
);
const workplace = { executors, host: executors.get("cpu") } as unknown as Workplace;

/** Groups of the sorts in so many branches of the same shape. */
function groupsOf(branches: number): string[] {
  const { graph } = randomWorkload("skew", machine, sizes, random);
  const count = graph.tasks.length;
  const tasks = Array.from({ length: branches }, () => graph.tasks)
    .flat()
    .map((task, id) => ({ ...task, id, inputs: [] }));
  const dispatched = atOnce(dispatchTasks(tasks, (id) => id, workplace));
  const groups = dispatched.map(({ group }) => group);
  const sorts = tasks.filter(({ operator }) => operator === "sort").map(({ id }) => id);
  expect(sorts.length).toBeGreaterThan(branches);
  expect(tasks.length).toBe(branches * count);
  return sorts.map((id) => groups[id] as string);
}

it("gives each node a price of its own", () => {
  expect(new Set(groupsOf(1)).size).toBe(1);
  expect(new Set(groupsOf(2)).size).toBe(2);
});

it("prices nodes of the same work together where there are very many", () => {
  expect(new Set(groupsOf(40)).size).toBe(1);
});
