// Sums of powers and products: x^p y^q exactly, of any dtypes, decimals among them. Kernel: kernels/aggregate/power_term.wesl.

import { assertNever } from "../../../base/index.ts";
import type { DType } from "../../../dtype/index.ts";
import type { GpuColumn } from "../resident.ts";
import { cellBuffers } from "./cells.ts";
import type { Reduction } from "./reduce.ts";
import type { SumMonoid } from "./sum_window.ts";

/** What a kernel of powers is told. */
export interface PowerParams {
  readonly left: number;
  readonly right: number;
  readonly leftPower: number;
  readonly rightPower: number;
}

export const NO_POWERS: PowerParams = { left: 0, right: 0, leftPower: 0, rightPower: 0 };

/** Whether the sum is one of powers: others add x or x^2 of at most 64 bits. */
export function isPowerSum({ power, other }: SumMonoid, column: GpuColumn): boolean {
  return power > 2 || other?.power === 1 || column.dtype.kind === "decimal";
}

type PowerReduction = Pick<
  Reduction,
  "buffers" | "conditions" | "constants" | "powers" | "cellBytes" | "touched"
>;

/** `left` has the validity of both. */
export function powerReduction(
  { power }: SumMonoid,
  left: GpuColumn,
  right: GpuColumn | null,
): PowerReduction {
  const powers = {
    left: formOf(left),
    right: formOf(right ?? left),
    leftPower: power,
    rightPower: right ? 1 : 0,
  };
  const bits = power * left.bits + (right?.bits ?? 0);
  return {
    buffers: {
      ...cellBuffers({ column: left, codeTable: null }),
      others: (right ?? left).values,
    },
    conditions: { nullable: left.validity !== null, powers: true },
    constants: { CELL_BITS: "32u" },
    powers,
    cellBytes: (left.bits + (right?.bits ?? 0)) / 8,
    touched: Math.ceil(bits / 32) + 1,
  };
}

const IS_SIGNED = 0x100;
const IS_FLOAT = 0x200;

/** As the kernel reads it: bits of a cell, and what they are. */
function formOf({ dtype, bits }: GpuColumn): number {
  return bits + meaningOf(dtype);
}

function meaningOf({ kind }: DType): number {
  switch (kind) {
    case "float32":
    case "float64":
      return IS_FLOAT;
    case "int8":
    case "int16":
    case "int32":
    case "int64":
    case "decimal":
    case "date":
    case "timestamp":
    case "duration":
      return IS_SIGNED;
    case "bool":
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "string":
      return 0;
    default:
      return assertNever(kind);
  }
}
