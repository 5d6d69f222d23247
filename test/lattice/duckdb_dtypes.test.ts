// Dates, instants, durations and decimals through the public API against DuckDB, where the semantics agree: expressions,
// groups, joins and order. What differs is left out and said beside the table.
import type { DuckDBConnection } from "@duckdb/node-api";
import { col, count, type DataFrame, duration } from "gpudataframe";
import { beforeAll, describe, expect, test } from "vitest";
import type { Batch, CellValue } from "../../src/column/index.ts";
import { columnFromValues } from "../../src/column/index.ts";
import { DATE, type DType, decimal, INT32, STRING, timestamp } from "../../src/dtype/index.ts";
import type { AnyExpr } from "../../src/expr/index.ts";
import type { Computable } from "../engines/queries.ts";
import { referenceSession } from "../frame/session.ts";
import { createTable, exactCells, exactSql, openDuckDb, queryColumns } from "./duckdb.ts";
import { Random } from "./random.ts";

const ROWS = 500;
const MICROSECONDS_PER_DAY = 86_400_000_000n;

/** From the year 1 to 9999: DuckDB writes other years in another calendar notation. */
const anyDay = (random: Random) => BigInt(random.below(3_652_058) - 719_162);
const recentDay = (random: Random) => BigInt(random.below(25_000) - 3000);
const anyInstant = (random: Random) =>
  recentDay(random) * MICROSECONDS_PER_DAY +
  BigInt(random.below(86_400)) * 1_000_000n +
  BigInt(random.below(1_000_000));
/** Few digits often, ties of every rounding, and now and then all that fit. */
const unscaled = (digits: number) => (random: Random) =>
  random.chance(0.3) ? random.below(2 * 10 ** digits) - 10 ** digits : (random.below(81) - 40) * 25;
const scaled = (digits: number, scale: number) => {
  const draw = unscaled(digits);
  return (random: Random) => (draw(random) / 10 ** scale).toFixed(scale);
};

const COLUMNS: Readonly<Record<string, readonly [DType, (random: Random) => CellValue]>> = {
  d: [DATE, anyDay],
  e: [DATE, (random) => BigInt(random.below(40))],
  t: [timestamp("us"), anyInstant],
  u: [timestamp("us"), anyInstant],
  p: [decimal(9, 2), scaled(7, 2)],
  q: [decimal(12, 4), scaled(9, 4)],
  w: [decimal(38, 6), scaled(14, 6)],
  m: [INT32, (random) => random.below(9) - 4],
  k: [STRING, (random) => random.pick(["a", "b", "c", "dd"])],
};
const names = Object.keys(COLUMNS);

function drawn(seed: number): Readonly<Record<string, readonly CellValue[]>> {
  const random = new Random(seed);
  const cells = Object.entries(COLUMNS).map(([name, [, draw]]) => [
    name,
    Array.from({ length: ROWS }, () => (random.chance(0.12) ? null : draw(random))),
  ]);
  return Object.fromEntries(cells);
}
const tables = { left: drawn(1), right: drawn(2) };
const schema = Object.fromEntries(names.map((name) => [name, COLUMNS[name]![0]]));

const session = referenceSession();
const frame = (table: keyof typeof tables) =>
  session().fromColumns(tables[table] as never, {
    schema: schema as never,
  }) as unknown as DataFrame;

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuckDb();
  await connection.run("LOAD icu; SET TimeZone = 'UTC'");
  for (const [table, cells] of Object.entries(tables)) {
    const columns = names.map((name) => columnFromValues(cells[name]!, COLUMNS[name]![0]));
    await createTable(connection, `"${table}"`, names, { rowCount: ROWS, columns } as Batch);
  }
});

/** What the frame gives is, cell by cell and exactly, what the query selects in the same order. */
async function expectSame(
  result: Computable,
  select: readonly string[],
  from: string,
): Promise<void> {
  const { batch } = await result.compute();
  const outputs = select.map((sql, index) => exactSql(sql, batch.columns[index]!.dtype));
  const expected = await queryColumns(connection, `SELECT ${outputs.join(", ")} ${from}`);
  for (const [index, column] of batch.columns.entries()) {
    expect(differences(exactCells(column), expected[index]!), select[index]).toEqual([]);
  }
  expect(batch.rowCount).toBeGreaterThan(0);
}

