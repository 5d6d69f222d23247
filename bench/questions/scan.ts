// What db-benchmark leaves out: reading the file, a selective filter, a sort. On the group-by table.
import { col } from "gpudataframe";
import type { Question } from "./question.ts";

export const scanQuestions: readonly Question[] = [
  {
    id: "scan read_csv",
    title: "types inferred",
    sums: ["id4", "id5", "id6", "v1", "v2", "v3"],
    ask: { kind: "read", table: "x" },
  },
  {
    id: "scan filter",
    title: "v3 < 1 and v1 = 3 (0.2% of rows)",
    sums: ["id4", "id5", "id6", "v1", "v2", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT * FROM x WHERE v3 < 1 AND v1 = 3",
      polars: ({ x }, pl) => x!.filter(pl.col("v3").lt(1).and(pl.col("v1").eq(3))),
      gpudataframe: ({ x }) => x!.filter(col("v3").lt(1).and(col("v1").eq(3))),
    },
  },
  {
    id: "scan sort",
    title: "by id6, v3",
    sums: ["id4", "id5", "id6", "v1", "v2", "v3"],
    probes: ["id6", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT * FROM x ORDER BY id6, v3",
      polars: ({ x }) => x!.sort(["id6", "v3"]),
      gpudataframe: ({ x }) => x!.sort([{ by: "id6" }, { by: "v3" }]),
    },
  },
];
