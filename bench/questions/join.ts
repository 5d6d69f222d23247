// The five join questions of db-benchmark, on J1_<rows>_NA_0_0 and its three right tables. Columns
// of both sides are kept, as there.
import type { Question } from "./question.ts";

export const joinQuestions: readonly Question[] = [
  {
    id: "join q1",
    title: "small inner on integer",
    sums: ["id1", "id2", "id3", "v1", "v2"],
    ask: {
      kind: "frame",
      duckdb: "SELECT x.*, small.id4 AS id4_right, v2 FROM x JOIN small USING (id1)",
      polars: ({ x, small }) => x!.join(small!, { on: "id1", how: "inner", suffix: "_right" }),
      gpudataframe: ({ x, small }) => x!.join(small!, { on: "id1", how: "inner" }),
    },
  },
  {
    id: "join q2",
    title: "medium inner on integer",
    sums: ["id1", "id2", "id3", "v1", "v2", "id1_right"],
    ask: {
      kind: "frame",
      duckdb: `SELECT x.*, medium.id1 AS id1_right, medium.id4 AS id4_right, medium.id5 AS id5_right, v2
               FROM x JOIN medium USING (id2)`,
      polars: ({ x, medium }) => x!.join(medium!, { on: "id2", how: "inner", suffix: "_right" }),
      gpudataframe: ({ x, medium }) => x!.join(medium!, { on: "id2", how: "inner" }),
    },
  },
  {
    id: "join q3",
    title: "medium left on integer",
    sums: ["id1", "id2", "id3", "v1", "v2", "id1_right"],
    ask: {
      kind: "frame",
      duckdb: `SELECT x.*, medium.id1 AS id1_right, medium.id4 AS id4_right, medium.id5 AS id5_right, v2
               FROM x LEFT JOIN medium USING (id2)`,
      polars: ({ x, medium }) => x!.join(medium!, { on: "id2", how: "left", suffix: "_right" }),
      gpudataframe: ({ x, medium }) => x!.join(medium!, { on: "id2", how: "left" }),
    },
  },
  {
    id: "join q4",
    title: "medium inner on text",
    sums: ["id1", "id2", "id3", "v1", "v2", "id1_right", "id2_right"],
    ask: {
      kind: "frame",
      duckdb: `SELECT x.*, medium.id1 AS id1_right, medium.id2 AS id2_right, medium.id4 AS id4_right, v2
               FROM x JOIN medium USING (id5)`,
      polars: ({ x, medium }) => x!.join(medium!, { on: "id5", how: "inner", suffix: "_right" }),
      gpudataframe: ({ x, medium }) => x!.join(medium!, { on: "id5", how: "inner" }),
    },
  },
  {
    id: "join q5",
    title: "big inner on integer",
    sums: ["id1", "id2", "id3", "v1", "v2", "id1_right", "id2_right"],
    ask: {
      kind: "frame",
      duckdb: `SELECT x.*, big.id1 AS id1_right, big.id2 AS id2_right, big.id4 AS id4_right,
                      big.id5 AS id5_right, big.id6 AS id6_right, v2
               FROM x JOIN big USING (id3)`,
      polars: ({ x, big }) => x!.join(big!, { on: "id3", how: "inner", suffix: "_right" }),
      gpudataframe: ({ x, big }) => x!.join(big!, { on: "id3", how: "inner" }),
    },
  },
];
