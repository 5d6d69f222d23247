// Groups whose keys or hash table exceed one binding: rows are partitioned by the hash of their keys, each part is grouped by
// itself, and the groups of all parts are put in the order of their first rows. Kernels: kernels/shared/hash_parts.wesl,
// part_rows.wesl.

import { at, IntegerOverflowError, MemoryBudgetError } from "../../../base/index.ts";
import { UINT32 } from "../../../dtype/index.ts";
import type { AggregateOperation } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import { columnsRead } from "../ideal_bytes.ts";
import { type GpuColumn, type GpuResident, releaseColumn, residentOf } from "../resident.ts";
import { concat } from "./concat.ts";
import { gatherColumn } from "./gather.ts";
import { encodeEqualityKeys, equalityLayout } from "./keys.ts";
import { maskOf } from "./masked.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import { sliceOf } from "./slice.ts";
import { directKeys, storageDomain } from "./slots.ts";
import { sort } from "./sort.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

type RunAggregate = (
  context: GpuContext,
  operation: AggregateOperation,
  inputs: readonly GpuResident[],
) => Promise<GpuResident>;

const MOST_PART_BITS = 8;
/** Parts are not all of one size. */
const UNEVEN = 1.25;

/** 0: the rows need no parts. */
export function partBitsOf(
  { device }: GpuContext,
  { keys, dropNullKeys }: AggregateOperation,
  { rowCount, columns }: GpuResident,
): number {
  if (keys.length === 0) return 0;
  const limit = device.limits.maxStorageBufferBindingSize;
  const cells = keys.map((key) => ({ column: at(columns, key), codeTable: null }));
  const direct = directKeys([cells], cells.map(storageDomain), !dropNullKeys, rowCount);
  if (direct && direct.capacity * 8 <= limit) return 0;
  const words = keyWords(cells);
  const fits = (rows: number) =>
    rows * words * 4 <= limit && 2 ** Math.ceil(Math.log2(2 * Math.max(1, rows))) * 4 <= limit;
  if (fits(rowCount)) return 0;
  let bits = 1;
  while (bits < MOST_PART_BITS && !fits(Math.ceil((rowCount * UNEVEN) / 2 ** bits))) bits += 1;
  return bits;
}

function keyWords(cells: Parameters<typeof equalityLayout>[0][number]): number {
  const { nullWords, valueWords } = equalityLayout([cells]);
  return valueWords.reduce<number>((sum, width) => sum + width, nullWords);
}

/**
 * What `run` gives of the whole input.
 * @throws MemoryBudgetError where a part is still too large, or a sum overflows, whose first row no part knows: the CPU tells.
 */
export function aggregateParts(
  context: GpuContext,
  operation: AggregateOperation,
  input: GpuResident,
  partBits: number,
  run: RunAggregate,
): Promise<GpuResident> {
  return withWorkspace(context, async (workspace) => {
    const parts = await partNumbers(workspace, operation, input, partBits);
    const results: GpuResident[] = [];
    try {
      for (let part = 0; part < 2 ** partBits; part++) {
        const rows = { parts, part, mask: maskOf(input, operation.mask) };
        results.push(
          await withWorkspace(context, (own) => aggregatePart(own, operation, input, rows, run)),
        );
      }
      return await inRowOrder(context, results);
    } catch (error) {
      if (!(error instanceof IntegerOverflowError)) throw error;
      throw new MemoryBudgetError("a sum overflows among groups that exceed one binding", {
        cause: error,
      });
    } finally {
      for (const result of results) releaseResident(context, result);
    }
  });
}

