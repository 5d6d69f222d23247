// The queries: one that reduces, one that exchanges, one that keeps every row.
import { type AnyDataFrame, col, count } from "gpudataframe";

export interface Query {
  readonly label: string;
  of(frames: Frames): AnyDataFrame;
}

export interface Frames {
  readonly facts: AnyDataFrame;
  readonly names: AnyDataFrame;
}

/** Deterministic: row numbers through a multiplicative hash. */
export function columnsOf(rowCount: number) {
  const scattered = (row: number, range: number) => (Math.imul(row + 1, 0x9e3779b1) >>> 0) % range;
  const keyCount = Math.max(1, Math.floor(rowCount / 20));
  return {
    facts: {
      key: Int32Array.from({ length: rowCount }, (_, row) => scattered(row, keyCount)),
      small: Int32Array.from({ length: rowCount }, (_, row) => scattered(row * 7, 50)),
      value: Float64Array.from({ length: rowCount }, (_, row) => scattered(row * 3, 1e6) / 1024),
    },
    names: {
      key: Int32Array.from({ length: keyCount }, (_, row) => row),
      weight: Float64Array.from({ length: keyCount }, (_, row) => scattered(row, 1000) / 8),
    },
  };
}

const total = () => ({ n: count(), total: col("value").sum(), worst: col("value").max() });

export const queries: readonly Query[] = [
  {
    label: "filter, then sum by 50 groups",
    of: ({ facts }) => facts.filter(col("value").gt(100)).groupBy("small").agg(total()),
  },
  {
    label: "sum by a twentieth as many groups as rows",
    of: ({ facts }) => facts.groupBy("key").agg(total()),
  },
  {
    label: "join, then sum by 50 groups",
    of: ({ facts, names }) =>
      facts
        .join(names, { on: "key" })
        .groupBy("small")
        .agg({ n: count(), total: col("value").mul(col("weight")).sum() }),
  },
  {
    label: "sort by two keys",
    of: ({ facts }) => facts.sort([{ by: "value", descending: true }, { by: "key" }]),
  },
];