const [d, e, t, u, p, q, w, m, k] = names.map((name): AnyExpr => col(name)) as AnyExpr[] as [
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
];

const dates: readonly [AnyExpr, string][] = [
  [d.dt.year(), "year(d)"],
  [d.dt.quarter(), "quarter(d)"],
  [d.dt.month(), "month(d)"],
  [d.dt.day(), "day(d)"],
  [d.dt.weekday(), "isodow(d)"],
  [d.dt.dayOfYear(), "dayofyear(d)"],
  [d.dt.isoWeek(), "week(d)"],
  [d.dt.isoYear(), "isoyear(d)"],
  [d.dt.daysInMonth(), "day(last_day(d))"],
  [d.dt.monthStart(), "date_trunc('month', d)::DATE"],
  [d.dt.monthEnd(), "last_day(d)"],
  [d.dt.truncate("1q"), "date_trunc('quarter', d)::DATE"],
  [d.dt.truncate("1w"), "date_trunc('week', d)::DATE"],
  [d.dt.offsetBy("1mo"), "(d + INTERVAL 1 MONTH)::DATE"],
  [d.dt.offsetBy("-13mo"), "(d - INTERVAL 13 MONTH)::DATE"],
  [d.dt.offsetBy("-1y"), "(d - INTERVAL 1 YEAR)::DATE"],
  [d.dt.offsetBy("45d"), "d + 45"],
  [d.dt.format("%Y-%m-%d"), "strftime(d, '%Y-%m-%d')"],
  [d.cast("timestamp"), "d::TIMESTAMP"],
  [d.lt(e), "d < e"],
  [d.between(e, u), "d BETWEEN e AND u"],
  [d.eq(t.dt.date()), "d = t::DATE"],
];
const instants: readonly [AnyExpr, string][] = [
  [t.dt.millisecond(), "millisecond(t) % 1000"],
  [t.dt.microsecond(), "microsecond(t) % 1000000"],
  [t.dt.isoWeek(), "week(t)"],
  [t.dt.date(), "t::DATE"],
  [t.dt.epoch("s"), "floor(epoch_us(t) / 1e6)::BIGINT"],
  [t.dt.epoch("ms"), "(epoch_us(t) - (epoch_us(t) % 1000 + 1000) % 1000) // 1000"],
  [t.dt.truncate("15m"), "time_bucket(INTERVAL 15 MINUTE, t, TIMESTAMP '1970-01-01')"],
  [t.dt.truncate("6h"), "time_bucket(INTERVAL 6 HOUR, t, TIMESTAMP '1970-01-01')"],
  [t.dt.truncate("5d"), "time_bucket(INTERVAL 5 DAY, t, TIMESTAMP '1970-01-01')"],
  [t.dt.truncate("2w"), "time_bucket(INTERVAL 14 DAY, t, TIMESTAMP '1970-01-05')"],
  [t.dt.truncate("5mo"), "time_bucket(INTERVAL 5 MONTH, t, TIMESTAMP '0000-01-01')"],
  [t.dt.truncate("10y"), "date_trunc('decade', t)"],
  [t.dt.offsetBy("1mo"), "t + INTERVAL 1 MONTH"],
  [t.dt.offsetBy("-1d12h"), "t - INTERVAL 1 DAY - INTERVAL 12 HOUR"],
  [t.dt.format("%d.%m.%y %H:%M:%S %j %p %I"), "strftime(t, '%d.%m.%y %H:%M:%S %j %p %I')"],
  [t.dt.format("%A, %B %d; %b %a"), "strftime(t, '%A, %B %d; %b %a')"],
  [t.dt.format("%G-W%V-%u"), "strftime(t, '%G-W%V-%u')"],
  [
    t.dt.format("%d/%m/%Y %H-%M").str.toTimestamp("%d/%m/%Y %H-%M"),
    "strptime(strftime(t, '%d/%m/%Y %H-%M'), '%d/%m/%Y %H-%M')",
  ],
  [
    t.dt.format("%d.%m.%Y").str.toDate("%d.%m.%Y"),
    "strptime(strftime(t, '%d.%m.%Y'), '%d.%m.%Y')::DATE",
  ],
  [t.dt.format("%j %Y %I:%M:%S %p").str.length(), "length(strftime(t, '%j %Y %I:%M:%S %p'))"],
  [t.lt(u), "t < u"],
  [
    t.dt.replaceTimezone("UTC").dt.toTimezone("Europe/Zurich").dt.hour(),
    "hour(timezone('Europe/Zurich', timezone('UTC', t)))",
  ],
  [
    t.dt.replaceTimezone("UTC").dt.toTimezone("America/St_Johns").dt.format("%F %T"),
    "strftime(timezone('America/St_Johns', timezone('UTC', t)), '%Y-%m-%d %H:%M:%S')",
  ],
  [
    t.dt.replaceTimezone("UTC").dt.toTimezone("Australia/Lord_Howe").dt.date(),
    "timezone('Australia/Lord_Howe', timezone('UTC', t))::DATE",
  ],
];
const durations: readonly [AnyExpr, string][] = [
  [t.sub(u), "t - u"],
  [t.sub(u).neg(), "-(t - u)"],
  [t.sub(d), "t - d::TIMESTAMP"],
  [t.add("1h30m"), "t + INTERVAL 90 MINUTE"],
  [t.sub(duration({ days: 3 })), "t - INTERVAL 3 DAY"],
  [t.add(u.sub(e)), "t + (u - e::TIMESTAMP)"],
  [t.sub(u).dt.totalMicroseconds(), "epoch_us(t) - epoch_us(u)"],
  [t.sub(u).gt("P30D"), "epoch_us(t) - epoch_us(u) > 30 * 86400000000"],
  [t.sub(u).mul(m), "to_microseconds((epoch_us(t) - epoch_us(u)) * m)"],
  [t.sub(u).dt.totalHours(), "(epoch_us(t) - epoch_us(u)) / 3600000000"],
];
// Left out: division (DuckDB's is of floats) and the digits of results beyond 38, which are errors there as here.
const decimals: readonly [AnyExpr, string][] = [
  [p.add(q), "p + q"],
  [p.sub(q), "p - q"],
  [p.mul(q), "p * q"],
  [p.neg(), "-p"],
  [p.abs(), "abs(p)"],
  [p.rem(q), "p % q"],
  [p.add(m), "p + m"],
  [p.mul(m), "p * m"],
  [w.add(p), "w + p"],
  [q.round(2), "round(q, 2)"],
  [q.round(), "round(q, 0)"],
  [q.floor(), "floor(q)"],
  [q.ceil(), "ceil(q)"],
  [q.trunc(), "trunc(q)"],
  [p.lt(q), "p < q"],
  [p.eq(q), "p = q"],
  [p.between(-1, q), "p BETWEEN -1 AND q"],
  [p.cast("string"), "p::VARCHAR"],
  [p.cast("string").cast(decimal(12, 4)), "p::DECIMAL(12, 4)"],
  [p.cast("float64"), "p::DOUBLE"],
  [q.cast(decimal(18, 6)), "q::DECIMAL(18, 6)"],
  [p.isIn([0, 0.5, -2.25]), "p IN (0, 0.5, -2.25)"],
];

