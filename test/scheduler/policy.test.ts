// The policy, proven on machines that nobody has to own: the real scheduler runs random workloads on device models
// against a virtual clock, and its makespans are compared with times that no scheduler can beat (lower_bound.ts).
// GPUDATAFRAME_WORKLOADS sets how many; a failure names shape and seed, which repeat it.

import { describe, expect, it } from "vitest";
import { boundAfterLoss } from "./loss_bound.ts";
import { lowerBound } from "./lower_bound.ts";
import { type DeviceModel, misjudged, randomMachine, Sizes } from "./machines.ts";
import { Random } from "./random.ts";
import { type Simulation, simulate } from "./simulate.ts";
import { randomWorkload, SHAPES, type Shape, type Workload } from "./workloads.ts";

const WORKLOADS = Number(process.env.GPUDATAFRAME_WORKLOADS ?? 21);
const SEEDS = Array.from({ length: Math.ceil(WORKLOADS / SHAPES.length) }, (_, seed) => seed);

interface Case {
  readonly machine: readonly DeviceModel[];
  readonly workload: Workload;
  readonly sizes: Sizes;
  readonly random: Random;
}

/** `wrong`: up to how many times the scheduler misjudges a device's speed. */
function caseOf(shape: Shape, seed: number, wrong = 1): Case {
  const random = new Random(1000 * SHAPES.indexOf(shape) + seed);
  const sizes = new Sizes();
  const honest = randomMachine(random);
  const machine = wrong > 1 ? misjudged(honest, wrong, random) : honest;
  return { machine, sizes, random, workload: randomWorkload(shape, machine, sizes, random) };
}

function boundOf({ machine, workload }: Case, { sizes }: Simulation): number {
  const homes = workload.persisted.map(({ device }) => device);
  return lowerBound({ graph: workload.graph, machine, sizes, homes });
}

/** Makespan over the bound, for every workload. */
const GOAL = 1.15;

interface Ratio {
  readonly seed: number;
  readonly ratio: number;
}

function summary(ratios: readonly Ratio[]) {
  const sorted = [...ratios].sort((a, b) => a.ratio - b.ratio);
  const mean = ratios.reduce((sum, { ratio }) => sum + ratio, 0) / ratios.length;
  return { mean, worst: sorted.at(-1) as Ratio, least: sorted[0] as Ratio };
}

/**
 * What is held by shape. The goal is 1.15 for each workload; where a shape is above it, either the bound leaves something
 * out or the policy does, and README.md of src/execution says which figures were measured.
 */
const LIMITS: Record<Shape, { readonly mean: number; readonly worst: number }> = {
  map: { mean: 1.05, worst: 1.15 },
  skew: { mean: 1.1, worst: 1.4 },
  aggregate: { mean: 1.08, worst: 1.2 },
  join: { mean: 1.15, worst: 1.3 },
  exchange: { mean: 1.08, worst: 1.15 },
  union: { mean: 1.08, worst: 1.15 },
  persisted: { mean: 1.05, worst: 1.15 },
};

describe("makespan over what no scheduler can beat", () => {
  it.each(SHAPES)("%s", async (shape) => {
    const ratios: Ratio[] = [];
    for (const seed of SEEDS) {
      const given = caseOf(shape, seed);
      const simulation = await simulate(given.workload, given.machine, given.sizes);
      expect(simulation.leaked, `seed ${seed}`).toBe(0);
      ratios.push({ seed, ratio: simulation.makespan / boundOf(given, simulation) });
    }
    const { mean, worst, least } = summary(ratios);
    const above = ratios.filter(({ ratio }) => ratio > GOAL).length;
    const figures = [`mean ${mean.toFixed(2)}`, `worst ${worst.ratio.toFixed(2)}`];
    console.log(
      `MAKESPAN: ${shape}: ${figures.join(", ")}, ${above} of ${ratios.length} above ${GOAL}`,
    );
    expect(least.ratio, `a bound above a makespan, seed ${least.seed}`).toBeGreaterThan(0.9999);
    expect(mean).toBeLessThan(LIMITS[shape].mean);
    expect(worst.ratio, `seed ${worst.seed}`).toBeLessThan(LIMITS[shape].worst);
  });
});

describe("speeds that are misjudged up to 4 times", () => {
  it.each(["map", "aggregate"] as const)("%s", async (shape) => {
    const ratios: Ratio[] = [];
    for (const seed of SEEDS) {
      const given = caseOf(shape, seed, 4);
      const simulation = await simulate(given.workload, given.machine, given.sizes);
      expect(simulation.leaked, `seed ${seed}`).toBe(0);
      ratios.push({ seed, ratio: simulation.makespan / boundOf(given, simulation) });
    }
    const { mean } = summary(ratios);
    expect(mean).toBeLessThan(1.3);
  });
});

describe("a device that is lost on the way", () => {
  it.each(["map", "aggregate", "persisted"] as const)("%s", async (shape) => {
    const ratios: Ratio[] = [];
    for (const seed of SEEDS) {
      const given = caseOf(shape, seed);
      const untroubled = await simulate(given.workload, given.machine, given.sizes);
      const lost = "gpu:0";
      const at = untroubled.makespan * given.random.between(0.1, 0.9);
      // What was persisted on it is lost for good: see scheduler.test.ts.
      if (given.workload.persisted.some(({ device }) => device === lost)) continue;
      const losses = new Map([[lost, at]]);
      const simulation = await simulate(given.workload, given.machine, given.sizes, { losses });
      expect(simulation.leaked, `seed ${seed}`).toBe(0);
      const late = simulation.reports.filter(
        ({ device, endedAt }) => device === lost && endedAt > at,
      );
      expect(late).toEqual([]);
      const bound = Math.max(
        boundOf(given, simulation),
        boundAfterLoss(given.workload, given.machine, simulation, lost, at),
      );
      ratios.push({ seed, ratio: simulation.makespan / bound });
    }
    if (ratios.length === 0) return;
    const { mean, worst } = summary(ratios);
    expect(mean).toBeLessThan(1.2);
    expect(worst.ratio, `seed ${worst.seed}`).toBeLessThan(1.6);
  });
});

it("is the same every time", async () => {
  const runs: string[] = [];
  for (let run = 0; run < 2; run++) {
    const given = caseOf("join", 2);
    const { reports } = await simulate(given.workload, given.machine, given.sizes);
    runs.push(reports.map(({ task, device, endedAt }) => `${task} ${device} ${endedAt}`).join());
  }
  expect(runs[0]).toBe(runs[1]);
});
