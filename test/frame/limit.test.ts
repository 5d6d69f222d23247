// limit() and head(): what is read, decoded and computed for them, by the tasks that ran.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { col, count, type DataFrame, type ProfileReport, Session } from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const PARTITIONS = 24;
const ROWS = 2400;
const A_PARTITION = ROWS / PARTITIONS;
const BAD_FROM = 11 * A_PARTITION;

interface Rows {
  toRows(): readonly object[];
}

interface Limited {
  compute(): Promise<Rows>;
  profile(): Promise<{ readonly table: Rows } & Pick<ProfileReport, "tasks">>;
}

interface Case {
  readonly name: string;
  readonly make: (frame: DataFrame, other: DataFrame) => Limited;
  /** The first partitions of the file, or of the frame, that hold what the result needs. */
  readonly needed: number;
}

const CASES: readonly Case[] = [
  { name: "filter, head", make: (f) => f.filter(col("id").ge(0)).limit(10), needed: 1 },
  {
    name: "filter, select, rows of later partitions",
    make: (f) =>
      f
        .filter(col("id").mod(2).eq(0))
        .select("name")
        .slice(4.5 * A_PARTITION, 10),
    needed: 10,
  },
  {
    name: "few rows in most partitions",
    make: (f) => f.filter(col("id").mod(A_PARTITION).eq(7)).limit(5),
    needed: 5,
  },
  {
    name: "the left side of a join",
    make: (f, other) => f.join(other, { on: "name" }).limit(3),
    needed: 1,
  },
  {
    name: "of what is put together",
    make: (f, other) =>
      f
        .filter(col("id").lt(5))
        .concat(other.filter(col("id").gt(30)))
        .limit(4),
    needed: 1,
  },
  { name: "no rows", make: (f) => f.filter(col("id").ge(0)).limit(0), needed: 1 },
];

describe.each(["reference", "cpu"] as const)("a limit on %s", (engine) => {
  const folder = temporaryFolder();
  let session: Session;
  let whole: Session;
  let path = "";
  beforeAll(async () => {
    path = join(folder, "in.csv");
    const pad = "x".repeat(240);
    const value = (row: number) => (row < BAD_FROM ? row : "?");
    const lines = Array.from(
      { length: ROWS },
      (_, row) => `${row},n${row % 7},${value(row)},${pad}`,
    );
    await writeFile(path, `id,name,value,pad\n${lines.join("\n")}\n`);
    session = new Session({ engine, partitions: PARTITIONS });
    whole = new Session({ engine, partitions: 1 });
  });
  afterAll(async () => {
    await session.close();
    await whole.close();
  });

  const other = (from: Session) => {
    const columns = { id: [3n, 40n], name: ["n3", "n1"], value: [3n, 40n], pad: ["", ""] };
    return from.fromColumns(columns) as unknown as DataFrame;
  };

  test.each(CASES)("ends a scan of a file early: $name", async ({ make, needed }) => {
    const options = { schema: { value: "int64" }, onError: "null" } as const;
    const made = async (from: Session) => make(await from.readCsv(path, options), other(from));
    const expected = await (await made(whole)).compute();
    const { table, tasks } = await (await made(session)).profile();
    expect(table.toRows()).toEqual(expected.toRows());
    const decoded = tasks.filter(({ operation, rowsOut }) => operation === "csv" && rowsOut > 0);
    // As many more may have been begun as were taken.
    expect(decoded.length).toBeLessThanOrEqual(2 * needed);
  });

  test("what lies behind its rows is neither an error nor a reject", async () => {
    const strict = await session.readCsv(path, { schema: { value: "int64" } });
    const until = (rows: number) => strict.filter(col("value").ge(0)).limit(rows);
    const before = await until(BAD_FROM - A_PARTITION).compute();
    expect(before.toRows()).toHaveLength(BAD_FROM - A_PARTITION);
    await expect(until(BAD_FROM + 1).compute()).rejects.toMatchObject({
      code: "PARSE_ERROR",
      line: BAD_FROM + 2,
    });
    const lenient = await session.readCsv(path, { schema: { value: "int64" }, onError: "null" });
    const rejectsOf = async (rows: number) =>
      (await lenient.filter(col("id").ge(0)).select("value").limit(rows).compute()).rejects.length;
    expect(await rejectsOf(BAD_FROM - A_PARTITION)).toBe(0);
    expect(await rejectsOf(ROWS)).toBe(ROWS - BAD_FROM);
  });

  test.each([0, 7, 3 * A_PARTITION + 1, ROWS + 5])("%i rows at most of a reader", async (limit) => {
    // In the second one a task could not hold the rows of all partitions.
    await using small = new Session({ engine, partitions: PARTITIONS, hostMemory: "64KiB" });
    for (const from of [session, small]) {
      const frame = await from.readCsv(path, { columns: ["id"], limit });
      const least = Math.min(limit, ROWS);
      const ids = Array.from({ length: least }, (_, id) => ({ id }));
      expect((await frame.compute()).toRows()).toEqual(ids);
      const kept = frame.filter(col("id").ge(5)).limit(ROWS);
      expect((await kept.compute()).toRows()).toEqual(ids.slice(5));
      const twice = frame.concat(frame.limit(9)).agg({ n: count() });
      expect((await twice.compute()).toRows()).toEqual([{ n: least + Math.min(9, least) }]);
    }
  });

  test("errors say the row of the whole input", async () => {
    const frame = await session.readCsv(path);
    const failing = frame
      .select(
        col("id")
          .sub(5.5 * A_PARTITION)
          .cast("int64")
          .as("from"),
      )
      .filter(
        col("from")
          .mul(2n ** 62n)
          .ne(1),
      );
    const wanted = failing.filter(col("from").ge(0)).limit(5).compute();
    await expect(wanted).rejects.toMatchObject({ code: "INTEGER_OVERFLOW" });
  });

  test("of rows in memory nothing is computed that is not needed", async () => {
    const rows = Array.from({ length: ROWS }, (_, row) => row);
    const frame = session.fromColumns({ id: rows });
    const cut = await frame.slice(700, 9).profile();
    expect(cut.table.toRows()).toEqual(rows.slice(700, 709).map((id) => ({ id })));
    expect(cut.tasks.filter(({ operation }) => operation !== "batch")).toEqual([]);
    const kept = await frame.filter(col("id").ge(150)).limit(60).profile();
    expect(kept.table.toRows()).toEqual(rows.slice(150, 210).map((id) => ({ id })));
    const evaluated = kept.tasks.filter(({ operation }) => operation === "evaluate");
    expect(evaluated.length).toBeLessThanOrEqual(2 * 3);
  });
});
