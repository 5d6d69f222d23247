// Questions about a dtype that many layers ask.

import type { DType, FloatKind, IntegerKind } from "./dtype.ts";

const INTEGERS: ReadonlySet<string> = new Set<IntegerKind>([
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
]);

export function isInteger(dtype: DType): dtype is { readonly kind: IntegerKind } {
  return INTEGERS.has(dtype.kind);
}

export function isUnsigned(dtype: DType): boolean {
  return isInteger(dtype) && dtype.kind.startsWith("u");
}

export function isFloat(dtype: DType): dtype is { readonly kind: FloatKind } {
  return dtype.kind === "float32" || dtype.kind === "float64";
}

export function isNumeric(dtype: DType): boolean {
  return isInteger(dtype) || isFloat(dtype) || dtype.kind === "decimal";
}

export function isTemporal(dtype: DType): boolean {
  return dtype.kind === "date" || dtype.kind === "timestamp" || dtype.kind === "duration";
}
