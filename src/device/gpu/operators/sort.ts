// sort: key columns become words, an LSD radix sort orders row numbers, one gather per column moves the payload once.
// One round trip: the digit histograms, which say which digits need a pass. With a limit most rows are left out before
// anything is sorted (top_rows.ts). Contract: kernels/sort/README.md.

import { at } from "../../../base/index.ts";
import { type SortOperation, SUPPORTED } from "../../../physical/index.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import type { CellSource } from "./cells.ts";
import { ranksOf } from "./dictionary_ranks.ts";
import { gatherColumn } from "./gather.ts";
import { encodeSortKeys } from "./keys.ts";
import type { GpuOperator } from "./operator.ts";
import { digitHistogram, neededPasses, radixSort } from "./radix_sort.ts";
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
      rankedCells(workspace, recording, column, ranks[index] ?? null),
    );
    const keys = encodeSortKeys(recording, workspace, sources, operation.keys, rowCount);
    const histogram = recording.read(digitHistogram(recording, workspace, keys));
    await recording.submit();

    const counts = new Uint32Array(await histogram);
    const passes = neededPasses(counts, rowCount);
    if (passes.length === 0) return headOf(workspace, input, count);
    const threshold =
      count < rowCount ? await findThreshold(workspace, keys, passes, counts, count) : null;
    const moving = context.record();
    const rows =
      threshold && threshold.candidates < rowCount * MOST_CANDIDATES
        ? sortCandidates(moving, workspace, keys, passes, threshold)
        : radixSort(moving, workspace, keys, passes).rows;
    const columns = input.columns.map((column) =>
      gatherColumn(moving, workspace, column, { rows, count, mayMiss: false }),
    );
    await moving.submit();
    return workspace.result(count, columns);
  });
}

/** A column whose strings stand for their ranks. */
function rankedCells(
  workspace: Workspace,
  recording: Recording,
  column: GpuColumn,
  ranks: Uint32Array | null,
): CellSource {
  return { column, codeTable: ranks && workspace.constant(recording, ranks) };
}
