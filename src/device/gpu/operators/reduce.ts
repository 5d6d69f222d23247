// Reductions of rows to one state a group, without atomics. Kernels: kernels/aggregate/reduce_*.wesl, *_state.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { KernelSpec } from "../kernel_source.ts";
import type { Recording } from "../recording.ts";
import { foldGroups, foldShape } from "./fold.ts";
import type { Groups } from "./groups.ts";
import { NO_POWERS, type PowerParams } from "./power_sums.ts";
import { groupsFor } from "./scan.ts";
import type { Workspace } from "./workspace.ts";

type StateKind = "sum" | "extreme" | "place" | "countValues";

/** How a state is made of rows; words of a state in registers and memory. */
export interface Reduction {
  readonly kind: StateKind;
  readonly words: number;
  /** What reads the rows' cells, and the variant of the kernel that does. */
  readonly buffers: Readonly<Record<string, DeviceBuffer>>;
  readonly conditions: Readonly<Record<string, boolean>>;
  readonly constants: Readonly<Record<string, number | string>>;
  readonly lowExponent?: number;
  readonly limbs?: number;
  readonly invert?: boolean;
  /** Words of a row, where the cells are states themselves. */
  readonly width?: number;
  readonly powers?: PowerParams;
  /** Bytes of a cell, for accounting. */
  readonly cellBytes: number;
  /** How often a fold goes through the rows, and how many words of a state it changes for one. */
  readonly steps: number;
  readonly touched: number;
}

/** Many states cost memory, so wide ones get longer runs. */
const RUN_LENGTH = 32;
const WIDE_RUN_LENGTH = 128;
const WIDE_STATE = 16;

/** [group][word]: the state of every group. */
export function reduceGroups(
  recording: Recording,
  workspace: Workspace,
  groups: Groups,
  reduction: Reduction,
): DeviceBuffer {
  if (groups.isWhole) return reduceAll(recording, workspace, groups.rowCount, reduction);
  const shape = foldShape(workspace, groups, reduction);
  return shape === null
    ? reduceOrdered(recording, workspace, groups, reduction)
    : foldGroups(recording, workspace, groups, reduction, shape);
}

/** Of rows in group order. Each level is one dispatch and a sixteenth of the one before. */
function reduceOrdered(
  recording: Recording,
  workspace: Workspace,
  groups: Groups,
  reduction: Reduction,
): DeviceBuffer {
  const { words, cellBytes } = reduction;
  const states = workspace.acquire(groups.count * words * 4);
  let carried: { groups: DeviceBuffer; states: DeviceBuffer } | null = null;
  for (let count = groups.count === 0 ? 0 : groups.rowCount; count > 0; ) {
    const runLength = runLengthOf(reduction);
    const runs = Math.ceil(count / runLength);
    const carryGroups = workspace.acquire(2 * runs * 4);
    const carryStates = workspace.acquire(2 * runs * words * 4);
    recording.dispatch({
      kernel: reductionKernel("aggregate/reduce_groups", reduction, carried !== null),
      buffers: {
        ...(carried
          ? { groups: carried.groups, carriedStates: carried.states }
          : { ...reduction.buffers, ...groups.ordered }),
        states,
        carryGroups,
        carryStates,
      },
      params: { ...reductionParams(reduction, count), groupCount: groups.count },
      workgroups: groupsFor(runs),
      traffic: {
        read: count * (carried ? 4 + words * 4 : 8 + cellBytes),
        written: 2 * runs * (4 + words * 4),
      },
    });
    if (carried) {
      workspace.recycle(carried.groups);
      workspace.recycle(carried.states);
    }
    carried = { groups: carryGroups, states: carryStates };
    count = runs === 1 ? 0 : 2 * runs;
  }
  if (carried) {
    workspace.recycle(carried.groups);
    workspace.recycle(carried.states);
  }
  return states;
}

function reduceAll(
  recording: Recording,
  workspace: Workspace,
  rowCount: number,
  reduction: Reduction,
): DeviceBuffer {
  const { words, cellBytes } = reduction;
  if (rowCount === 0) return workspace.zeroed(recording, words * 4);
  let carriedStates: DeviceBuffer | null = null;
  for (let count = rowCount; ; ) {
    const runs = Math.ceil(count / runLengthOf(reduction));
    const states = workspace.acquire(runs * words * 4);
    recording.dispatch({
      kernel: reductionKernel("aggregate/reduce_all", reduction, carriedStates !== null),
      buffers: { ...(carriedStates ? { carriedStates } : reduction.buffers), states },
      params: { ...reductionParams(reduction, count), groupCount: 1 },
      workgroups: groupsFor(runs),
      traffic: { read: count * (carriedStates ? words * 4 : cellBytes), written: runs * words * 4 },
    });
    if (carriedStates) workspace.recycle(carriedStates);
    if (runs === 1) return states;
    carriedStates = states;
    count = runs;
  }
}

function runLengthOf({ words }: Reduction): number {
  return words > WIDE_STATE ? WIDE_RUN_LENGTH : RUN_LENGTH;
}

/** How the cells are read makes no difference to the levels that merge states. */
function reductionKernel(path: string, reduction: Reduction, carried: boolean): KernelSpec {
  const { kind, conditions, constants } = reduction;
  return {
    path,
    conditions: carried
      ? { [kind]: true, carried, wide: conditions.wide ?? false }
      : { ...conditions, [kind]: true },
    constants,
  };
}

function reductionParams(reduction: Reduction, count: number): Record<string, number> {
  const { lowExponent = 0, limbs = 0, invert = false, width = 0, powers = NO_POWERS } = reduction;
  return {
    count,
    runLength: runLengthOf(reduction),
    words: reduction.words,
    lowExponent,
    limbs,
    width,
    ...powers,
    invert: invert ? 0xffffffff : 0,
  };
}
