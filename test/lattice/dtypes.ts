// The dtypes that operator tests go through.
import {
  BOOL,
  DATE,
  type DType,
  decimal,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  STRING,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";

/** Those that every executor must have. */
export const CORE_DTYPES: readonly DType[] = [
  BOOL,
  INT32,
  INT64,
  FLOAT64,
  STRING,
  DATE,
  timestamp("us"),
];
/** Those that come next; executors may still decline them. */
export const FURTHER_DTYPES: readonly DType[] = [
  INT8,
  INT16,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
  FLOAT32,
  timestamp("s"),
  timestamp("ms"),
  timestamp("ns", "Europe/Zurich"),
  duration("us"),
  decimal(5, 2),
  decimal(18, 4),
  decimal(38, 10),
];
export const ALL_DTYPES: readonly DType[] = [...CORE_DTYPES, ...FURTHER_DTYPES];

/** Row counts around the edges of bytes, words, workgroups and tiles. */
export const EDGE_COUNTS: readonly number[] = [0, 1, 7, 8, 9, 31, 32, 33, 64, 255, 256, 257, 1000];
