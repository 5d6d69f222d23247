// How kernels read a column: the conditions and constants of kernels/shared/column_source.wesl.

import type { DeviceBuffer } from "../buffer_pool.ts";
import type { KernelSpec } from "../kernel_source.ts";
import type { GpuColumn } from "../resident.ts";

/** A column and, for dictionary codes, what a code stands for (a rank, or a code of another dictionary). */
export interface CellSource {
  readonly column: GpuColumn;
  readonly codeTable: DeviceBuffer | null;
}

type Variant = Required<Pick<KernelSpec, "conditions" | "constants">>;

/** The kernel variant that reads the column's cells. */
export function cellVariant({ column, codeTable }: CellSource): Variant {
  const { kind } = column.dtype;
  return {
    conditions: {
      nullable: column.validity !== null,
      table: codeTable !== null,
      float: kind === "float32" || kind === "float64",
      signed: isSigned(kind),
      decimal: kind === "decimal",
    },
    constants: { CELL_BITS: `${column.bits}u` },
  };
}

export function cellBuffers({ column, codeTable }: CellSource): Record<string, DeviceBuffer> {
  const { values, validity } = column;
  return { values, ...(validity && { validity }), ...(codeTable && { codeTable }) };
}

/** The one high word that bounds promise for all values of a 64-bit column, as small numbers have; null without such. */
export function sharedHighWord({ bits, statistics }: GpuColumn): bigint | null {
  const { min, max } = statistics ?? {};
  if (bits !== 64 || typeof min !== "bigint" || typeof max !== "bigint") return null;
  return min >> 32n === max >> 32n ? min >> 32n : null;
}

function isSigned(kind: GpuColumn["dtype"]["kind"]): boolean {
  switch (kind) {
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "date":
    case "timestamp":
    case "duration":
      return true;
    default:
      return false;
  }
}
