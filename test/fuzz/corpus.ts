// What random queries have found, as small as they got: each stays a test on every executor.

import type { DTypeLike } from "../../src/dtype/index.ts";
import { col } from "../../src/expr/index.ts";
import type { AnyFrame } from "./random_queries.ts";

export type FrameOf = (
  columns: Readonly<Record<string, readonly (null | boolean | number | bigint | string)[]>>,
  schema?: Readonly<Record<string, DTypeLike>>,
) => AnyFrame;

interface Found {
  readonly name: string;
  readonly build: (frameOf: FrameOf) => AnyFrame;
}

export const CORPUS: readonly Found[] = [
  {
    // Over several partitions of a GPU: it never ended.
    name: "partial states made on one device, merged on another",
    build: (frameOf) =>
      frameOf({ a: ["x", "y", "x", null, "y", "x"] })
        .groupBy("a")
        .agg({ last: col("a").last() }),
  },
  {
    // Rows with a null key counted as if they were of the only group: its values seemed to be those of rows that are dropped.
    name: "distinct values of the only group beside dropped null keys",
    build: (frameOf) =>
      frameOf({
        k: [null, true, null, true, true],
        a: [7, 7, 8, 9, 7],
        b: [false, false, false, false, false],
      })
        .groupBy(["k"], { dropNulls: true })
        .agg({ a: col("a").nUnique(), b: col("b").nUnique(), m: col("a").mode() }),
  },
  {
    // Merged states named their own row instead of the group's first.
    name: "a group's sum that overflows",
    build: (frameOf) => {
      const k = Array.from({ length: 28 }, (_, row) => (row < 4 ? "x" : "y"));
      const v = k.map(() => 2n ** 60n);
      return frameOf({ k, v }).groupBy("k").agg({ v: "sum" });
    },
  },
];