/** The first rows that differ: a whole column says less. */
function differences(actual: readonly unknown[], expected: readonly unknown[]): unknown[] {
  const rows = [...actual.keys()].filter((row) => actual[row] !== expected[row]);
  return rows.slice(0, 3).map((row) => ({ row, actual: actual[row], expected: expected[row] }));
}

describe.each(Object.entries({ dates, instants, durations, decimals }))("%s", (_, table) => {
  test.each(table.map(([expr, sql]) => ({ sql, expr })))("$sql", async ({ expr, sql }) => {
    const { batch } = await frame("left").select(expr.as("c")).compute();
    const column = batch.columns[0]!;
    const query = `SELECT ${exactSql(sql, column.dtype)} FROM "left" ORDER BY row`;
    const [expected] = await queryColumns(connection, query);
    expect(differences(exactCells(column), expected!)).toEqual([]);
  });
});

const AGGREGATES: readonly [AnyExpr, string][] = [
  [count(), "count(*)"],
  [d.min(), "min(d)"],
  [d.max(), "max(d)"],
  [e.nUnique(), "count(DISTINCT e)"],
  [t.min(), "min(t)"],
  [u.max(), "max(u)"],
  [t.sub(u).min(), "to_microseconds(min(epoch_us(t) - epoch_us(u)))"],
  [t.sub(u).max(), "to_microseconds(max(epoch_us(t) - epoch_us(u)))"],
  [
    t.sub(t.dt.truncate("1d")).sum(),
    "to_microseconds(sum(epoch_us(t) - epoch_us(date_trunc('day', t)))::BIGINT)",
  ],
  [p.sum(), "sum(p)"],
  [q.sum(), "sum(q)"],
  [w.sum(), "sum(w)"],
  [p.min(), "min(p)"],
  [w.max(), "max(w)"],
  [q.nUnique(), "count(DISTINCT q)"],
  [p.first(), "first(p ORDER BY row) FILTER (p IS NOT NULL)"],
  [t.last(), "last(t ORDER BY row) FILTER (t IS NOT NULL)"],
];

