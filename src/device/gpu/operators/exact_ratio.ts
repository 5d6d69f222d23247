// The calls that divide exact numbers: ratio, and the means that the count alone does not divide. Groups are taken in
// chunks whose numbers fit the scratch memory. Kernels: kernels/aggregate/ratio_load.wesl, ratio.wesl.

import { at } from "../../../base/index.ts";
import { FLOAT64 } from "../../../dtype/index.ts";
import type { AggregateCall, ExactStep, Monoid, RatioCall } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import { type AggregateTask, sumState } from "./aggregate_states.ts";
import { countsOf, resultColumn } from "./aggregate_values.ts";
import { countedRows } from "./pairs.ts";
import { type Place, type RatioProgram, ratioProgram, type StateShape } from "./ratio_program.ts";
import { groupsFor } from "./scan.ts";

/** Scratch memory of a chunk: at least 256 groups get it whatever they need, the usual 60 words leave room for 140,000. */
const SCRATCH_BYTES = 2 ** 25;
const CHUNK_GRAIN = 256;
const STEP_WORDS = 6;

export function ratioColumn(
  task: AggregateTask,
  monoids: readonly Monoid[],
  call: RatioCall,
): GpuColumn {
  return finishColumn(task, monoids, { ...call, keepsInfinity: false });
}

/** S / (count * 10^scale); infinities among the values show. */
export function meanColumn(
  task: AggregateTask,
  monoids: readonly Monoid[],
  { sum, count, scale = 0 }: Extract<AggregateCall, { kind: "mean" }>,
): GpuColumn {
  const steps: ExactStep[] = [
    { op: "state", monoid: sum },
    { op: "state", monoid: count },
  ];
  let denominator = 1;
  // Constants are int32.
  for (let power = scale; power > 0; power -= 9) {
    const constant = steps.push({ op: "constant", value: 10 ** Math.min(power, 9) }) - 1;
    denominator = steps.push({ op: "multiply", left: denominator, right: constant }) - 1;
  }
  const quotient = { steps, numerator: 0, denominator, root: null, count, least: 1 };
  return finishColumn(task, monoids, { ...quotient, keepsInfinity: true });
}

/** The monoids whose states a ratio is made of. */
export function ratioMonoids({ steps, count }: RatioCall): number[] {
  return [count, ...steps.flatMap((step) => (step.op === "state" ? step.monoid : []))];
}

interface Quotient extends Omit<RatioCall, "kind"> {
  readonly keepsInfinity: boolean;
}

/** A state in device memory: the number's words within those of one group. */
interface StateSource extends StateShape {
  readonly states: DeviceBuffer;
  readonly stride: number;
  readonly skip: number;
  readonly isSum: boolean;
}

function finishColumn(
  task: AggregateTask,
  monoids: readonly Monoid[],
  quotient: Quotient,
): GpuColumn {
  const { workspace, recording, groups } = task;
  const sources = new Map<number, StateSource>();
  const program = ratioProgram(quotient, (monoid) => {
    const source = stateSource(task, at(monoids, monoid));
    sources.set(monoid, source);
    return source;
  });
  const results = workspace.acquire(storageBytes(64, groups.count));
  const bitmap = workspace.acquire(storageBytes(1, groups.count));
  const steps = workspace.constant(recording, program.steps);
  const chunk = chunkOf(program.scratchWords, groups.count);
  const scratch = workspace.acquire(chunk * program.scratchWords * 4);
  for (let first = 0; first < groups.count; first += chunk) {
    const part = { first, count: Math.min(chunk, groups.count - first), scratch };
    loadStates(task, program, sources, part);
    runProgram(task, program, quotient, part, { steps, results, bitmap });
  }
  workspace.recycle(scratch);
  workspace.recycle(steps);
  return resultColumn({ dtype: FLOAT64, values: results, validity: bitmap, bits: 64 });
}

/** How many groups are finished at once: whole words of the result's bitmap. */
function chunkOf(scratchWords: number, groupCount: number): number {
  const room = Math.floor(SCRATCH_BYTES / (4 * scratchWords * CHUNK_GRAIN)) * CHUNK_GRAIN;
  return Math.max(1, Math.min(Math.max(room, CHUNK_GRAIN), groupCount));
}

function stateSource(task: AggregateTask, monoid: Monoid): StateSource {
  switch (monoid.kind) {
    case "sum": {
      const { states, words, limbs, window } = sumState(task, monoid);
      const shape = { words: limbs, exponent: window.lowExponent };
      return { ...shape, states, stride: words, skip: 2, isSum: true };
    }
    case "count":
    case "countValues": {
      const { counts, allRows } = countsOf(task, countedRows(task, monoid));
      // Where the one group begins, then where it ends.
      const skip = allRows ? 1 : 0;
      return { states: counts, words: 1, exponent: 0, stride: 1, skip, isSum: false };
    }
    default:
      throw new Error(`a ratio is made of counts and sums, not of ${monoid.kind}`);
  }
}

interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly scratch: DeviceBuffer;
}

function loadStates(
  { recording }: AggregateTask,
  { states, flagsAt }: RatioProgram,
  sources: ReadonlyMap<number, StateSource>,
  { first, count, scratch }: Chunk,
): void {
  for (const [index, [monoid, place]] of [...states].entries()) {
    const source = sources.get(monoid);
    if (source === undefined) throw new Error("every state of a ratio has a source");
    recording.dispatch({
      kernel: { path: "aggregate/ratio_load" },
      buffers: { scratch, states: source.states },
      params: {
        ...loadParams(source, place, flagsAt),
        ...chunkParams(first, count),
        isFirst: index === 0 ? 1 : 0,
      },
      workgroups: groupsFor(count),
      traffic: { read: count * 4 * source.stride, written: count * 4 * (place.words + 2) },
    });
  }
}

const chunkParams = (firstGroup: number, groupCount: number) => ({ firstGroup, groupCount });

function loadParams(source: StateSource, place: Place, flagsAt: number) {
  const { stride, skip, words, isSum } = source;
  return { words: stride, skip, limbs: words, at: place.at, isSum: isSum ? 1 : 0, flagsAt };
}

function runProgram(
  { recording }: AggregateTask,
  program: RatioProgram,
  { root, least, keepsInfinity }: Quotient,
  { first, count, scratch }: Chunk,
  buffers: {
    readonly steps: DeviceBuffer;
    readonly results: DeviceBuffer;
    readonly bitmap: DeviceBuffer;
  },
): void {
  const { steps: encoded, states: _, scratchWords, ...places } = program;
  const { steps, ...outputs } = buffers;
  const stepCount = Math.floor(encoded.length / STEP_WORDS);
  const traffic = { read: count * 4 * scratchWords, written: count * 4 * scratchWords };
  if (stepCount > 0) {
    recording.dispatch({
      kernel: { path: "aggregate/ratio_steps" },
      buffers: { scratch, steps },
      params: { groupCount: count, stepCount },
      workgroups: groupsFor(count),
      traffic,
    });
  }
  recording.dispatch({
    kernel: { path: "aggregate/ratio" },
    buffers: { scratch, ...outputs },
    params: {
      ...places,
      ...chunkParams(first, count),
      isRoot: root === null ? 0 : 1,
      least,
      keepsInfinity: keepsInfinity ? 1 : 0,
    },
    workgroups: groupsFor(count),
    traffic,
  });
}
