// The first half of a join: a slot for every row of both sides.

import { at } from "../../../base/index.ts";
import type { JoinOperation } from "../../../physical/index.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import type { GpuColumn, GpuResident } from "../resident.ts";
import type { CellSource } from "./cells.ts";
import { remapOf } from "./dictionary_tables.ts";
import { encodeEqualityKeys, equalityLayout } from "./keys.ts";
import {
  type DirectKeys,
  directKeys,
  directRowSlots,
  hashSlots,
  probeSlots,
  storageDomain,
} from "./slots.ts";
import type { Workspace } from "./workspace.ts";

export interface JoinSlots {
  /** Not submitted yet: the caller goes on with it. */
  readonly recording: Recording;
  /** [left row], [right row]: the slot of its key, or NO_SLOT. Rows match exactly if they share one. */
  readonly left: DeviceBuffer;
  readonly right: DeviceBuffer;
  readonly capacity: number;
  /** [slot]: ~ of the first right or left row, or 0; null where that side was not inserted into a table. */
  readonly rightTable: DeviceBuffer | null;
  readonly leftTable: DeviceBuffer | null;
}

interface Sides {
  readonly left: readonly CellSource[];
  readonly right: readonly CellSource[];
}

/** `duplicate`: one word, set where a table of right rows is made and two of them share a slot. */
export async function joinSlots(
  workspace: Workspace,
  operation: JoinOperation,
  left: GpuResident,
  right: GpuResident,
  duplicate: DeviceBuffer | null = null,
): Promise<JoinSlots> {
  const { context } = workspace;
  const columns = {
    left: operation.leftKeys.map((key) => at(left.columns, key)),
    right: operation.rightKeys.map((key) => at(right.columns, key)),
  };
  const remaps = await Promise.all(
    columns.right.map((column, index) => remapCodes(context, at(columns.left, index), column)),
  );
  const recording = context.record();
  const sides: Sides = {
    left: columns.left.map((column) => ({ column, codeTable: null })),
    right: columns.right.map((column, index) => {
      const remap = remaps[index] ?? null;
      return { column, codeTable: remap && workspace.table(remap, "remap", () => remap) };
    }),
  };
  const rowCount = Math.max(left.rowCount, right.rowCount);
  const domains = sides.left.map(storageDomain);
  const direct = directKeys([sides.left, sides.right], domains, operation.nullEquals, rowCount);
  const counts = { left: left.rowCount, right: right.rowCount };
  return direct
    ? directJoinSlots(recording, workspace, sides, counts, direct)
    : hashJoinSlots(recording, workspace, sides, counts, { ...operation, duplicate });
}

/** The code table of a right key; null where both sides share a dictionary, or the column is no string. */
async function remapCodes(
  context: GpuContext,
  left: GpuColumn,
  right: GpuColumn,
): Promise<Uint32Array | null> {
  if (!left.dictionary || !right.dictionary || left.dictionary === right.dictionary) return null;
  return remapOf(context, left.dictionary, right.dictionary);
}

interface RowCounts {
  readonly left: number;
  readonly right: number;
}

function directJoinSlots(
  recording: Recording,
  workspace: Workspace,
  sides: Sides,
  counts: RowCounts,
  keys: DirectKeys,
): JoinSlots {
  return {
    recording,
    left: directRowSlots(recording, workspace, sides.left, keys, counts.left),
    right: directRowSlots(recording, workspace, sides.right, keys, counts.right),
    capacity: keys.capacity,
    rightTable: null,
    leftTable: null,
  };
}

interface HashSettings extends Pick<JoinOperation, "buildSide" | "nullEquals"> {
  readonly duplicate: DeviceBuffer | null;
}

function hashJoinSlots(
  recording: Recording,
  workspace: Workspace,
  sides: Sides,
  counts: RowCounts,
  { buildSide, nullEquals, duplicate }: HashSettings,
): JoinSlots {
  const layout = equalityLayout([sides.left, sides.right]);
  const probeSide = buildSide === "left" ? "right" : "left";
  const keysOf = (side: "left" | "right") =>
    encodeEqualityKeys(recording, workspace, sides[side], layout, counts[side]);
  const buildKeys = keysOf(buildSide);
  const isRight = buildSide === "right";
  const slots = hashSlots(recording, workspace, buildKeys, !nullEquals, {
    duplicate: isRight ? duplicate : null,
  });
  const built = { keys: buildKeys, slots };
  const probed = probeSlots(recording, workspace, keysOf(probeSide), built, !nullEquals);
  const { capacity, rowSlots, slotTable } = slots;
  return isRight
    ? { recording, left: probed, right: rowSlots, capacity, rightTable: slotTable, leftTable: null }
    : {
        recording,
        left: rowSlots,
        right: probed,
        capacity,
        rightTable: null,
        leftTable: slotTable,
      };
}
