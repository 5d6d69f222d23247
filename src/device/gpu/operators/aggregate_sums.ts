// The calls that finish exact sums: sum and mean.

import { at, IntegerOverflowError } from "../../../base/index.ts";
import { countBits } from "../../../column/index.ts";
import { type DType, dtypeName, FLOAT64, isFloat, isUnsigned } from "../../../dtype/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import { type GpuColumn, storageBits, storageBytes } from "../resident.ts";
import {
  type AggregateTask,
  mayBeEmpty,
  type SumState,
  summedColumn,
  sumState,
} from "./aggregate_states.ts";
import { resultColumn, validityOf } from "./aggregate_values.ts";
import { groupsFor } from "./scan.ts";
import type { SumMonoid } from "./sum_window.ts";

/** A sum of integers that may not fit: looked at once everything has run. */
export interface OverflowCheck {
  /** The lowest group that overflows, or 0xffffffff. */
  readonly overflow: DeviceBuffer;
  readonly state: SumState;
  readonly dtype: DType;
  readonly text: string;
}

/** `mean`: divided by the number of values. Floats are rounded once. */
export function floatSumColumn(
  task: AggregateTask,
  monoid: SumMonoid,
  dtype: DType,
  mean: boolean,
): GpuColumn {
  const { workspace, recording, groups } = task;
  const state = sumState(task, monoid);
  const bits = storageBits(dtype);
  const results = workspace.acquire(storageBytes(bits, groups.count));
  recording.dispatch({
    kernel: {
      path: "aggregate/finish_sum_float",
      conditions: { mean, single: dtype !== FLOAT64, wide: state.wide },
      constants: { LIMBS: `${state.room}u` },
    },
    buffers: { states: state.states, results },
    params: {
      groupCount: groups.count,
      limbs: state.limbs,
      lowExponent: state.window.lowExponent,
    },
    workgroups: groupsFor(groups.count),
  });
  return resultColumn({ dtype, values: results, validity: sumValidity(task, monoid, state), bits });
}

export function sumColumn(
  task: AggregateTask,
  monoid: SumMonoid,
  dtype: DType,
  text: string,
  checks: OverflowCheck[],
): GpuColumn {
  if (isFloat(dtype)) return floatSumColumn(task, monoid, dtype, false);
  const { column, overflow, state } = integerSumColumn(task, monoid, dtype);
  // 64 bits hold every sum of a window of 64 bits, and 38 digits one of 96.
  if (state.window.limbs > (dtype.kind === "decimal" ? 3 : 2))
    checks.push({ overflow, state, dtype, text });
  return column;
}

/** The sum as an integer or decimal, and where it overflows. */
export function integerSumColumn(
  task: AggregateTask,
  monoid: SumMonoid,
  dtype: DType,
): Pick<OverflowCheck, "overflow" | "state"> & { readonly column: GpuColumn } {
  const { workspace, recording, groups } = task;
  const state = sumState(task, monoid);
  const bits = storageBits(dtype);
  const results = workspace.acquire(storageBytes(bits, groups.count));
  const overflow = workspace.constant(recording, Uint32Array.of(0xffffffff));
  recording.dispatch({
    kernel:
      dtype.kind === "decimal"
        ? { path: "aggregate/finish_sum_decimal" }
        : {
            path: "aggregate/finish_sum_integer",
            conditions: { unsigned: isUnsigned(dtype) },
          },
    buffers: { states: state.states, results, overflow },
    params: { groupCount: groups.count, words: state.words },
    workgroups: groupsFor(groups.count),
  });
  const validity = sumValidity(task, monoid, state);
  return { column: resultColumn({ dtype, values: results, validity, bits }), overflow, state };
}

function sumValidity(task: AggregateTask, monoid: SumMonoid, state: SumState): DeviceBuffer | null {
  return mayBeEmpty(task, summedColumn(task, monoid))
    ? validityOf(task, state.states, state.words)
    : null;
}

/**
 * The error of the first sum that overflows, with its exact value. Reading it costs round trips of its own, but only
 * where the query fails anyway.
 * @throws IntegerOverflowError
 */
export async function throwOverflow(
  context: GpuContext,
  { state, dtype, text }: OverflowCheck,
  group: number,
  firstRows: DeviceBuffer | null,
  mask: DeviceBuffer | null,
): Promise<never> {
  const recording = context.record();
  const limbs = recording.read(state.states, (group * state.words + 2) * 4, state.limbs * 4);
  const rows = firstRows && recording.read(firstRows, group * 4, 4);
  const kept = rows && mask && recording.read(mask, 0, mask.byteLength);
  await recording.submit();
  let total = 0n;
  for (const limb of new Uint32Array(await limbs).reverse()) total = (total << 32n) | BigInt(limb);
  const sum = BigInt.asIntN(32 * state.limbs, total);
  throw new IntegerOverflowError(`${text} is ${sum}, which does not fit ${dtypeName(dtype)}`, {
    row: rows ? countedRow(at(new Uint32Array(await rows), 0), kept && (await kept)) : 0,
    hint: 'Cast the column to "float64" before summing.',
  });
}

/** The number of a row among those that the mask keeps. */
function countedRow(row: number, mask: ArrayBuffer | null): number {
  return mask === null ? row : countBits(new Uint8Array(mask), row);
}
