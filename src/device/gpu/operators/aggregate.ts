// aggregate: rows get groups, every monoid is folded by group, and calls finish the states. One round trip
// before the groups' number is known (with it come the exponents that size exact sums and the digits that order values
// for quantiles), and one more only where an integer sum may overflow. Contract: kernels/aggregate/README.md.

import { assertNever, at } from "../../../base/index.ts";
import type { DType } from "../../../dtype/index.ts";
import { type AggregateCall, type ExactWindow, factorsOf, type Monoid } from "../../../ir/index.ts";
import {
  type AggregateOperation,
  SUPPORTED,
  type Support,
  unsupported,
} from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import { columnsRead } from "../ideal_bytes.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import { mergedColumn, overStates } from "./aggregate_final.ts";
import {
  distinctCountColumn,
  type PendingValueOrder,
  prepareValueOrder,
  quantileColumn,
  rowsByValue,
  type ValueOrder,
  valueOrder,
} from "./aggregate_holistic.ts";
import {
  findValueGroups,
  lowestOf,
  modeColumn,
  settleValueGroups,
  type ValueGroups,
} from "./aggregate_mode.ts";
import { argExtremeColumn, extremeOf } from "./aggregate_ordered.ts";
import { aggregateParts, partBitsOf } from "./aggregate_parts.ts";
import type { AggregateTask, RankTables } from "./aggregate_states.ts";
import { floatSumColumn, type OverflowCheck, sumColumn, throwOverflow } from "./aggregate_sums.ts";
import { monoidColumn } from "./aggregate_values.ts";
import { codesByRank, ranksOf } from "./dictionary_tables.ts";
import { meanColumn, ratioColumn, ratioMonoids } from "./exact_ratio.ts";
import { decodeBounds, measureBounds } from "./exponent_range.ts";
import { gatherColumn } from "./gather.ts";
import {
  type FoundGroups,
  findGroups,
  groupsOf,
  type PendingGroups,
  readGroupCount,
  settleGroups,
  wholeGroup,
} from "./grouping.ts";
import { maskedColumns, maskOf } from "./masked.ts";
import type { GpuOperator } from "./operator.ts";
import { knownBounds, type SumMonoid, windowFor } from "./sum_window.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const aggregate: GpuOperator<AggregateOperation> = {
  supports,
  run: (context, operation, inputs) => {
    const input = at(inputs, 0);
    const partBits = partBitsOf(context, operation, input);
    return partBits > 0
      ? aggregateParts(context, operation, input, partBits, run)
      : run(context, operation, inputs);
  },
};

function supports({ monoids }: AggregateOperation): Support {
  if (monoids.some(isHighProduct)) {
    return unsupported("products of cubes and another column are added on the CPU");
  }
  return SUPPORTED;
}

/** More than the factors that kernels have room for; no function asks for it. */
function isHighProduct(monoid: Monoid): boolean {
  return monoid.kind === "sum" && monoid.power > 2 && monoid.other?.power === 1;
}

interface AggregateInput {
  readonly workspace: Workspace;
  readonly operation: AggregateOperation;
  readonly input: GpuResident;
  /** A bitmap of the rows that count; null: all do. Without keys the columns are null where it is not set. */
  readonly mask: DeviceBuffer | null;
  /** The monoids whose states are needed. */
  readonly monoids: readonly Monoid[];
}

function run(
  context: GpuContext,
  asked: AggregateOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const given = at(inputs, 0);
  const operation = overStates(asked);
  return withWorkspace(context, async (workspace) => {
    const recording = context.record();
    const mask = maskOf(given, operation.mask);
    const input =
      mask && operation.keys.length === 0
        ? {
            ...given,
            columns: maskedColumns(recording, workspace, given, mask, columnsRead(operation, 0)),
          }
        : given;
    const monoids =
      operation.phase === "partial"
        ? operation.monoids
        : [
            ...new Set(
              operation.calls.flatMap((call) => neededMonoids(operation, call, input.columns)),
            ),
          ];
    const task: AggregateInput = { workspace, operation, input, mask, monoids };
    const ranks = await ranksOfExtremes(task);
    const survey = surveyRows(recording, task);
    const known = await settleSurvey(task, survey);
    return finishGroups(task, known, ranks);
  });
}

