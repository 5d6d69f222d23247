// Plans print one line an operator, derive their schemas anew over other inputs, and stay frozen.

import { describe, expect, test } from "vitest";
import { InvalidArgumentError } from "../../src/base/index.ts";
import { columnFromValues } from "../../src/column/index.ts";
import { type DTypeName, dtypeName, INT64, Schema, toDType } from "../../src/dtype/index.ts";
import { col, count, type Expr, lit } from "../../src/expr/index.ts";
import {
  aggregate,
  concat,
  distinct,
  filter,
  inputsOf,
  join,
  joinOutputs,
  keepColumn,
  keysOn,
  type LogicalPlan,
  operatorText,
  planText,
  project,
  rederive,
  repartition,
  scanPersisted,
  scanTable,
  slice,
  sort,
  withInputs,
} from "../../src/plan/index.ts";

function table(columns: Record<string, DTypeName>, rows = 0): LogicalPlan {
  const schema = new Schema(
    Object.entries(columns).map(([name, dtype]) => ({ name, dtype: toDType(dtype) })),
  );
  const values = new Array(rows).fill(null);
  return scanTable({
    schema,
    batches: [
      {
        rowCount: rows,
        columns: schema.fields.map(({ dtype }) => columnFromValues(values, dtype)),
      },
    ],
  });
}
const flights = () => table({ origin: "string", delay: "int64", distance: "float64" }, 2);
const airports = () => table({ iata: "string", delay: "int64" });
const named = (entries: Record<string, Expr>) =>
  Object.entries(entries).map(([name, { node }]) => ({ name, expr: node }));
const schemaText = ({ schema }: LogicalPlan) =>
  schema.fields.map(({ name, dtype }) => `${name}:${dtypeName(dtype)}`).join(" ");
const keys = (left: string, right: string) => ({
  leftOn: [col(left).node],
  rightOn: [col(right).node],
});

const CASES: readonly [string, () => LogicalPlan, string, string][] = [
  ["scanTable", flights, "scan table of 2 rows", "origin:string delay:int64 distance:float64"],
  [
    "scanPersisted",
    () =>
      scanPersisted({ id: "p1", schema: flights().schema, rowCount: 7, partitions: 1 }, ["delay"]),
    "scan persisted p1 of 7 rows, columns delay (1 of 3)",
    "delay:int64",
  ],
  [
    "project",
    () => project(flights(), [keepColumn("delay"), ...named({ "a b": col("distance").mul(2) })]),
    'project delay, "a b" = (distance * 2)',
    "delay:int64 a b:float64",
  ],
  [
    "filter",
    () => filter(flights(), col("delay").gt(15).node),
    "filter (delay > 15)",
    "origin:string delay:int64 distance:float64",
  ],
  [
    "aggregate",
    () =>
      aggregate(
        flights(),
        [keepColumn("origin")],
        named({ n: count(), worst: col("delay").max() }),
        {
          sortKeys: true,
          dropNulls: true,
        },
      ),
    "aggregate by origin, sorted by key, null keys dropped: n = count(), worst = max(delay)",
    "origin:string n:int64 worst:int64",
  ],
  [
    "join",
    () =>
      join(flights(), airports(), {
        ...keys("origin", "iata"),
        how: "left",
        nullEquals: true,
        validate: "m:1",
      }),
    "left join on origin = iata, nulls equal, validate m:1",
    "origin:string delay:int64 distance:float64 iata:string delay_right:int64",
  ],
  [
    "join on",
    () => join(flights(), airports(), keysOn(["delay"])),
    "inner join on delay",
    "origin:string delay:int64 distance:float64 iata:string",
  ],
  [
    "semi join",
    () => join(flights(), airports(), { ...keys("origin", "iata"), how: "semi" }),
    "semi join on origin = iata",
    "origin:string delay:int64 distance:float64",
  ],
  [
    "sort",
    () =>
      sort(
        flights(),
        [
          { expr: col("delay").node, descending: true, nulls: "first" },
          { expr: col("origin").node, descending: false, nulls: "last" },
        ],
        5,
      ),
    "sort by delay descending nulls first, origin, first 5",
    "origin:string delay:int64 distance:float64",
  ],
  ["limit", () => slice(flights(), 0, 3), "limit 3", "origin:string delay:int64 distance:float64"],
  [
    "slice",
    () => slice(flights(), 2, 3),
    "slice of 3 from 2",
    "origin:string delay:int64 distance:float64",
  ],
  [
    "distinct",
    () => distinct(flights(), ["origin"]),
    "distinct by origin",
    "origin:string delay:int64 distance:float64",
  ],
  [
    "concat",
    () => concat([flights(), flights()]),
    "concat of 2",
    "origin:string delay:int64 distance:float64",
  ],
  [
    "repartition",
    () => repartition(flights(), 4),
    "repartition into 4",
    "origin:string delay:int64 distance:float64",
  ],
];

