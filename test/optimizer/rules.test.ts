// What each rule does to a plan, and what it leaves alone. Plans are compared as printed text, one line an operator.

import { writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { col, count, type Expr, lit } from "../../src/expr/index.ts";
import type { CsvSource } from "../../src/io/index.ts";
import { optimize, RULES } from "../../src/optimizer/index.ts";
import {
  aggregate,
  concat,
  distinct,
  filter,
  groupRows,
  join,
  keepColumn,
  keysOn,
  type LogicalJoinHow,
  type LogicalPlan,
  planText,
  project,
  repartition,
  scanCsv,
  slice,
  sort,
} from "../../src/plan/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { csvSource, named, T, table, U } from "./plans.ts";

const folder = temporaryFolder();
let source: CsvSource;
beforeAll(async () => {
  const path = joinPath(folder, "t.csv");
  writeFileSync(path, "a,b,s\n1,2,x\n3,4,y\n");
  source = await csvSource(path);
});

/** The plan after one rule, scans shortened. */
function after(rule: string, plan: LogicalPlan): string[] {
  const disable = RULES.map(({ name }) => name).filter((name) => name !== rule);
  const text = planText(optimize(plan, { disable }).plan);
  return text.replaceAll(`${folder}/`, "").split("\n");
}

const where = (plan: LogicalPlan, predicate: Expr) => filter(plan, predicate.node);
const by = (name: string) => ({ expr: col(name).node, descending: false, nulls: "last" as const });
const on = (how: LogicalJoinHow) => ({ leftOn: [col("a").node], rightOn: [col("k").node], how });
const SCAN = "scan table of 0 rows";

describe("constantFolding", () => {
  test.each([
    [col("a").gt(lit(1).add(2)), "filter (a > 3)"],
    [col("f").gt(lit(0.1).add(0.2)), "filter (f > 0.30000000000000004)"],
    [col("a").gt(1).and(lit(true)), "filter (a > 1)"],
    [col("a").gt(1).not().not(), "filter (a > 1)"],
    [lit(1).lt(2), null],
    [lit(2).lt(1).or(false), "limit 0"],
    [col("a").gt(1).and(false), "limit 0"],
    [lit(null).isNull(), null],
  ] as [Expr, string | null][])("%#: %o", (predicate, line) => {
    const lines = after("constantFolding", where(T(), predicate));
    expect(lines).toEqual(line === null ? [SCAN] : [line, `  ${SCAN}`]);
  });

  test("what would fail stays for run time; a folded literal keeps its dtype", () => {
    const overflow = col("a").gt(lit(2n ** 62n).mul(2));
    expect(after("constantFolding", where(T(), overflow))[0]).toContain("*");
    const narrow = table({ i: "int8" });
    const plan = project(narrow, named({ x: col("i").add(lit(1).add(1)) }));
    expect(optimize(plan).plan.schema.dtypeOf("x").kind).toBe("int64");
  });
});

describe("predicatePushdown", () => {
  const rule = "predicatePushdown";
  const p = col("a").gt(1);

  test("below project, in terms of its input", () => {
    const plan = where(
      project(T(), named({ x: col("a"), y: col("f").mul(2) })),
      col("x").gt(1).and(col("y").lt(3)),
    );
    expect(after(rule, plan)).toEqual([
      "project x = a, y = (f * 2)",
      "  filter ((a > 1) and ((f * 2) < 3))",
      `    ${SCAN}`,
    ]);
  });

  test("not below a projection where it could fail", () => {
    const plan = where(project(T(), named({ x: col("a").mul(2) })), col("x").gt(1));
    expect(after(rule, plan)[0]).toBe("filter (x > 1)");
  });

  test("below sort, distinct, repartition and into every input of concat", () => {
    expect(after(rule, where(sort(T(), [by("b")]), p))[1]).toBe("  filter (a > 1)");
    expect(after(rule, where(repartition(T(), 2), p))[1]).toBe("  filter (a > 1)");
    expect(after(rule, where(distinct(T()), p))[1]).toBe("  filter (a > 1)");
    expect(after(rule, where(distinct(T(), ["a"]), p))[1]).toBe("  filter (a > 1)");
    expect(after(rule, where(concat([T(), T()]), p))).toEqual([
      "concat of 2",
      "  filter (a > 1)",
      `    ${SCAN}`,
      "  filter (a > 1)",
      `    ${SCAN}`,
    ]);
  });

  test.each([
    ["top-k", () => sort(T(), [by("b")], 3), p],
    ["limit", () => slice(T(), 0, 3), p],
    ["distinct by other columns", () => distinct(T(), ["b"]), p],
    [
      "distinct, and a predicate that tells -0 from 0",
      () => distinct(T()),
      lit(1).div(col("f")).gt(0),
    ],
    ["a global aggregate", () => aggregate(T(), [], named({ a: col("a").max() })), p],
    [
      "an aggregated column",
      () => aggregate(T(), [keepColumn("b")], named({ a: col("a").max() })),
      p,
    ],
  ])("not below %s", (_, input, predicate) => {
    expect(after(rule, where(input(), predicate))[0]).toMatch(/^filter/);
  });

  test("group keys filter below the aggregate, the rest stays above", () => {
    const grouped = aggregate(T(), named({ key: col("a") }), named({ n: count() }));
    expect(after(rule, where(grouped, col("key").gt(1).and(col("n").gt(2))))).toEqual([
      "filter (n > 2)",
      "  aggregate by key = a: n = count()",
      "    filter (a > 1)",
      `      ${SCAN}`,
    ]);
  });

  test.each([
    ["inner", "a", ["left"]],
    ["inner", "t", ["right"]],
    ["left", "a", ["left"]],
    ["right", "t", ["right"]],
    ["semi", "a", ["left"]],
    ["anti", "a", ["left"]],
  ] as [LogicalJoinHow, string, string[]][])(
    "%s join: a predicate of %s goes %s",
    (how, name, sides) => {
      const plan = where(join(T(), U(), on(how)), col(name).isNull());
      const lines = after(rule, plan);
      expect(lines[0]).toMatch(`${how} join`);
      expect(lines[1]?.trim().startsWith("filter")).toBe(sides.includes("left"));
      expect(lines.at(-2)?.trim().startsWith("filter")).toBe(sides.includes("right"));
    },
  );

  test.each([
    ["left", "t"],
    ["right", "a"],
    ["full", "a"],
    ["full", "t"],
  ] as [LogicalJoinHow, string][])("%s join: isNull of %s stays above", (how, name) => {
    const plan = where(join(T(), U(), on(how)), col(name).isNull());
    expect(after(rule, plan).slice(0, 2)).toEqual([
      `filter isNull(${name})`,
      `  ${how} join on a = k`,
    ]);
  });

  test.each([
    ["left", col("t").eq("x"), "inner"],
    ["right", col("f").gt(0), "inner"],
    ["full", col("f").gt(0), "left"],
    ["full", col("t").eq("x"), "right"],
    ["full", col("f").gt(0).and(col("t").eq("x")), "inner"],
    ["full", col("f").gt(0).or(col("t").eq("x")), "full"],
    ["left", col("t").eq("x").or(col("f").gt(0)), "left"],
  ] as [LogicalJoinHow, Expr, LogicalJoinHow][])(
    "%s join under %#: pads no row that passes",
    (how, predicate, weaker) => {
      const text = after(rule, where(join(T(), U(), on(how)), predicate)).join("\n");
      expect(text).toContain(`${weaker} join`);
    },
  );

  test("a predicate of coalesced keys filters both sides", () => {
    for (const how of ["inner", "left", "right", "full"] as const) {
      const plan = where(join(T(), U(), { ...keysOn(["b"]), how }), col("b").gt(5));
      expect(after(rule, plan)).toEqual([
        `${how} join on b`,
        "  filter (b > 5)",
        `    ${SCAN}`,
        "  filter (b > 5)",
        `    ${SCAN}`,
      ]);
    }
  });

  test("a validated join sees all rows of its sides", () => {
    const plan = where(join(T(), U(), { ...on("inner"), validate: "m:1" }), col("a").gt(1));
    expect(after(rule, plan)[0]).toBe("filter (a > 1)");
  });

  test("a fallible predicate stays above its guard; the guard goes on alone", () => {
    const guarded = where(
      where(sort(T(), [by("b")]), col("b").lt(100)),
      col("b").cast("int8").gt(1),
    );
    expect(after(rule, guarded)[0]).toContain("int8");
    const both = where(sort(T(), [by("b")]), col("b").lt(100).and(col("b").cast("int8").gt(1)));
    const lines = after(rule, both);
    expect(lines[0]).toMatch(/^filter .*int8/);
    expect(lines[1]).toBe("  sort by b");
    expect(lines[2]).toBe("    filter (b < 100)");
  });

  test("into a csv scan, unless it has a limit", () => {
    expect(after(rule, where(scanCsv(source), p))).toEqual(["scan csv t.csv, where (a > 1)"]);
    expect(after(rule, where(where(scanCsv(source), p), col("b").lt(5)))).toEqual([
      "scan csv t.csv, where ((a > 1) and (b < 5))",
    ]);
    const fallible = after(rule, where(where(scanCsv(source), p), col("b").add(1).lt(5)));
    expect(fallible).toEqual(["filter ((b + 1) < 5)", "  scan csv t.csv, where (a > 1)"]);
    expect(after(rule, where(scanCsv(source, { limit: 3 }), p))[0]).toBe("filter (a > 1)");
  });
});

describe("projectionPushdown", () => {
  const rule = "projectionPushdown";
  const pick = (plan: LogicalPlan, ...names: string[]) => project(plan, names.map(keepColumn));

  test("scans read what is needed", () => {
    expect(after(rule, pick(where(T(), col("a").gt(1)), "f"))).toEqual([
      "project f",
      "  project f",
      "    filter (a > 1)",
      "      scan table of 0 rows, columns a, f (2 of 4)",
    ]);
    expect(after(rule, pick(scanCsv(source, { predicate: col("b").gt(1).node }), "a"))[1]).toBe(
      "  scan csv t.csv, columns a (1 of 3), where (b > 1)",
    );
  });

  test("counting rows reads one cheap column", () => {
    const plan = aggregate(scanCsv(source), [], named({ n: count() }));
    expect(after(rule, plan)[1]).toBe("  scan csv t.csv, columns a (1 of 3)");
  });

  test("unused columns and aggregates are not computed", () => {
    const wide = project(T(), named({ x: col("a").add(1), y: col("b").add(1) }));
    expect(after(rule, pick(wide, "x"))[1]).toBe("  project x = (a + 1)");
    const grouped = aggregate(T(), [keepColumn("s")], named({ n: count(), m: col("f").max() }));
    expect(after(rule, pick(grouped, "n"))).toEqual([
      "project n",
      "  project n",
      "    aggregate by s: n = count()",
      "      scan table of 0 rows, columns s (1 of 4)",
    ]);
  });

  test("joins give what is needed, and names keep their suffixes", () => {
    const plan = pick(join(T(), U(), on("inner")), "f", "b_right");
    expect(after(rule, plan)).toEqual([
      "project f, b_right",
      "  inner join on a = k, columns f, b_right",
      "    scan table of 0 rows, columns a, b, f (3 of 4)",
      "    scan table of 0 rows, columns k, b (2 of 3)",
    ]);
  });

  test("distinct rows stay whole", () => {
    expect(after(rule, pick(distinct(T()), "a")).at(-1)).toContain(SCAN);
    expect(after(rule, pick(distinct(T(), ["b"]), "a")).at(-1)).toContain("columns a, b (2 of 4)");
  });

  test("a shared input is pruned once, to what all its readers need", () => {
    const shared = aggregate(
      T(),
      [],
      named({ x: col("a").max(), y: col("b").max(), z: col("f").max() }),
    );
    const plan = concat([pick(shared, "x"), project(shared, named({ x: col("y") }))]);
    const { plan: pruned } = optimize(plan);
    if (pruned.kind !== "concat") throw new Error("a concat stays one");
    const [first, second] = pruned.inputs.map((input) =>
      input.kind === "project" ? input.input : input,
    );
    expect(first).toBe(second);
    expect(first?.schema.names).toEqual(["x", "y"]);
  });
});

describe("limits", () => {
  test("limitPushdown", () => {
    const rule = "limitPushdown";
    expect(after(rule, slice(project(scanCsv(source), [keepColumn("a")]), 0, 5))).toEqual([
      "project a",
      "  scan csv t.csv, first 5",
    ]);
    expect(after(rule, slice(scanCsv(source), 2, 5))).toEqual([
      "slice of 5 from 2",
      "  scan csv t.csv, first 7",
    ]);
    expect(after(rule, slice(slice(T(), 2, 5), 1, 10))).toEqual(["slice of 4 from 3", `  ${SCAN}`]);
    expect(after(rule, slice(concat([T(), T()]), 1, 2))).toEqual([
      "slice of 2 from 1",
      "  concat of 2",
      "    limit 3",
      `      ${SCAN}`,
      "    limit 3",
      `      ${SCAN}`,
    ]);
    expect(after(rule, slice(where(T(), col("a").gt(1)), 0, 2))[0]).toBe("limit 2");
  });

  test("topK", () => {
    expect(after("topK", slice(sort(T(), [by("a")]), 0, 5))[0]).toBe("sort by a, first 5");
    expect(after("topK", slice(sort(T(), [by("a")]), 2, 5)).slice(0, 2)).toEqual([
      "slice of 5 from 2",
      "  sort by a, first 7",
    ]);
  });
});

describe("merging", () => {
  test("filters, unless the upper one may fail", () => {
    const lower = where(T(), col("a").gt(1));
    expect(after("mergeFilters", where(lower, col("b").lt(2)))[0]).toBe(
      "filter ((a > 1) and (b < 2))",
    );
    expect(after("mergeFilters", where(lower, col("b").add(1).lt(2)))[0]).toBe(
      "filter ((b + 1) < 2)",
    );
  });

  test("projections; a bare literal keeps the dtype that it had as a column", () => {
    const lower = project(T(), named({ x: col("f").mul(2), one: lit(1), s: col("s") }));
    expect(
      after("mergeProjects", project(lower, named({ y: col("x").add(col("x")), s: col("s") }))),
    ).toEqual(["project y = ((f * 2) + (f * 2)), s", `  ${SCAN}`]);
    const narrow = project(table({ i: "int32" }), [keepColumn("i"), ...named({ one: lit(1) })]);
    const plan = project(narrow, named({ sum: col("i").add(col("one")) }));
    expect(plan.schema.dtypeOf("sum").kind).toBe("int64");
    expect(optimize(plan).plan.schema.dtypeOf("sum").kind).toBe("int64");
  });

  test("a projection of everything disappears; a doubling chain does not explode", () => {
    expect(after("mergeProjects", project(T(), T().schema.names.map(keepColumn)))).toEqual([SCAN]);
    let plan: LogicalPlan = project(T(), [keepColumn("f")]);
    for (let i = 0; i < 60; i++) plan = project(plan, named({ f: col("f").add(col("f")) }));
    const start = process.cpuUsage();
    optimize(where(plan, col("f").gt(1)));
    // About 100 ms; without the memory of what is known already, 1.5 s.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
  });
});

describe("shared subplans", () => {
  const groups = () => {
    const filtered = where(SHARED_SCAN, col("a").gt(1));
    return aggregate(filtered, named({ a: col("a") }), named({ n: col("b").sum() }));
  };
  const SHARED_SCAN = T();
  const all = (plan: LogicalPlan) => planText(optimize(plan).plan).split("\n");
  const twice = (left: LogicalPlan, right: LogicalPlan) =>
    join(left, right, { leftOn: [col("n").node], rightOn: [col("n").node] });

  test("equal subplans that were built apart are one node", () => {
    const plan = twice(groups(), groups());
    for (const rule of ["commonSubplans", "commonRewrites"]) {
      expect(after(rule, plan)).toEqual([
        "inner join on n = n",
        "  [shared 1] aggregate by a: n = sum(b)",
        "    filter (a > 1)",
        `      ${SCAN}`,
        "  [shared 1] as above",
      ]);
    }
  });

  test.each<[string, LogicalPlan]>([
    ["another literal", where(SHARED_SCAN, col("a").gt(2))],
    ["-0 for 0", where(SHARED_SCAN, col("f").gt(-0))],
    ["another column", where(SHARED_SCAN, col("b").gt(1))],
    ["another source of the same shape", where(T(), col("a").gt(1))],
    ["another name", project(SHARED_SCAN, named({ x: col("a") }))],
    ["another limit", slice(SHARED_SCAN, 0, 2)],
  ])("%s is another subplan", (_, other) => {
    const bases = [
      where(SHARED_SCAN, col("a").gt(1)),
      where(SHARED_SCAN, col("f").gt(0)),
      project(SHARED_SCAN, named({ y: col("a") })),
      slice(SHARED_SCAN, 0, 3),
    ];
    for (const base of bases) {
      const plan = join(base, other, { leftOn: [], rightOn: [], how: "cross", suffix: "_2" });
      const lines = after("commonSubplans", plan);
      // Only the scan below may be shared.
      expect(lines.filter((line) => /shared/.test(line) && !line.includes("scan"))).toEqual(
        lines.filter((line) => line.trim() === "[shared 1] as above"),
      );
    }
  });

  test("filters and limits stay above what is dear and shared, and still enter the rest", () => {
    const shared = groups();
    const plan = twice(where(shared, col("a").gt(5)), where(shared, col("a").lt(3)));
    expect(all(plan).filter((line) => line.includes("aggregate"))).toHaveLength(1);
    const alone = all(where(shared, col("a").gt(5)));
    expect(alone[0]).toBe("aggregate by a: n = sum(b)");
    const sorted = sort(T(), [by("a")]);
    const both = concat([slice(sorted, 0, 3), sorted]);
    expect(all(both).filter((line) => line.includes("sort"))).toEqual(["    [shared 1] sort by a"]);
  });

  test("a csv file that two filters read is decoded once", () => {
    const scan = scanCsv(source);
    const plan = concat([where(scan, col("a").gt(1)), where(scan, col("a").lt(0))]);
    expect(all(plan).filter((line) => line.includes("scan csv"))).toHaveLength(1);
    expect(all(where(scan, col("a").gt(1)))[0]).toContain("where (a > 1)");
  });

  test("readers that push the same filter share what it gives", () => {
    const scan = scanCsv(source);
    const one = where(project(scan, named({ a: col("a") })), col("a").gt(1));
    const two = where(project(scan, named({ a: col("a") })), col("a").gt(1));
    expect(all(concat([one, two])).filter((line) => line.includes("scan csv"))).toHaveLength(1);
  });

  test("a filter or computed columns that others read too are not repeated in each", () => {
    const lower = where(SHARED_SCAN, col("a").gt(1));
    const filters = concat([where(lower, col("b").gt(1)), where(lower, col("b").lt(0))]);
    expect(after("mergeFilters", filters).filter((line) => /\(a > 1\)/.test(line))).toHaveLength(1);
    const computed = project(SHARED_SCAN, named({ x: col("f").mul(2), a: col("a") }));
    const x = (expr: Expr) => project(computed, named({ y: expr }));
    const projects = concat([x(col("x").add(1)), x(col("x").sub(1))]);
    expect(after("mergeProjects", projects).filter((line) => /\* 2/.test(line))).toHaveLength(1);
  });
});

describe("joinSide", () => {
  test("the smaller side is hashed", () => {
    expect(after("joinSide", join(T(10), U(1000), on("inner")))[0]).toContain("build left");
    expect(after("joinSide", join(T(1000), U(10), on("inner")))[0]).toContain("build right");
    const reduced = where(where(T(2000), col("a").eq(1)), col("b").eq(1));
    expect(after("joinSide", join(reduced, U(1000), on("inner")))[0]).toContain("build left");
  });
});

describe("the wrapper", () => {
  test("reports each rule, leaves rules out by name, refuses unknown names", () => {
    const plan = where(sort(T(), [by("b")]), col("a").gt(1));
    const { steps } = optimize(plan);
    expect(steps.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name));
    expect(steps.filter(({ changed }) => changed).map(({ rule }) => rule)).toEqual([
      "predicatePushdown",
    ]);
    expect(optimize(plan, { disable: "all" }).plan).toBe(plan);
    expect(optimize(plan, { disable: ["predicatePushdown"] }).plan).toBe(plan);
    expect(() => optimize(plan, { disable: ["pushdown"] })).toThrow(/predicatePushdown/);
  });
});

describe("rows of each group", () => {
  const top = (input: LogicalPlan) =>
    groupRows(input, named({ a: col("a") }), {
      order: [{ ...by("b"), descending: true }],
      count: 2,
      end: "first",
      dropNulls: false,
    });

  test("a filter over keys goes below, one over other columns does not", () => {
    const plan = where(top(T()), col("a").gt(1).and(col("b").gt(2)));
    expect(after("predicatePushdown", plan)).toEqual([
      "filter (b > 2)",
      "  first 2 rows of each a in the order of b descending",
      "    filter (a > 1)",
      `      ${SCAN}`,
    ]);
  });

  test("columns that neither keys, order nor readers need are not read", () => {
    const plan = project(top(T()), [keepColumn("a")]);
    const lines = after("projectionPushdown", plan);
    expect(lines.at(-1)).toContain("columns a, b (2 of");
  });

  test("equal ones are computed once", () => {
    const input = T();
    const plan = concat([top(input), top(input)]);
    expect(after("commonSubplans", plan).filter((line) => line.includes("as above"))).toHaveLength(
      1,
    );
  });
});
