// argExtreme: the place of the first row that has its group's extreme. Nothing is sorted: the extreme is folded, the rows
// that have it are marked, the first of them is folded, and the rows of the group before it are counted. Kernel:
// kernels/aggregate/mark_rows.wesl.

import { at } from "../../../base/index.ts";
import type { AggregateCall, Monoid } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { KernelSpec } from "../kernel_source.ts";
import { type GpuColumn, storageBytes } from "../resident.ts";
import {
  type AggregateTask,
  cellSource,
  extremeState,
  extremeWords,
  isMaximum,
  mayBeEmpty,
  rowState,
} from "./aggregate_states.ts";
import { countColumn, validityOf } from "./aggregate_values.ts";
import { cellBuffers, cellVariant } from "./cells.ts";
import { groupsFor } from "./scan.ts";

type ArgExtreme = Extract<AggregateCall, { kind: "argExtreme" }>;
type ExtremeMonoid = Extract<Monoid, { kind: "min" | "max" | "any" | "all" }>;

/** The extreme whose first row is asked for: of bools, false is less than true. */
export function extremeOf({ column, upper }: ArgExtreme, columns: readonly GpuColumn[]) {
  const isBool = at(columns, column).dtype.kind === "bool";
  const kind = isBool ? (upper ? "any" : "all") : upper ? "max" : "min";
  return { kind, column } satisfies ExtremeMonoid;
}

export function argExtremeColumn(task: AggregateTask, call: ArgExtreme): GpuColumn {
  const monoid = extremeOf(call, task.columns);
  const column = at(task.columns, call.column);
  const having = markExtremes(task, monoid);
  const mask = task.rowMask;
  const before = markRows(task, {
    kernel: { conditions: { before: true, masked: mask !== null } },
    buffers: { states: rowState(task, "place", having), ...(mask && { mask }) },
    invert: 0,
    cellBytes: 0,
  });
  const places = countColumn(task, before);
  if (!mayBeEmpty(task, column)) return places;
  const validity = validityOf(task, extremeState(task, monoid), extremeWords(column));
  return { ...places, validity, nullCount: null };
}

/** A bitmap of the rows whose value is their group's extreme. */
export function markExtremes(task: AggregateTask, monoid: ExtremeMonoid): DeviceBuffer {
  const source = cellSource(task, monoid.column);
  const { conditions, constants } = cellVariant(source);
  return markRows(task, {
    kernel: { conditions: { ...conditions, extreme: true }, constants },
    buffers: { ...cellBuffers(source), states: extremeState(task, monoid) },
    invert: isMaximum(monoid) ? 0 : 0xffffffff,
    cellBytes: source.column.bits / 8,
  });
}

interface Marking {
  readonly kernel: Omit<KernelSpec, "path">;
  readonly buffers: Readonly<Record<string, DeviceBuffer>>;
  readonly invert: number;
  readonly cellBytes: number;
}

/** A bitmap of rows. */
function markRows(
  { workspace, recording, groups }: AggregateTask,
  { kernel, buffers, invert, cellBytes }: Marking,
): DeviceBuffer {
  const { rowCount, count: groupCount, rowGroups } = groups;
  const bitmap = workspace.acquire(storageBytes(1, rowCount));
  recording.dispatch({
    kernel: {
      ...kernel,
      path: "aggregate/mark_rows",
      conditions: { ...kernel.conditions, grouped: rowGroups !== null },
    },
    buffers: { ...buffers, ...(rowGroups && { rowGroups }), bitmap },
    params: { rowCount, groupCount, invert },
    workgroups: groupsFor(rowCount),
    traffic: { read: rowCount * (cellBytes + 8), written: rowCount / 8 },
  });
  return bitmap;
}