function neededMonoids(
  operation: AggregateOperation,
  call: AggregateCall,
  columns: readonly GpuColumn[],
): Monoid[] {
  switch (call.kind) {
    case "value":
      return [at(operation.monoids, call.monoid)];
    case "sum":
      return [at(operation.monoids, call.sum)];
    case "mean":
      return dividesExactly(operation, call)
        ? [at(operation.monoids, call.sum), at(operation.monoids, call.count)]
        : [at(operation.monoids, call.sum)];
    case "ratio":
      return ratioMonoids(call).map((monoid) => at(operation.monoids, monoid));
    case "quantile":
    case "nUnique":
      return [];
    case "mode":
      return [lowestOf(call, columns)];
    case "argExtreme":
      return [extremeOf(call, columns)];
    default:
      return assertNever(call);
  }
}

type MeanCall = Extract<AggregateCall, { kind: "mean" }>;

/** Whether a mean has another divisor than the number of rows that its sum's state has counted. */
function dividesExactly({ phase }: AggregateOperation, { scale }: MeanCall): boolean {
  return phase === "final" || (scale ?? 0) > 0;
}

/** Strings are compared by the ranks of their codes. */
async function ranksOfExtremes({
  workspace,
  input,
  monoids,
}: AggregateInput): Promise<ReadonlyMap<number, Uint32Array>> {
  const ranks = new Map<number, Uint32Array>();
  for (const monoid of monoids) {
    if (monoid.kind !== "min" && monoid.kind !== "max") continue;
    const { dictionary } = at(input.columns, monoid.column);
    if (dictionary) ranks.set(monoid.column, await ranksOf(workspace.context, dictionary));
  }
  return ranks;
}

/** The first half: everything whose result the host must see before it can size the second. */
interface Survey {
  readonly recording: Recording;
  readonly groups: PendingGroups | null;
  /** Float columns whose exponents are measured, in the order of `bounds`. */
  readonly measured: readonly number[];
  readonly bounds: Promise<ArrayBuffer> | null;
  readonly orders: readonly PendingValueOrder[];
  readonly values: ReadonlyMap<number, PendingGroups>;
}

function surveyRows(
  recording: Recording,
  { workspace, operation, input, mask, monoids }: AggregateInput,
): Survey {
  const { rowCount, columns } = input;
  const { dropNullKeys } = operation;
  const keys = operation.keys.map((key) => ({ column: at(columns, key), codeTable: null }));
  const found =
    keys.length === 0
      ? null
      : findGroups(recording, workspace, keys, { rowCount, dropNullKeys, mask });
  const unknown = monoids
    .flatMap((monoid) => (monoid.kind === "sum" && !monoid.window ? factorsOf(monoid) : []))
    .flatMap(({ column }) => (knownBounds(at(columns, column)) ? [] : column));
  const measured = [...new Set(unknown)];
  const bounds = measured.map((column) => at(columns, column));
  const quantiles = operation.phase === "partial" ? [] : operation.calls;
  const ordered = quantiles.flatMap((call) => (call.kind === "quantile" ? call.column : []));
  return {
    recording,
    groups: found && readGroupCount(recording, found, rowCount),
    measured,
    bounds:
      measured.length === 0
        ? null
        : recording.read(measureBounds(recording, workspace, bounds, rowCount)),
    orders: [...new Set(ordered)].map((column) =>
      prepareValueOrder(recording, workspace, columns, column, rowCount),
    ),
    values: findValueGroups(recording, workspace, operation, input, mask),
  };
}

/** What the second half knows. */
interface Surveyed {
  readonly recording: Recording;
  readonly found: FoundGroups | null;
  readonly groupCount: number;
  readonly windows: ReadonlyMap<SumMonoid, ExactWindow>;
  readonly orders: ReadonlyMap<number, ValueOrder>;
  /** [column]: the groups by value of what modes are asked of. */
  readonly values: ReadonlyMap<number, ValueGroups>;
}

async function settleSurvey(task: AggregateInput, survey: Survey): Promise<Surveyed> {
  const { groups, orders, values } = survey;
  let { recording } = survey;
  // An aggregate without keys may have nothing to wait for.
  if (groups || survey.bounds || orders.length > 0 || values.size > 0) {
    await recording.submit();
    recording = task.workspace.context.record();
  }
  const measured = survey.bounds ? decodeBounds(new Int32Array(await survey.bounds)) : [];
  const boundsOf = new Map(measured.map((bounds, index) => [at(survey.measured, index), bounds]));
  const windows = new Map<SumMonoid, ExactWindow>();
  for (const monoid of task.monoids) {
    if (monoid.kind !== "sum" || monoid.window) continue;
    const factors = factorsOf(monoid).map(({ column, power }) => {
      const bounds = knownBounds(at(task.input.columns, column)) ?? boundsOf.get(column);
      if (!bounds) throw new Error("the exponents of every summed column are known");
      return { power, bounds };
    });
    windows.set(monoid, windowFor(factors, task.input.rowCount));
  }
  const settledGroups = groups && (await settleGroups(task.workspace, groups));
  const settled = new Map<number, ValueOrder>();
  for (const order of orders) settled.set(order.column, await valueOrder(order));
  return {
    recording,
    found: settledGroups?.found ?? null,
    groupCount: settledGroups?.count ?? 1,
    windows,
    orders: settled,
    values: await settleValueGroups(task.workspace, values, task.mask),
  };
}

