// Random workloads with everything at once: one to seven cards and the host, up to 16 times apart; chains, joins,
// exchanges and unions; transfers, skew, persisted partitions; in a quarter of them a device is lost on the way.
// GPUDATAFRAME_WORKLOADS sets how many, GPUDATAFRAME_FIRST_SEED which; what was measured is in src/execution/README.md. A failure names the seed.

import { expect, it } from "vitest";
import { boundAfterLoss } from "./loss_bound.ts";
import { lowerBound } from "./lower_bound.ts";
import { mixedMachine, Sizes } from "./machines.ts";
import { Random } from "./random.ts";
import { simulate } from "./simulate.ts";
import { mixedWorkload } from "./workloads.ts";

const WORKLOADS = Number(process.env.GPUDATAFRAME_WORKLOADS ?? 3);
const FIRST_SEED = Number(process.env.GPUDATAFRAME_FIRST_SEED ?? 77_000);
const GOAL = 1.15;
/** What is held, above what was measured (src/execution/README.md): the goal is for each workload. */
const WORST = 1.5;
const MEAN = 1.07;
const SHARE_ABOVE_GOAL = 0.04;

/** Makespans over what no scheduler can beat: untroubled, and where a device is lost on the way. */
async function ratiosOf(seed: number): Promise<number[]> {
  const random = new Random(seed);
  const sizes = new Sizes();
  const machine = mixedMachine(random);
  const workload = mixedWorkload(machine, sizes, random);
  const homes = workload.persisted.map(({ device }) => device);
  const run = await simulate(workload, machine, sizes);
  expect(run.leaked, `seed ${seed}`).toBe(0);
  const input = { graph: workload.graph, machine, homes };
  const ratios = [run.makespan / lowerBound({ ...input, sizes: run.sizes })];
  // What was persisted on a lost device is lost for good.
  if (random.next() < 0.25 && homes.length === 0) {
    const lost = random.pick(machine.filter(({ kind }) => kind === "gpu")).id;
    const at = run.makespan * random.between(0.1, 0.9);
    const losses = new Map([[lost, at]]);
    const troubled = await simulate(workload, machine, sizes, { losses });
    expect(troubled.leaked, `seed ${seed}`).toBe(0);
    const after = boundAfterLoss(workload, machine, troubled, lost, at);
    const bound = Math.max(lowerBound({ ...input, sizes: troubled.sizes }), after);
    ratios.push(troubled.makespan / bound);
  }
  return ratios;
}

it(`${WORKLOADS} random workloads end near what no scheduler can beat`, async () => {
  const ratios: { readonly seed: number; readonly ratio: number }[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + WORKLOADS; seed++) {
    const own = await ratiosOf(seed);
    const least = Math.min(...own);
    expect(least, `a bound above a makespan, seed ${seed}`).toBeGreaterThan(0.9999);
    // Of a workload's two runs the worse one counts.
    ratios.push({ seed, ratio: Math.max(...own) });
  }
  ratios.sort((a, b) => a.ratio - b.ratio);
  const mean = ratios.reduce((sum, { ratio }) => sum + ratio, 0) / ratios.length;
  const worst = ratios.at(-1);
  const p95 = ratios[Math.floor(ratios.length * 0.95)];
  const above = ratios.filter(({ ratio }) => ratio > GOAL);
  const figures = [mean, p95?.ratio, worst?.ratio].map((value) => value?.toFixed(3)).join(", ");
  console.log(
    `MAKESPAN: mean, p95 and worst of ${WORKLOADS}: ${figures}; ${above.length} above ${GOAL}`,
  );
  for (const { seed, ratio } of above) console.log(`  seed ${seed}: ${ratio.toFixed(3)}`);
  expect(mean).toBeLessThan(MEAN);
  expect(above.length).toBeLessThanOrEqual(Math.ceil(SHARE_ABOVE_GOAL * WORKLOADS));
  expect(worst?.ratio, `seed ${worst?.seed}`).toBeLessThan(WORST);
});
