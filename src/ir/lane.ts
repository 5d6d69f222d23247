// Which lane the values of a dtype take in a register.

import type { DType } from "../dtype/index.ts";
import type { Lane, NarrowLane } from "./program.ts";

/** The register of a dtype's values: int8/16 and dates widen to i32, uint8/16 to u32, instants are i64, decimals i128. */
export function laneOf(dtype: DType): Lane {
  switch (dtype.kind) {
    case "bool":
    case "string":
      return dtype.kind;
    case "int8":
    case "int16":
    case "int32":
    case "date":
      return "i32";
    case "uint8":
    case "uint16":
    case "uint32":
      return "u32";
    case "int64":
    case "timestamp":
    case "duration":
      return "i64";
    case "uint64":
      return "u64";
    case "float32":
      return "f32";
    case "float64":
      return "f64";
    case "decimal":
      return "i128";
  }
}

const LANE_BITS: Readonly<Partial<Record<Lane, number>>> = {
  i32: 32,
  u32: 32,
  i64: 64,
  u64: 64,
  i128: 128,
};

/** The width of an integer lane. */
export function bitsOfLane(lane: Lane): number {
  const bits = LANE_BITS[lane];
  if (bits === undefined) throw new Error(`invariant violated: ${lane} is no lane of integers`);
  return bits;
}

/** The limits of a numeric or temporal dtype, as `fits` names them. */
export function narrowLaneOf(dtype: DType): NarrowLane {
  switch (dtype.kind) {
    case "int8":
      return "i8";
    case "int16":
      return "i16";
    case "uint8":
      return "u8";
    case "uint16":
      return "u16";
    default: {
      const lane = laneOf(dtype);
      if (lane === "bool" || lane === "string") throw new Error(`${lane} has no limits`);
      return lane;
    }
  }
}