describe("operators", () => {
  test.each(CASES)("%s", (_, build, text, schema) => {
    const plan = build();
    expect(operatorText(plan)).toBe(text);
    expect(schemaText(plan)).toBe(schema);
    expect(Object.isFrozen(plan)).toBe(true);
    expect(withInputs(plan, inputsOf(plan))).toBe(plan);
    const copy = withInputs(
      plan,
      inputsOf(plan).map((input) => ({ ...input })),
    );
    expect(planText(copy)).toBe(planText(plan));
  });

  test("trees print with their inputs indented", () => {
    const plan = slice(
      join(filter(flights(), lit(true).node), airports(), keys("origin", "iata")),
      0,
      2,
    );
    expect(planText(plan)).toBe(
      [
        "limit 2",
        "  inner join on origin = iata",
        "    filter true",
        "      scan table of 2 rows",
        "    scan table of 0 rows",
      ].join("\n"),
    );
  });
});

describe("join", () => {
  test.each([
    ["int32", "int64", "int64"],
    ["int8", "uint8", "int16"],
    ["uint32", "int8", "int64"],
    ["float32", "float64", "float64"],
    ["decimal(5, 2)", "decimal(6, 4)", "decimal(7, 4)"],
    ["decimal(5, 2)", "int32", "decimal(12, 2)"],
    ["date", "timestamp[ms]", "timestamp[ms]"],
    ["timestamp[s]", "timestamp[ns]", "timestamp[ns]"],
    ["duration[us]", "duration[ms]", "duration[us]"],
  ] as const)("keys of %s and %s meet in %s", (left, right, common) => {
    const plan = join(table({ k: left }), table({ k: right }), keysOn(["k"]));
    expect(schemaText(plan)).toBe(`k:${common}`);
  });

  test.each([
    ["int64", "float64"],
    ["int64", "uint64"],
    ["decimal(5, 2)", "float64"],
    ["string", "int64"],
    ["date", "int32"],
  ] as const)("keys of %s and %s do not", (left, right) => {
    expect(() => join(table({ k: left }), table({ k: right }), keysOn(["k"]))).toThrow(
      /different dtypes/,
    );
  });

  test("outputs say where a column comes from; unwanted ones keep the names of the others", () => {
    const plan = join(flights(), airports(), {
      ...keys("origin", "iata"),
      outputs: ["delay_right"],
    });
    expect(joinOutputs(plan)).toEqual([
      { field: { name: "delay_right", dtype: INT64 }, side: "right", source: "delay" },
    ]);
  });

  test("names that clash even with the suffix are refused", () => {
    const left = table({ k: "int64", a: "int64", a_right: "int64" });
    expect(() => join(left, table({ k: "int64", a: "int64" }), keysOn(["k"]))).toThrow(
      /"a_right" is taken/,
    );
  });

  // Renaming the second one instead would make its name depend on whether anybody reads the first.
  test.each([
    ["a", "a_right"],
    ["a_right", "a"],
  ])("right columns %s, %s clash", (...names) => {
    const right = table(Object.fromEntries(names.map((name) => [name, "int64" as const])));
    const cross = { how: "cross", leftOn: [], rightOn: [] } as const;
    expect(() => join(table({ a: "int64" }), right, cross)).toThrow(InvalidArgumentError);
  });
});

describe("rederive", () => {
  test("derives every schema anew when a source changes", () => {
    const source = table({ id: "int64", x: "int64" });
    const other = table({ id: "int32" });
    const plan = aggregate(
      join(
        project(source, [keepColumn("id"), ...named({ y: col("x").add(1) })]),
        other,
        keysOn(["id"]),
      ),
      [keepColumn("id")],
      named({ y: col("y").sum() }),
    );
    const wider = table({ id: "int64", x: "float64" });
    const after = rederive(plan, (scan) => (scan === source ? wider : scan));
    expect(schemaText(after)).toBe("id:int64 y:float64");
    expect(schemaText(plan)).toBe("id:int64 y:int64");
  });

  test("join keys are cast anew, from what was given", () => {
    const left = table({ k: "int32" });
    const plan = join(left, table({ k: "int64" }), keysOn(["k"]));
    const text = rederive(plan, () => table({ k: "string" }));
    expect(schemaText(text)).toBe("k:string");
  });

  test("raises what no longer fits", () => {
    const plan = filter(flights(), col("delay").gt(1).node);
    expect(() => rederive(plan, () => table({ delay: "string" }))).toThrow(/delay/);
  });

  test("a node that stands twice still does", () => {
    const shared = filter(flights(), col("delay").gt(1).node);
    const plan = concat([shared, shared]);
    const after = rederive(plan, (scan) => ({ ...scan }) as LogicalPlan);
    expect(inputsOf(after)[0]).toBe(inputsOf(after)[1]);
  });
});