/** A key, as this engine and as DuckDB says it. */
const KEYS: readonly [string, AnyExpr, string][] = [
  ["a date", e.as("key"), "e"],
  ["a month", d.dt.truncate("1mo").as("key"), "date_trunc('month', d)::DATE"],
  ["a weekday of an instant", t.dt.weekday().as("key"), "isodow(t)"],
  [
    "an hour",
    t.dt.truncate("6h").as("key"),
    "time_bucket(INTERVAL 6 HOUR, t, TIMESTAMP '1970-01-01')",
  ],
  [
    "a duration",
    t.sub(t.dt.truncate("1h")).dt.totalMinutes().floor().as("key"),
    "minute(t)::DOUBLE",
  ],
  ["a decimal", p.as("key"), "p"],
  ["a wide decimal", w.round(-1).as("key"), "round(w, -1)"],
  ["a text", k.as("key"), "k"],
];

describe("groups by", () => {
  test.each(KEYS)("%s, in order of first appearance", async (_, key, sql) => {
    const calls = Object.fromEntries(AGGREGATES.map(([expr], index) => [`a${index}`, expr]));
    const grouped = frame("left")
      .groupBy(key as never)
      .agg(calls as never);
    const select = [sql, ...AGGREGATES.map(([, text]) => text)];
    await expectSame(grouped, select, `FROM "left" GROUP BY ${sql} ORDER BY min(row)`);
  });
});

describe("joins on", () => {
  const keys: readonly [string, string][] = [
    ["dates", "e"],
    ["decimals", "p"],
    ["wide decimals", "w"],
  ];
  test.each(keys)("%s", async (_, name) => {
    const joined = frame("left").join(frame("right"), { on: name as never, how: "inner" });
    const from = `FROM "left" l JOIN "right" r ON l.${name} = r.${name} ORDER BY l.row, r.row`;
    const result = (joined as unknown as DataFrame).select("d", "t_right", "q");
    await expectSame(result, ["l.d", "r.t", "l.q"], from);
  });
});

describe("sorts by", () => {
  const orders: readonly [string, string][] = [
    ["d", "ASC NULLS LAST"],
    ["t", "DESC NULLS FIRST"],
    ["p", "DESC NULLS LAST"],
    ["w", "ASC NULLS FIRST"],
  ];
  test.each(orders)("%s %s", async (name, order) => {
    const by = {
      by: name,
      descending: order.startsWith("DESC"),
      nulls: order.endsWith("FIRST") ? ("first" as const) : ("last" as const),
    };
    await expectSame(frame("left").sort([by]), names, `FROM "left" ORDER BY ${name} ${order}, row`);
  });
});
