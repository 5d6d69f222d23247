// The five join questions of db-benchmark, on J1_<rows>_NA_0_0 and its three right tables. Columns
// of both sides are kept, as there.
import type { Question } from "./question.ts";

interface JoinQuestion {
  readonly title: string;
  readonly right: "small" | "medium" | "big";
  readonly on: string;
  readonly how: "inner" | "left";
  /** Columns of both sides that are no keys: the right one's gets a suffix. */
  readonly both: readonly string[];
}

const JOINS: readonly JoinQuestion[] = [
  { title: "small inner on integer", right: "small", on: "id1", how: "inner", both: ["id4"] },
  {
    title: "medium inner on integer",
    right: "medium",
    on: "id2",
    how: "inner",
    both: ["id1", "id4", "id5"],
  },
  {
    title: "medium left on integer",
    right: "medium",
    on: "id2",
    how: "left",
    both: ["id1", "id4", "id5"],
  },
  {
    title: "medium inner on text",
    right: "medium",
    on: "id5",
    how: "inner",
    both: ["id1", "id2", "id4"],
  },
  {
    title: "big inner on integer",
    right: "big",
    on: "id3",
    how: "inner",
    both: ["id1", "id2", "id4", "id5", "id6"],
  },
];

/** The others are texts. */
const NUMBERS = ["id1", "id2", "id3"];

export const joinQuestions: readonly Question[] = JOINS.map(
  ({ title, right, on, how, both }, index) => {
    const suffixed = both.map((name) => `${right}.${name} AS ${name}_right`).join(", ");
    const sums = both.filter((name) => NUMBERS.includes(name)).map((name) => `${name}_right`);
    const join = how === "left" ? "LEFT JOIN" : "JOIN";
    return {
      id: `join q${index + 1}`,
      title,
      sums: [...NUMBERS, "v1", "v2", ...sums],
      ask: {
        kind: "frame",
        duckdb: `SELECT x.*, ${suffixed}, v2 FROM x ${join} ${right} USING (${on})`,
        polars: (tables) => tables.x!.join(tables[right]!, { on, how, suffix: "_right" }),
        gpudataframe: (tables) => tables.x!.join(tables[right]!, { on, how }),
      },
    };
  },
);
