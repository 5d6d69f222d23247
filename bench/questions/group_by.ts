// The ten group-by questions of db-benchmark, on G1_<rows>_1e2_0_0.
import { col, count } from "gpudataframe";
import type { Question } from "./question.ts";

export const groupByQuestions: readonly Question[] = [
  {
    id: "groupby q1",
    title: "sum v1 by id1",
    sums: ["v1"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id1, sum(v1) AS v1 FROM x GROUP BY id1",
      polars: ({ x }, pl) => x!.groupBy(["id1"]).agg(pl.col("v1").sum()),
      gpudataframe: ({ x }) => x!.groupBy("id1").agg({ v1: col("v1").sum() }),
    },
  },
  {
    id: "groupby q2",
    title: "sum v1 by id1, id2",
    sums: ["v1"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id1, id2, sum(v1) AS v1 FROM x GROUP BY id1, id2",
      polars: ({ x }, pl) => x!.groupBy(["id1", "id2"]).agg(pl.col("v1").sum()),
      gpudataframe: ({ x }) => x!.groupBy("id1", "id2").agg({ v1: col("v1").sum() }),
    },
  },
  {
    id: "groupby q3",
    title: "sum v1, mean v3 by id3",
    sums: ["v1", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id3, sum(v1) AS v1, avg(v3) AS v3 FROM x GROUP BY id3",
      polars: ({ x }, pl) => x!.groupBy(["id3"]).agg(pl.col("v1").sum(), pl.col("v3").mean()),
      gpudataframe: ({ x }) => x!.groupBy("id3").agg({ v1: col("v1").sum(), v3: col("v3").mean() }),
    },
  },
  {
    id: "groupby q4",
    title: "mean v1:v3 by id4",
    sums: ["id4", "v1", "v2", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id4, avg(v1) AS v1, avg(v2) AS v2, avg(v3) AS v3 FROM x GROUP BY id4",
      polars: ({ x }, pl) =>
        x!.groupBy(["id4"]).agg(pl.col("v1").mean(), pl.col("v2").mean(), pl.col("v3").mean()),
      gpudataframe: ({ x }) =>
        x!.groupBy("id4").agg({ v1: col("v1").mean(), v2: col("v2").mean(), v3: col("v3").mean() }),
    },
  },
  {
    id: "groupby q5",
    title: "sum v1:v3 by id6",
    sums: ["id6", "v1", "v2", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id6, sum(v1) AS v1, sum(v2) AS v2, sum(v3) AS v3 FROM x GROUP BY id6",
      polars: ({ x }, pl) =>
        x!.groupBy(["id6"]).agg(pl.col("v1").sum(), pl.col("v2").sum(), pl.col("v3").sum()),
      gpudataframe: ({ x }) =>
        x!.groupBy("id6").agg({ v1: col("v1").sum(), v2: col("v2").sum(), v3: col("v3").sum() }),
    },
  },
  {
    id: "groupby q6",
    title: "median v3, sd v3 by id4, id5",
    sums: ["id4", "id5", "median", "sd"],
    ask: {
      kind: "frame",
      duckdb: `SELECT id4, id5, quantile_cont(v3, 0.5) AS median, stddev(v3) AS sd
               FROM x GROUP BY id4, id5`,
      polars: ({ x }, pl) =>
        x!
          .groupBy(["id4", "id5"])
          .agg(pl.col("v3").median().alias("median"), pl.col("v3").std().alias("sd")),
      gpudataframe: ({ x }) =>
        x!.groupBy("id4", "id5").agg({ median: col("v3").median(), sd: col("v3").std() }),
    },
  },
  {
    id: "groupby q7",
    title: "max v1 - min v2 by id3",
    sums: ["range"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id3, max(v1) - min(v2) AS range FROM x GROUP BY id3",
      polars: ({ x }, pl) =>
        x!.groupBy(["id3"]).agg(pl.col("v1").max().sub(pl.col("v2").min()).alias("range")),
      gpudataframe: ({ x }) =>
        x!.groupBy("id3").agg({ range: col("v1").max().sub(col("v2").min()) }),
    },
  },
  {
    id: "groupby q8",
    title: "two largest v3 by id6",
    sums: ["id6", "v3"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id6, unnest(max(v3, 2)) AS v3 FROM x WHERE v3 IS NOT NULL GROUP BY id6",
      // nodejs-polars has no top_k expression yet, which is what db-benchmark uses in Python.
      polars: ({ x }, pl) =>
        x!
          .groupBy(["id6"])
          .agg(pl.col("v3").sort({ descending: true }).head(2))
          .explode("v3"),
      gpudataframe: ({ x }) =>
        x!.filter(col("v3").isNotNull()).groupBy("id6").topK(2, "v3").select("id6", "v3"),
    },
  },
  {
    id: "groupby q9",
    title: "corr(v1, v2)^2 by id2, id4",
    sums: ["id4", "r2"],
    ask: {
      kind: "frame",
      duckdb: "SELECT id2, id4, pow(corr(v1, v2), 2) AS r2 FROM x GROUP BY id2, id4",
      polars: ({ x }, pl) =>
        x!.groupBy(["id2", "id4"]).agg(pl.pearsonCorr("v1", "v2").pow(2).alias("r2")),
      gpudataframe: ({ x }) => {
        const r = col("v1").corr(col("v2"));
        return x!.groupBy("id2", "id4").agg({ r2: r.mul(r) });
      },
    },
  },
  {
    id: "groupby q10",
    title: "sum v3, count by id1:id6",
    sums: ["id4", "id5", "id6", "v3", "count"],
    ask: {
      kind: "frame",
      duckdb: `SELECT id1, id2, id3, id4, id5, id6, sum(v3) AS v3, count(*) AS count
               FROM x GROUP BY id1, id2, id3, id4, id5, id6`,
      polars: ({ x }, pl) =>
        x!
          .groupBy(["id1", "id2", "id3", "id4", "id5", "id6"])
          .agg(pl.col("v3").sum(), pl.len().alias("count")),
      gpudataframe: ({ x }) =>
        x!
          .groupBy("id1", "id2", "id3", "id4", "id5", "id6")
          .agg({ v3: col("v3").sum(), count: count() }),
    },
  },
];
