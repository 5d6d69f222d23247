// Names that are hard on objects, files and printers, in every public method that takes or gives names. What a method gives
// under plain names it must give under these, with the names put in their place. A new public method fails the last
// test until it is in the table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import { type AnyExpr, col, count } from "../../src/expr/index.ts";
import gpuDataFrame, { DataFrame, GroupBy, Series, Session, Table } from "../../src/index.ts";
import { HOSTILE, type Names, namesFrom, plain } from "../hostile_names.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { referenceSession } from "./session.ts";

/** Without what count() calls its own column. */
const NAMES = HOSTILE.filter((name) => name !== "count");
const hostile = (first: number) => namesFrom(NAMES, first);

/** What a plain run calls a result, under other names. */
const translated = (name: string, names: Names) =>
  name.replace(/^n(\d+)/, (_, place) => names(Number(place)));

const session = referenceSession();
const folder = temporaryFolder();

/** Columns 0 to 3: integers, texts, floats, integers. */
function frameOf(names: Names, seed = 0): DataFrame {
  const columns: [string, unknown[]][] = [
    [names(0), [3, 1, null, 1, 2 + seed]],
    [names(1), ["b", "a", "b", null, "a"]],
    [names(2), [0.5, -1, 2, null, seed]],
    [names(3), [5, 4, 3, 2, 1]],
  ];
  return session().fromColumns(Object.fromEntries(columns) as never) as unknown as DataFrame;
}

type Method = (frame: DataFrame, names: Names) => unknown;
const of = (names: Names, place: number): AnyExpr => col(names(place));
const entries = <T>(...pairs: [string, T][]): Record<string, T> => Object.fromEntries(pairs);
const any = (frame: DataFrame) =>
  frame as unknown as Record<string, (...args: unknown[]) => unknown>;

/** Frame in, frame out. Every place of the names is a column that it takes or gives. */
const frames: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  DataFrame: {
    select: (f, n) => any(f).select!(n(2), of(n, 0).add(1).as(n(5)), of(n, 1)),
    "select, built": (f, n) =>
      any(f).select!((c: Record<string, AnyExpr>) =>
        entries([n(4), c[n(0)]!.mul(2)], [n(1), c[n(1)]!]),
      ),
    withColumns: (f, n) =>
      any(f).withColumns!(entries([n(1), of(n, 0)], [n(6), of(n, 2).isNull()])),
    "withColumns, built": (f, n) =>
      any(f).withColumns!((c: Record<string, AnyExpr>) => entries([n(6), c[n(3)]!.neg()])),
    drop: (f, n) => any(f).drop!(n(1), n(3)),
    rename: (f, n) => any(f).rename!(entries([n(0), n(7)], [n(2), n(0)])),
    cast: (f, n) => any(f).cast!(entries([n(0), "float64"], [n(3), "string"])),
    filter: (f, n) => any(f).filter!(of(n, 0).gt(1)),
    "filter, built": (f, n) => any(f).filter!((c: Record<string, AnyExpr>) => c[n(1)]!.eq("a")),
    agg: (f, n) => any(f).agg!(entries([n(4), of(n, 0).sum()], [n(0), count()])),
    "agg, of texts": (f, n) =>
      any(f).agg!(entries<unknown>([n(0), "mean"], [n(2), ["min", "max"]])),
    join: (f, n) => any(f).join!(frameOf(n, 1), { on: n(0), how: "full" }),
    "join, of two names": (f, n) =>
      any(f).join!(frameOf(n, 1), { leftOn: n(0), rightOn: n(3), suffix: "_other" }),
    merge: (f, n) => any(f).merge!(frameOf(n, 1), { on: [n(0), n(1)], how: "left" }),
    sort: (f, n) => any(f).sort!([{ by: n(1), descending: true }, { by: of(n, 2) }]),
    limit: (f) => f.limit(2),
    slice: (f) => f.slice(1, 3),
    distinct: (f, n) => any(f).distinct!([n(1)]),
    concat: (f, n) => f.concat(frameOf(n, 2)),
    describe: (f) => f.describe(),
    repartition: (f) => f.repartition({ partitions: 2 }),
    pipe: (f) => f.pipe((frame) => frame),
    persist: (f) => any(f).persist!(),
    groupBy: (f, n) => f.groupBy(n(1) as never, of(n, 0).add(1).as(n(4)) as never).count(),
    groupby: (f, n) => f.groupby([n(1)] as never, { sort: true }).count(),
  },
  GroupBy: {
    agg: (f, n) =>
      f
        .groupBy(n(1) as never)
        .agg(entries([n(5), of(n, 0).sum()], [n(0), of(n, 2).max()]) as never),
    "agg, of texts": (f, n) =>
      f.groupBy(n(1) as never).agg(entries<unknown>([n(0), "sum"], [n(2), ["min"]]) as never),
    count: (f, n) => f.groupBy(n(1) as never).count(),
    head: (f, n) => f.groupBy(n(1) as never).head(1),
    tail: (f, n) => f.groupBy(n(1) as never).tail(1),
    topK: (f, n) => f.groupBy(n(1) as never).topK(1, n(0) as never),
    bottomK: (f, n) => f.groupBy(n(1) as never).bottomK(1, [of(n, 2), n(3)] as never),
  },
  Session: {
    fromColumns: (f) => f,
    fromRows: async (f) => session().fromRows((await f.compute()).toRows() as never),
    fromArrow: async (f) => session().fromArrow((await f.compute()).toArrow() as never),
    readArrow: async (f) => {
      await f.writeArrow(join(folder, "names.arrow"));
      return await session().readArrow(join(folder, "names.arrow"));
    },
    readCsv: async (f) => {
      await f.writeCsv(join(folder, "names.csv"));
      return await session().readCsv(join(folder, "names.csv"));
    },
    read_csv: async (f, n) => {
      await f.writeCsv(join(folder, "names.csv"));
      return await session().read_csv(join(folder, "names.csv"), {
        columns: [n(2), n(1)],
      } as never);
    },
  },
  Table: {
    lazy: async (f) => (await f.compute()).lazy(),
    toColumns: async (f) => session().fromColumns((await f.compute()).toColumns() as never),
    toJSON: async (f) => session().fromRows((await f.compute()).toJSON() as never),
  },
};

