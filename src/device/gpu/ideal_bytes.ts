// What an ideal execution of an operation would move: the columns that it reads once, the columns that it makes once. A
// result column that shares its input's buffer costs nothing.

import type { Mask, Operation } from "../../physical/index.ts";
import { columnBytes, type GpuResident } from "./resident.ts";

export function idealBytes(
  operation: Operation,
  inputs: readonly GpuResident[],
  result: GpuResident,
): number {
  const given = new Set(inputs.flatMap(({ columns }) => columns.map(({ values }) => values.id)));
  const made = result.columns.filter(({ values }) => !given.has(values.id));
  const shared = new Set(result.columns.map(({ values }) => values.id));
  let bytes = made.reduce((sum, column) => sum + columnBytes(column, result.rowCount), 0);
  for (const [index, { rowCount, columns }] of inputs.entries()) {
    const read = columnsRead(operation, index);
    for (const [position, column] of columns.entries()) {
      const passesThrough = operation.kind === "evaluate" && shared.has(column.values.id);
      if (read !== null && !read.has(position)) continue;
      if (!passesThrough) bytes += columnBytes(column, rowCount);
    }
  }
  return bytes;
}

/** Positions in one of the inputs; null: all. */
export function columnsRead(operation: Operation, input: number): ReadonlySet<number> | null {
  switch (operation.kind) {
    case "evaluate":
      return new Set(
        operation.program.instructions.flatMap((instruction) =>
          instruction.op === "load" || instruction.op === "loadValidity" ? instruction.column : [],
        ),
      );
    case "aggregate": {
      const { keys, monoids, calls } = operation;
      const folded = [...monoids, ...calls].flatMap((part) => [
        ...("column" in part ? [part.column] : []),
        ...("other" in part && part.other ? [part.other.column] : []),
        ...("beside" in part && part.beside !== undefined ? [part.beside] : []),
      ]);
      return new Set([...keys, ...folded, ...maskColumn(operation)]);
    }
    case "exponentRange":
      return new Set([...operation.columns, ...maskColumn(operation)]);
    case "join": {
      const { leftKeys, leftOutputs, rightKeys, rightOutputs } = operation;
      return new Set(input === 0 ? [...leftKeys, ...leftOutputs] : [...rightKeys, ...rightOutputs]);
    }
    default:
      return null;
  }
}

function maskColumn({ mask }: { readonly mask?: Mask }): readonly number[] {
  return mask === undefined ? [] : [mask];
}
