// sort: key columns become words, an LSD radix sort orders row numbers, one gather per column moves the payload once.
// One round trip: the digit histograms, which say which digits need a pass. With a limit most rows are left out before
// anything is sorted (top_rows.ts). Few rows are ranked in one dispatch, without a round trip. Contract:
// kernels/sort/README.md.

import { at } from "../../../base/index.ts";
import { type SortOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import type { CellSource } from "./cells.ts";
import { ranksOf } from "./dictionary_tables.ts";
import { gatherColumn } from "./gather.ts";
import { encodeSortKeys } from "./keys.ts";
import type { GpuOperator } from "./operator.ts";
import { digitHistogram, type KeyMatrix, neededPasses, radixSort } from "./radix_sort.ts";
import { groupsFor } from "./scan.ts";
import { headOf } from "./slice.ts";
import { findThreshold, sortCandidates } from "./top_rows.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const sort: GpuOperator<SortOperation> = { supports: () => SUPPORTED, run };

/** Above this share of the rows, leaving the others out costs more than sorting them. */
const MOST_CANDIDATES = 0.75;

async function run(
  context: GpuContext,
  operation: SortOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const input = at(inputs, 0);
  const { rowCount } = input;
  const count = Math.min(rowCount, operation.limit ?? rowCount);
  return withWorkspace(context, async (workspace) => {
    if (rowCount <= 1 || operation.keys.length === 0 || count === 0) {
      return headOf(workspace, input, count);
    }
    const keyColumns = operation.keys.map(({ column }) => at(input.columns, column));
    const ranks = await Promise.all(
      keyColumns.map(async ({ dictionary }) =>
        dictionary === null ? null : await ranksOf(context, dictionary),
      ),
    );
    const recording = context.record();
    const sources = keyColumns.map((column, index) =>
      rankedCells(workspace, column, ranks[index] ?? null),
    );
    const keys = encodeSortKeys(recording, workspace, sources, operation.keys, rowCount);
    const sorted =
      rowCount <= context.smallRows
        ? { recording, rows: rankRows(recording, workspace, keys) }
        : await radixRows(recording, workspace, keys, count);
    if (sorted === null) return headOf(workspace, input, count);
    const columns = input.columns.map((column) =>
      gatherColumn(sorted.recording, workspace, column, {
        rows: sorted.rows,
        count,
        mayMiss: false,
      }),
    );
    await sorted.recording.submit();
    return workspace.result(count, columns);
  });
}

interface SortedRows {
  /** Not submitted yet. */
  readonly recording: Recording;
  readonly rows: DeviceBuffer;
}

/** The order of few rows: each counts those before it. */
function rankRows(recording: Recording, workspace: Workspace, keys: KeyMatrix): DeviceBuffer {
  const { words, stride, wordCount, rowCount } = keys;
  const rows = workspace.acquire(rowCount * 4);
  const workgroups = groupsFor(rowCount);
  recording.dispatch({
    kernel: { path: "sort/rank_rows" },
    buffers: { words, rows },
    params: { rowCount, stride, wordCount },
    workgroups,
    traffic: { read: workgroups * rowCount * wordCount * 4, written: rowCount * 4 },
  });
  return rows;
}

/** At least the first `count` rows of the order; null where row order is that already. */
async function radixRows(
  counting: Recording,
  workspace: Workspace,
  keys: KeyMatrix,
  count: number,
): Promise<SortedRows | null> {
  const { rowCount } = keys;
  const histogram = counting.read(digitHistogram(counting, workspace, keys));
  await counting.submit();

  const counts = new Uint32Array(await histogram);
  const passes = neededPasses(counts, rowCount);
  if (passes.length === 0) return null;
  const threshold =
    count < rowCount ? await findThreshold(workspace, keys, passes, counts, count) : null;
  const recording = workspace.context.record();
  const rows =
    threshold && threshold.candidates < rowCount * MOST_CANDIDATES
      ? sortCandidates(recording, workspace, keys, passes, threshold)
      : radixSort(recording, workspace, keys, passes).rows;
  return { recording, rows };
}

/** A column whose strings stand for their ranks. */
export function rankedCells(
  workspace: Workspace,
  column: GpuColumn,
  ranks: Uint32Array | null,
): CellSource {
  return { column, codeTable: ranks && workspace.table(ranks, "ranks", () => ranks) };
}