describe.each(Object.entries(frames))("%s", (_, methods) => {
  test.each(Object.entries(methods))("%s", async (_name, method) => {
    const run = async (names: Names) =>
      await ((await method(frameOf(names), names)) as DataFrame).compute();
    const expected = await run(plain);
    for (const first of NAMES.keys()) {
      const names = hostile(first);
      const actual = await run(names);
      expect(actual.columnNames).toEqual(
        expected.columnNames.map((name) => translated(name, names)),
      );
      expect(batchDifference(expected.batch, actual.batch), names(0).slice(0, 20)).toBeNull();
    }
  });
});

/** What gives values under names, or text with names in it. */
const outputs: Readonly<
  Record<string, Readonly<Record<string, (frame: DataFrame, names: Names) => unknown>>>
> = {
  DataFrame: {
    schema: (f) => f.schema.names,
    columns: (f) => f.columns,
    dtypes: (f) => [...f.dtypes.keys()],
    compute: async (f) => (await f.compute()).columnNames,
    head: async (f) => (await f.head(2)).columnNames,
    profile: async (f) => (await f.profile()).table.columnNames,
    stream: async (f) => {
      for await (const table of f.stream()) return table.columnNames;
    },
    writeCsv: async (f) => {
      const path = join(folder, "header.csv");
      await f.limit(0).writeCsv(path);
      return (await session().readCsv(path)).columns ?? readFileSync(path);
    },
    writeArrow: async (f) => {
      await f.limit(0).writeArrow(join(folder, "header.arrow"));
      return (await session().readArrow(join(folder, "header.arrow"))).columns;
    },
  },
  Table: {
    schema: async (f) => (await f.compute()).schema.names,
    columnNames: async (f) => (await f.compute()).columnNames,
    toRows: async (f) => Object.getOwnPropertyNames((await f.compute()).toRows()[0]),
    toColumns: async (f) => Object.getOwnPropertyNames((await f.compute()).toColumns()),
    toJSON: async (f) =>
      Object.getOwnPropertyNames(JSON.parse(JSON.stringify(await f.compute()))[0]),
    toArrow: async (f) => (await f.compute()).toArrow().schema.fields.map(({ name }) => name),
    "Symbol(Symbol.iterator)": async (f) => Object.getOwnPropertyNames([...(await f.compute())][0]),
    column: async (f, n) => {
      const table = await f.compute();
      const columns = [0, 1, 2, 3].map((place) => table.column(n(place) as never).toArray());
      expect(columns).toEqual(
        [0, 1, 2, 3].map((place) => (table.toColumns() as Record<string, unknown[]>)[n(place)]),
      );
      return table.columnNames;
    },
  },
};

