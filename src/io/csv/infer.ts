// Which dtype the texts of a column fit. The rules and their reasons are in kernels/csv/README.md, "Inference".

import { BOOL, DATE, type DType, FLOAT64, INT64, STRING, timestamp } from "../../dtype/index.ts";
import { parseCsvValue } from "./value.ts";

const TIMESTAMP = timestamp("us");
/** From the narrowest to the widest; string takes every text. */
const CANDIDATES: readonly DType[] = [BOOL, INT64, FLOAT64, DATE, TIMESTAMP];

/** The narrowest dtype that takes the text. */
export function inferDType(text: string): DType {
  return CANDIDATES.find((dtype) => parseCsvValue(text, dtype, true) !== null) ?? STRING;
}

/** The narrowest dtype that takes the texts of both. Null: nothing is known yet. */
export function joinDTypes(a: DType | null, b: DType | null): DType | null {
  if (a === null || b === null || a === b) return a ?? b;
  const pair = new Set([a, b]);
  if (pair.has(INT64) && pair.has(FLOAT64)) return FLOAT64;
  if (pair.has(DATE) && pair.has(TIMESTAMP)) return TIMESTAMP;
  return STRING;
}

/** Surely int64, and surely float64, without a look at limits: what nearly all numbers are. */
const SHORT_INTEGER = /^-?(?:0|[1-9]\d{0,17})$/;
const SHORT_DECIMAL = /^-?(?:0|[1-9]\d{0,17})(?:\.\d*)?$/;

/** The dtype of a column after one more text. Cheap where the text fits what is known. */
export function widen(known: DType | null, text: string): DType | null {
  if (known === INT64 && SHORT_INTEGER.test(text)) return known;
  if (known === FLOAT64 && SHORT_DECIMAL.test(text)) return known;
  if (known === STRING) return known;
  if (known !== null && parseCsvValue(text, known, true) !== null) {
    return known;
  }
  return joinDTypes(known, inferDType(text));
}
