// concat: words are copied behind each other, bitmaps and packed columns shifted into place, codes of different
// dictionaries remapped to a unified one that the host makes. No round trip. Contract: kernels/concat/README.md.

import { at } from "../../../base/index.ts";
import type { Dictionary } from "../../../column/index.ts";
import { type ConcatOperation, SUPPORTED } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, storageBytes } from "../resident.ts";
import { copyBits } from "./copy_bits.ts";
import type { GpuOperator } from "./operator.ts";
import { groupsFor } from "./scan.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const concat: GpuOperator<ConcatOperation> = { supports: () => SUPPORTED, run };

interface Part {
  readonly column: GpuColumn;
  readonly rowCount: number;
  /** Row of the output where the part begins. */
  readonly offset: number;
  /** The new code of each old one; null: the codes stay. */
  readonly remap: Uint32Array | null;
}

async function run(
  context: GpuContext,
  _operation: ConcatOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const rowCount = inputs.reduce((sum, input) => sum + input.rowCount, 0);
  return withWorkspace(context, async (workspace) => {
    const first = at(inputs, 0);
    if (inputs.length === 1) return workspace.result(rowCount, first.columns);
    const unified = await Promise.all(
      first.columns.map((_, index) => unifyDictionaries(context, inputs, index)),
    );
    const recording = context.record();
    const columns = unified.map(({ dictionary, remaps }, index) => {
      let offset = 0;
      const parts = inputs.map((input, number): Part => {
        const column = at(input.columns, index);
        const part = { column, rowCount: input.rowCount, offset, remap: remaps[number] ?? null };
        offset += input.rowCount;
        return part;
      });
      return concatColumn(recording, workspace, parts, dictionary);
    });
    await recording.submit();
    return workspace.result(rowCount, columns);
  });
}

interface Unified {
  readonly dictionary: Dictionary | null;
  readonly remaps: readonly (Uint32Array | null)[];
}

async function unifyDictionaries(
  context: GpuContext,
  inputs: readonly GpuResident[],
  index: number,
): Promise<Unified> {
  const dictionaries = inputs.flatMap(({ columns }) => at(columns, index).dictionary ?? []);
  const [first] = dictionaries;
  if (first === undefined) return { dictionary: null, remaps: [] };
  if (dictionaries.every((dictionary) => dictionary === first))
    return { dictionary: first, remaps: [] };
  const { dictionary, remaps } = await context.dictionaries.unify(dictionaries);
  return { dictionary, remaps: remaps.map((remap, number) => (number === 0 ? null : remap)) };
}

function concatColumn(
  recording: Recording,
  workspace: Workspace,
  parts: readonly Part[],
  dictionary: Dictionary | null,
): GpuColumn {
  const { column: first } = at(parts, 0);
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const values = workspace.acquire(storageBytes(first.bits, rowCount));
  for (const part of parts) appendValues(recording, workspace, values, part);
  const nullable = parts.some(({ column }) => column.validity !== null);
  const validity = nullable ? workspace.acquire(storageBytes(1, rowCount)) : null;
  if (validity) {
    for (const { column, rowCount: bitCount, offset } of parts) {
      copyBits(recording, column.validity, validity, { bitCount, start: 0, to: offset });
    }
  }
  const nullCount = nullable ? null : 0;
  return { ...first, values, validity, nullCount, dictionary, statistics: null };
}

function appendValues(
  recording: Recording,
  workspace: Workspace,
  values: DeviceBuffer,
  { column, rowCount, offset, remap }: Part,
): void {
  const { bits } = column;
  if (remap !== null) {
    const codeTable = workspace.constant(recording, remap);
    recording.dispatch({
      kernel: { path: "concat/remap_codes" },
      buffers: { codes: column.values, codeTable, remapped: values },
      params: { rowCount, offset, entryCount: remap.length },
      workgroups: groupsFor(rowCount),
      traffic: { read: rowCount * 8, written: rowCount * 4 },
    });
  } else if (bits < 32) {
    copyBits(recording, column.values, values, {
      bitCount: rowCount * bits,
      start: 0,
      to: offset * bits,
    });
  } else {
    recording.copy(column.values, 0, values, (offset * bits) / 8, storageBytes(bits, rowCount));
  }
}