/** [row]: the part of its key. */
async function partNumbers(
  workspace: Workspace,
  { keys }: AggregateOperation,
  { rowCount, columns }: GpuResident,
  partBits: number,
): Promise<DeviceBuffer> {
  const { context } = workspace;
  const parts = workspace.acquire(rowCount * 4);
  const keyColumns = residentOf(
    rowCount,
    keys.map((key) => at(columns, key)),
  );
  const run = Math.ceil(rowCount / 2 ** partBits / 1024) * 1024;
  for (let offset = 0; offset < rowCount; offset += run) {
    const length = Math.min(run, rowCount - offset);
    await withWorkspace(context, async (own) => {
      const slice = await sliceOf(own, keyColumns, offset, length);
      try {
        const cells = slice.columns.map((column) => ({ column, codeTable: null }));
        const recording = context.record();
        const matrix = encodeEqualityKeys(recording, own, cells, equalityLayout([cells]), length);
        const { words, stride, wordCount } = matrix;
        recording.dispatch({
          kernel: { path: "shared/hash_parts" },
          buffers: { words, parts },
          params: { rowCount: length, stride, wordCount, offset, partBits },
          workgroups: groupsFor(length),
          traffic: { read: length * wordCount * 4, written: length * 4 },
        });
        await recording.submit();
      } finally {
        releaseResident(context, slice);
      }
    });
  }
  return parts;
}

interface PartRows {
  readonly parts: DeviceBuffer;
  readonly part: number;
  readonly mask: DeviceBuffer | null;
}

/** The part's groups, and behind them the number of the first row of each. */
async function aggregatePart(
  workspace: Workspace,
  operation: AggregateOperation,
  input: GpuResident,
  { parts, part, mask }: PartRows,
  run: RunAggregate,
): Promise<GpuResident> {
  const { context } = workspace;
  const { rowCount } = input;
  const counting = context.record();
  const bitmap = workspace.acquire(Math.ceil(rowCount / 32) * 4);
  counting.dispatch({
    kernel: { path: "shared/part_rows", conditions: { masked: mask !== null } },
    buffers: { parts, bitmap, ...(mask && { mask }) },
    params: { rowCount, part },
    workgroups: groupsFor(rowCount),
  });
  const sums = scanBitmap(counting, workspace, bitmap, rowCount);
  const total = counting.read(sums, Math.ceil(rowCount / 32) * 4, 4);
  await counting.submit();
  const count = at(new Uint32Array(await total), 0);
  const rows = workspace.acquire(count * 4);
  const recording = context.record();
  selectRows(recording, bitmap, sums, rowCount, rows);
  const numbers: GpuColumn = {
    dtype: UINT32,
    values: rows,
    validity: null,
    nullCount: 0,
    dictionary: null,
    statistics: null,
    bits: 32,
    isWords: false,
  };
  const read = columnsRead(operation, 0);
  const columns = input.columns.map((column, index) =>
    read === null || read.has(index)
      ? gatherColumn(recording, workspace, column, { rows, count, mayMiss: false })
      : numbers,
  );
  await recording.submit();
  return run(context, withFirstRows(operation, columns.length), [
    residentOf(count, [...columns, numbers]),
  ]);
}

/** Also asks for the first value of `column` in every group. */
function withFirstRows(operation: AggregateOperation, column: number): AggregateOperation {
  const { monoids, calls, dtypes, texts, phase } = operation;
  const monoid = { kind: "first", column, nulls: "keep" } as const;
  const more = { ...operation, mask: undefined, monoids: [...monoids, monoid] };
  if (phase === "partial") return more;
  return {
    ...more,
    calls: [...calls, { kind: "value", monoid: monoids.length }],
    dtypes: [...dtypes, UINT32],
    texts: [...texts, "first row"],
  };
}

/** The groups of all parts by their last column, which is left out. */
async function inRowOrder(
  context: GpuContext,
  results: readonly GpuResident[],
): Promise<GpuResident> {
  const filled = results.filter(({ rowCount }) => rowCount > 0);
  const merged = await concat.run(
    context,
    { kind: "concat" },
    filled.length > 0 ? filled : results.slice(0, 1),
  );
  try {
    const column = merged.columns.length - 1;
    const keys = [{ column, descending: false, nulls: "last" as const }];
    const sorted = await sort.run(context, { kind: "sort", keys, limit: null }, [merged]);
    releaseColumn(context.pool, at(sorted.columns, column));
    return residentOf(sorted.rowCount, sorted.columns.slice(0, column));
  } finally {
    releaseResident(context, merged);
  }
}

function releaseResident({ pool }: GpuContext, { columns }: GpuResident): void {
  for (const column of columns) releaseColumn(pool, column);
}
