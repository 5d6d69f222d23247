// The states of monoids: one reduction each, made when a call first needs it.

import { assertNever, at } from "../../../base/index.ts";
import type { ExactWindow, Monoid } from "../../../ir/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn } from "../resident.ts";
import { type CellSource, cellBuffers, cellVariant, sharedHighWord } from "./cells.ts";
import type { Groups } from "./groups.ts";
import { bothValid } from "./pairs.ts";
import { isPowerSum, powerReduction } from "./power_sums.ts";
import { type Reduction, reduceGroups } from "./reduce.ts";
import { type LimbVariant, limbVariant, type SumMonoid } from "./sum_window.ts";
import type { Workspace } from "./workspace.ts";

/** What the second half of an aggregate works with. */
export interface AggregateTask {
  readonly workspace: Workspace;
  readonly recording: Recording;
  readonly columns: readonly GpuColumn[];
  readonly groups: Groups;
  /** Without keys: a bitmap of the rows that count; null: all do, or their slots say so. */
  readonly rowMask: DeviceBuffer | null;
  /** [column]: the tables of ranks and of codes by rank, where a string column is compared. */
  readonly rankTables: ReadonlyMap<number, RankTables>;
  readonly windows: ReadonlyMap<SumMonoid, ExactWindow>;
  readonly states: Map<string, DeviceBuffer>;
}

export interface RankTables {
  readonly ranks: DeviceBuffer;
  readonly codesByRank: DeviceBuffer;
}

export interface SumState extends LimbVariant {
  readonly states: DeviceBuffer;
  readonly words: number;
  readonly window: ExactWindow;
}

export function cellSource(task: AggregateTask, column: number): CellSource {
  const codeTable = task.rankTables.get(column)?.ranks ?? null;
  return { column: at(task.columns, column), codeTable };
}

/** A group may have no value of the column: its result needs a validity bitmap. */
export function mayBeEmpty({ groups }: AggregateTask, column: GpuColumn): boolean {
  return column.validity !== null || groups.mayBeEmpty;
}

/** The column that a sum adds, null where the column beside it is. */
export function summedColumn(task: AggregateTask, { column, other }: SumMonoid): GpuColumn {
  const own = at(task.columns, column);
  return other ? withRows(own, bothValid(task, own, at(task.columns, other.column))) : own;
}

function withRows(column: GpuColumn, validity: DeviceBuffer | null): GpuColumn {
  return { ...column, validity, nullCount: validity ? null : 0 };
}

export function sumState(task: AggregateTask, monoid: SumMonoid): SumState {
  const window = monoid.window ?? task.windows.get(monoid);
  if (window === undefined) throw new Error("the window of every sum is known");
  const column = summedColumn(task, monoid);
  const ofPowers = isPowerSum(monoid, column);
  const variant = limbVariant(window, ofPowers);
  const shape = { ...variant, words: variant.limbs + 2, window };
  // Decimals are words too; states are those of int64.
  if (column.isWords && column.dtype.kind !== "decimal") return mergedState(task, monoid, shape);
  const reduction = ofPowers
    ? powerReduction(monoid, column, secondFactor(task, monoid))
    : plainReduction(monoid, column);
  const { limbs, room, wide } = variant;
  // Beside a column without nulls, a sum is the one that it is alone.
  const { power, other } = monoid;
  const key = [monoid.column, power, other?.power === 1 ? other.column : null];
  const states = stateOf(task, ["sum", ...key, column.validity?.id, window], {
    ...reduction,
    kind: "sum",
    words: shape.words,
    conditions: { ...reduction.conditions, wide },
    constants: { ...reduction.constants, LIMBS: `${room}u` },
    limbs,
    lowExponent: window.lowExponent,
    steps: 1,
    touched: Math.min(limbs, reduction.touched),
  });
  return { ...shape, states };
}

function secondFactor({ columns }: AggregateTask, { other }: SumMonoid): GpuColumn | null {
  return other?.power === 1 ? at(columns, other.column) : null;
}

/** x or x^2 of at most 64 bits. */
function plainReduction({ power }: SumMonoid, column: GpuColumn) {
  const source = { column, codeTable: null };
  const { conditions, constants } = cellVariant(source);
  return {
    buffers: cellBuffers(source),
    conditions: { ...conditions, squared: power === 2 },
    constants,
    cellBytes: column.bits / 8,
    // A value of 64 bits lies in at most three limbs, a square in five.
    touched: power === 2 ? 5 : 3,
  };
}

/** The sum of partial states. */
function mergedState(
  task: AggregateTask,
  monoid: SumMonoid,
  shape: Omit<SumState, "states">,
): SumState {
  const column = at(task.columns, monoid.column);
  const states = stateOf(task, monoid, {
    kind: "sum",
    words: shape.words,
    buffers: cellBuffers({ column, codeTable: null }),
    conditions: { nullable: column.validity !== null, wide: shape.wide, words: true },
    constants: { CELL_BITS: "32u", LIMBS: `${shape.room}u` },
    limbs: shape.limbs,
    width: column.bits / 32,
    cellBytes: column.bits / 8,
    steps: 1,
    touched: shape.limbs,
  });
  return { ...shape, states };
}

type ExtremeMonoid = Extract<Monoid, { kind: "min" | "max" | "any" | "all" }>;

export function isMaximum({ kind }: ExtremeMonoid): boolean {
  switch (kind) {
    case "max":
    case "any":
      return true;
    case "min":
    case "all":
      return false;
    default:
      return assertNever(kind);
  }
}

export function extremeWords({ bits }: GpuColumn): number {
  return bits === 128 ? 5 : bits === 64 ? 3 : 2;
}

export function extremeState(task: AggregateTask, monoid: ExtremeMonoid): DeviceBuffer {
  const source = cellSource(task, monoid.column);
  return stateOf(task, monoid, {
    kind: "extreme",
    words: extremeWords(source.column),
    buffers: cellBuffers(source),
    ...cellVariant(source),
    invert: !isMaximum(monoid),
    cellBytes: source.column.bits / 8,
    steps: source.column.bits === 64 && sharedHighWord(source.column) === null ? 2 : 1,
    touched: 2,
  });
}

/** Reductions that look only at which rows count: those that a validity bitmap has, or all. */
export function rowState(
  task: AggregateTask,
  kind: "countValues" | "place",
  validity: DeviceBuffer | null,
  last = false,
): DeviceBuffer {
  return stateOf(task, [kind, last, validity?.id], {
    kind,
    words: 1,
    buffers: validity ? { validity } : {},
    conditions: { nullable: validity !== null, last },
    constants: { CELL_BITS: "32u" },
    cellBytes: validity ? 1 / 8 : 0,
    steps: 1,
    touched: 1,
  });
}

function stateOf(task: AggregateTask, key: unknown, reduction: Reduction): DeviceBuffer {
  const text = JSON.stringify(key);
  const known = task.states.get(text);
  if (known) return known;
  const states = reduceGroups(task.recording, task.workspace, task.groups, reduction);
  task.states.set(text, states);
  return states;
}
