// Constants and sets in the memory form that the addon reads.

import { DECIMAL_WORDS, writeDecimal } from "../../column/index.ts";
import type { ResolvedProgram } from "../../ir/index.ts";

type Constant = ResolvedProgram["constants"][number];
type ValueSet = ResolvedProgram["sets"][number];

/** Sixteen bytes each, the value in the first ones, little-endian. */
export function constantBytes(constants: readonly Constant[]): Uint8Array {
  const bytes = new Uint8Array(16 * constants.length);
  const view = new DataView(bytes.buffer);
  for (const [index, constant] of constants.entries()) {
    const offset = 16 * index;
    switch (constant.lane) {
      case "bool":
        view.setUint8(offset, constant.value ? 1 : 0);
        break;
      case "i32":
        view.setInt32(offset, constant.value, true);
        break;
      case "u32":
        view.setUint32(offset, constant.value, true);
        break;
      case "i64":
        view.setBigInt64(offset, constant.value, true);
        break;
      case "u64":
        view.setBigUint64(offset, constant.value, true);
        break;
      case "i128":
        view.setBigUint64(offset, BigInt.asUintN(64, constant.value), true);
        view.setBigInt64(offset + 8, constant.value >> 64n, true);
        break;
      case "f32":
        view.setFloat32(offset, constant.value, true);
        break;
      case "f64":
        view.setFloat64(offset, constant.value, true);
        break;
    }
  }
  return bytes;
}

export function setArray(set: ValueSet) {
  switch (set.lane) {
    case "i32":
      return Int32Array.from(set.values);
    case "u32":
      return Uint32Array.from(set.values);
    case "i64":
      return BigInt64Array.from(set.values);
    case "u64":
      return BigUint64Array.from(set.values);
    case "i128": {
      const words = new Uint32Array(DECIMAL_WORDS * set.values.length);
      for (const [index, value] of set.values.entries()) writeDecimal(words, index, value);
      return words;
    }
    case "f32":
      return Float32Array.from(set.values);
    case "f64":
      return Float64Array.from(set.values);
  }
}