/** The second half: key columns, reductions, results. */
async function finishGroups(
  { workspace, operation, input, mask, monoids }: AggregateInput,
  { recording, found, groupCount, windows, orders, values }: Surveyed,
  ranks: ReadonlyMap<number, Uint32Array>,
): Promise<GpuResident> {
  const { rowCount, columns } = input;
  const { dropNullKeys } = operation;
  const shape = { rowCount, dropNullKeys, mask, count: groupCount, reductions: monoids.length };
  const groups = found
    ? groupsOf(recording, workspace, found, shape)
    : wholeGroup(recording, workspace, rowCount);
  const { firstRows: firsts } = groups;
  const keys = firsts
    ? operation.keys.map((key) => {
        const list = { rows: firsts, count: groupCount, mayMiss: false, canonical: true };
        return gatherColumn(recording, workspace, at(columns, key), list);
      })
    : [];
  const rankTables = uploadRanks(workspace, ranks);
  const task: AggregateTask = {
    workspace,
    recording,
    columns,
    groups,
    rowMask: found ? null : mask,
    rankTables,
    windows,
    states: new Map(),
  };
  const checks: OverflowCheck[] = [];
  const results =
    operation.phase === "partial"
      ? operation.monoids.map((monoid) => monoidColumn(task, monoid))
      : callColumns(task, operation, { orders, values }, checks);
  const overflows = checks.map(({ overflow }) => recording.read(overflow, 0, 4));
  await recording.submit();
  for (const [index, check] of checks.entries()) {
    const group = at(new Uint32Array(await at(overflows, index)), 0);
    if (group !== 0xffffffff) await throwOverflow(workspace.context, check, group, firsts, mask);
  }
  return workspace.result(groupCount, [...keys, ...results]);
}

function uploadRanks(
  workspace: Workspace,
  ranks: ReadonlyMap<number, Uint32Array>,
): ReadonlyMap<number, RankTables> {
  const tables = new Map<number, RankTables>();
  for (const [column, table] of ranks) {
    tables.set(column, {
      ranks: workspace.table(table, "ranks", () => table),
      codesByRank: workspace.table(table, "codes by rank", () => codesByRank(table)),
    });
  }
  return tables;
}

function callColumns(
  task: AggregateTask,
  operation: AggregateOperation,
  { orders, values }: Pick<Surveyed, "orders" | "values">,
  checks: OverflowCheck[],
): GpuColumn[] {
  const { monoids, calls, dtypes, texts } = operation;
  const sorted = new Map<number, DeviceBuffer | null>();
  return calls.map((call, index) => {
    const dtype: DType = at(dtypes, index);
    switch (call.kind) {
      case "value":
        return operation.phase === "final"
          ? mergedColumn(task, at(monoids, call.monoid))
          : monoidColumn(task, at(monoids, call.monoid));
      case "sum":
        return sumColumn(task, sumMonoid(monoids, call.sum), dtype, at(texts, index), checks);
      case "mean":
        return dividesExactly(operation, call)
          ? meanColumn(task, monoids, call)
          : floatSumColumn(task, sumMonoid(monoids, call.sum), dtype, true);
      case "ratio":
        return ratioColumn(task, monoids, call);
      case "nUnique":
        return distinctCountColumn(task, call.column);
      case "quantile": {
        const order = orders.get(call.column);
        if (!order) throw new Error("the values of every quantile are ordered");
        const rows = sorted.has(call.column)
          ? (sorted.get(call.column) ?? null)
          : rowsByValue(task, order);
        sorted.set(call.column, rows);
        return quantileColumn(task, call, rows);
      }
      case "argExtreme":
        return argExtremeColumn(task, call);
      case "mode": {
        const groups = values.get(call.column);
        if (!groups) throw new Error("the values of every mode are grouped");
        return modeColumn(task, call, groups);
      }
      default:
        return assertNever(call);
    }
  });
}

function sumMonoid(monoids: readonly Monoid[], index: number): SumMonoid {
  const monoid = at(monoids, index);
  if (monoid.kind !== "sum") throw new Error(`monoid ${index} is a sum`);
  return monoid;
}