/** Objects hold keys that are array indices first, whatever order they were given in: there, names are a set. */
const keys = (names: readonly string[]) => [...names].sort();
const withIndex =
  (first: number): Names =>
  (place) =>
    place === first % 4 ? "0" : hostile(first)(place);

describe.each(Object.entries(outputs))("%s gives the names", (_, methods) => {
  test.each(Object.entries(methods))("%s", async (_name, method) => {
    for (const first of NAMES.keys()) {
      const names = withIndex(first);
      const given = (await method(frameOf(names), names)) as string[];
      expect(keys(given)).toEqual(keys([0, 1, 2, 3].map(names)));
    }
  });
});

/** Text for people, which may cut long names and escape others: it must come, in few lines, without control characters. */
const texts: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  DataFrame: {
    explain: (f) => f.explain(),
    "Symbol(nodejs.util.inspect.custom)": (f) => inspect(f),
  },
  Table: {
    toString: async (f: DataFrame) => (await f.compute()).toString(),
    "Symbol(nodejs.util.inspect.custom)": async (f) => inspect(await f.compute()),
  },
};

describe.each(Object.entries(texts))("%s as text", (_, methods) => {
  test.each(Object.entries(methods))("%s", async (_name, method) => {
    for (const first of NAMES.keys()) {
      const text = (await method(frameOf(hostile(first)), plain)) as string;
      expect(text).not.toMatch(/[\0\r\u2028]/);
      expect(text.split("\n").length).toBeLessThan(60);
    }
  });
});

/** Without names in or out. */
const nameless: Readonly<Record<string, readonly string[]>> = {
  DataFrame: ["constructor", "count", "unpersist", "show"],
  GroupBy: ["constructor"],
  Table: ["constructor", "numRows", "numColumns", "byteLength"],
  Series: [
    "constructor",
    "dtype",
    "length",
    "nullCount",
    "validity",
    "values",
    "dictionary",
    "toArray",
    "at",
    "toString",
    "Symbol(Symbol.iterator)",
  ],
  Session: [
    "constructor",
    "devices",
    "memory",
    "recover",
    "session",
    "close",
    "Symbol(nodejs.asyncDispose)",
  ],
};

test("every public method is in one of the tables", () => {
  for (const [name, { prototype }] of Object.entries({
    DataFrame,
    GroupBy,
    Table,
    Series,
    Session,
  })) {
    const known = [frames, outputs, texts].flatMap((table) => Object.keys(table[name] ?? {}));
    const covered = new Set([...known.map((key) => key.split(",")[0]), ...(nameless[name] ?? [])]);
    const missing = Reflect.ownKeys(prototype)
      .map(String)
      .filter((key) => !covered.has(key));
    expect(missing, `methods of ${name} without a case`).toEqual([]);
  }
  expect(gpuDataFrame).toBeInstanceOf(Session);
});

test("files refuse names with halves of surrogate pairs, which they would write as one name", async () => {
  const frame = session().fromColumns({ "\ud800": [1], "\udfff": [2] });
  const [csv, arrow] = [join(folder, "halves.csv"), join(folder, "halves.arrow")];
  for (const write of [() => frame.writeCsv(csv), () => frame.writeArrow(arrow)]) {
    await expect(write()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      column: "\ud800",
      message: expect.stringContaining("half of a surrogate pair"),
    });
  }
  // Without its names the table is a file.
  await frame.writeCsv(csv, { header: false });
  expect(readFileSync(csv, "utf8")).toBe("1,2\n");
});
