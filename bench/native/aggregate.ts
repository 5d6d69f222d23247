// The CPU's aggregate kernel alone, on generated columns in memory, beside DuckDB over a table in memory:
//
//   node --import tsx bench/native/aggregate.ts [rows=1e7] [k=100] [runs=5] [threads=2] [only=q1,q5] [duckdb=no]
//
// The questions are those of db-benchmark. Reported are the fastest wall time and, because other work may share the
// machine, the least CPU time of all threads, both per row.
import { performance } from "node:perf_hooks";
import { type Batch, type Column, columnFromValues, Dictionary } from "../../src/column/index.ts";
import { CpuExecutor } from "../../src/device/cpu/index.ts";
import { FLOAT64, INT64, STRING } from "../../src/dtype/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { CallList } from "../../test/lattice/cases/aggregate.ts";

const options = Object.fromEntries(process.argv.slice(2).map((word) => word.split("=")));
const rowCount = Number(options.rows ?? 1e7);
const runs = Number(options.runs ?? 5);
const threads = Number(options.threads ?? 2);
const only: readonly string[] | undefined = options.only?.split(",");

let state = 0x2545f491;
/** xorshift32: 53 of its bits would need two draws, 32 are enough here. */
function below(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return Math.floor(((state >>> 0) / 2 ** 32) * limit);
}

function strings(distinct: number): Column {
  const codes = Uint32Array.from({ length: rowCount }, () => below(distinct));
  const texts = Array.from({ length: distinct }, (_, i) => `id${String(i).padStart(10, "0")}`);
  return {
    dtype: STRING,
    length: rowCount,
    nullCount: 0,
    validity: null,
    data: { encoding: "dictionary", codes, dictionary: Dictionary.fromTexts(texts) },
    statistics: null,
  };
}

function integers(limit: number): Column {
  const values = new BigInt64Array(rowCount);
  const words = new Uint32Array(values.buffer);
  for (let row = 0; row < rowCount; row++) words[2 * row] = 1 + below(limit);
  return { ...columnFromValues(values, INT64), statistics: { min: 1n, max: BigInt(limit) } };
}

function decimals(): Column {
  const values = Float64Array.from({ length: rowCount }, () => below(1e8) / 1e6);
  const column = columnFromValues(values, FLOAT64);
  const statistics = { lowExponent: -72, highExponent: 7, hasSpecials: false };
  return options.statistics === "no" ? column : { ...column, statistics };
}

/** Rows of each group of id3 and id6. */
const small = rowCount / Number(options.k ?? 100);
const names = ["id1", "id2", "id3", "id4", "id5", "id6", "v1", "v2", "v3"] as const;
const columns = [
  strings(100),
  strings(100),
  strings(small),
  integers(100),
  integers(100),
  integers(small),
  integers(5),
  integers(15),
  decimals(),
];
const at = (name: (typeof names)[number]) => names.indexOf(name);

function sum(list: CallList, column: number): number {
  return list.monoid({ kind: "sum", column, power: 1, window: null });
}
const calls = {
  sum(list: CallList, column: number) {
    list.add({ kind: "sum", sum: sum(list, column) }, column === at("v3") ? FLOAT64 : INT64);
  },
  mean(list: CallList, column: number) {
    const count = list.monoid({ kind: "countValues", column });
    list.add({ kind: "mean", sum: sum(list, column), count }, FLOAT64);
  },
  std(list: CallList, column: number) {
    list.plan("std", [column], [column === at("v3") ? FLOAT64 : INT64]);
  },
  median(list: CallList, column: number) {
    list.add({ kind: "quantile", column, q: 0.5, interpolation: "linear" }, FLOAT64);
  },
  max(list: CallList, column: number) {
    list.add({ kind: "value", monoid: list.monoid({ kind: "max", column }) }, INT64);
  },
  min(list: CallList, column: number) {
    list.add({ kind: "value", monoid: list.monoid({ kind: "min", column }) }, INT64);
  },
  count(list: CallList) {
    list.add({ kind: "value", monoid: list.monoid({ kind: "count" }) }, INT64);
  },
  nUnique(list: CallList, column: number) {
    list.add({ kind: "nUnique", column }, INT64);
  },
};

type Name = (typeof names)[number];
interface Question {
  readonly name: string;
  readonly keys: readonly Name[];
  readonly calls: readonly (readonly [keyof typeof calls, Name])[];
}
const questions: readonly Question[] = [
  { name: "q1", keys: ["id1"], calls: [["sum", "v1"]] },
  { name: "q2", keys: ["id1", "id2"], calls: [["sum", "v1"]] },
  {
    name: "q3",
    keys: ["id3"],
    calls: [
      ["sum", "v1"],
      ["mean", "v3"],
    ],
  },
  {
    name: "q4",
    keys: ["id4"],
    calls: [
      ["mean", "v1"],
      ["mean", "v2"],
      ["mean", "v3"],
    ],
  },
  {
    name: "q5",
    keys: ["id6"],
    calls: [
      ["sum", "v1"],
      ["sum", "v2"],
      ["sum", "v3"],
    ],
  },
  {
    name: "q6",
    keys: ["id4", "id5"],
    calls: [
      ["median", "v3"],
      ["std", "v3"],
    ],
  },
  {
    name: "q7",
    keys: ["id3"],
    calls: [
      ["max", "v1"],
      ["min", "v2"],
    ],
  },
  {
    name: "q10",
    keys: ["id1", "id2", "id3", "id4", "id5", "id6"],
    calls: [
      ["sum", "v3"],
      ["count", "v1"],
    ],
  },
  { name: "sum v1", keys: [], calls: [["sum", "v1"]] },
  { name: "sum v3", keys: [], calls: [["sum", "v3"]] },
  {
    name: "mean std v3",
    keys: [],
    calls: [
      ["mean", "v3"],
      ["std", "v3"],
    ],
  },
  { name: "median v3", keys: [], calls: [["median", "v3"]] },
  { name: "nUnique v3", keys: [], calls: [["nUnique", "v3"]] },
];

function operationOf({ keys, calls: asked }: Question): AggregateOperation {
  const list = new CallList();
  for (const [call, column] of asked) calls[call](list, at(column));
  return {
    kind: "aggregate",
    phase: "complete",
    keys: keys.map(at),
    monoids: list.monoids,
    calls: list.calls,
    dtypes: list.dtypes,
    texts: asked.map(([call, column]) => `${call} ${column}`),
    dropNullKeys: false,
  };
}

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** The least of all runs, in nanoseconds a row. */
async function costOf(run: () => Promise<unknown>): Promise<Cost> {
  let wall = Number.POSITIVE_INFINITY;
  let cpu = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    const start = performance.now();
    await run();
    wall = Math.min(wall, performance.now() - start);
    const used = process.cpuUsage(before);
    cpu = Math.min(cpu, used.user + used.system);
  }
  return { wall: (wall * 1e6) / rowCount, cpu: (cpu * 1e3) / rowCount };
}

const SQL = {
  sum: "sum",
  mean: "avg",
  std: "stddev",
  median: "median",
  max: "max",
  min: "min",
  count: "count",
  nUnique: "count distinct",
} as const;

async function openDuckDb(batch: Batch) {
  const { DuckDBInstance, DuckDBDataChunk, BIGINT, DOUBLE, INTEGER } = await import(
    "@duckdb/node-api"
  );
  const connection = await (
    await DuckDBInstance.create(":memory:", { threads: String(threads) })
  ).connect();
  const types = names.map((name) =>
    name.startsWith("id") && Number(name[2]) <= 3 ? INTEGER : name === "v3" ? DOUBLE : BIGINT,
  );
  await connection.run(
    `create table codes (${names.map((name, i) => `${name} ${types[i]}`).join(", ")})`,
  );
  const appender = await connection.createAppender("codes");
  for (let row = 0; row < rowCount; row += 2048) {
    const end = Math.min(rowCount, row + 2048);
    const chunk = DuckDBDataChunk.create(types, end - row);
    chunk.setColumns(
      batch.columns.map(({ data }) =>
        Array.from(valuesOf(data).subarray(row, end) as Float64Array),
      ),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  // Strings as DuckDB would have them after reading a file.
  const texts = ["id1", "id2", "id3"].map((name) => `printf('id%010d', ${name}) as ${name}`);
  await connection.run(`create table t as select * replace (${texts.join(", ")}) from codes`);
  await connection.run("drop table codes");
  return connection;
}

function valuesOf(data: Column["data"]) {
  if (data.encoding === "fixed") return data.values;
  if (data.encoding === "dictionary") return data.codes;
  throw new Error("no such column here");
}

function sqlOf({ keys, calls: asked }: Question): string {
  const outputs = asked.map(([call, column]) =>
    call === "nUnique" ? `count(distinct ${column})` : `${SQL[call]}(${column})`,
  );
  const groups = keys.length === 0 ? "" : ` group by ${keys.join(", ")}`;
  return `create or replace table result as select ${[...keys, ...outputs].join(", ")} from t${groups}`;
}

const executor = CpuExecutor.open({ threads });
const batch: Batch = { rowCount, columns };
const input = await executor.upload(batch);
const duckdb = options.duckdb === "no" ? null : await openDuckDb(batch);
console.log(`${rowCount} rows, ${threads} threads, ${executor.descriptor.isa}, ns a row`);
for (const question of questions) {
  if (only !== undefined && !only.includes(question.name)) continue;
  const operation = operationOf(question);
  const own = await costOf(() => executor.execute(operation, [input]));
  let line = `${question.name.padEnd(12)} wall ${own.wall.toFixed(2)} cpu ${own.cpu.toFixed(2)}`;
  if (duckdb !== null) {
    const sql = sqlOf(question);
    const peer = await costOf(() => duckdb.run(sql));
    line += `   DuckDB wall ${peer.wall.toFixed(2)} cpu ${peer.cpu.toFixed(2)}   ${(peer.cpu / own.cpu).toFixed(1)}x`;
  }
  console.log(line);
}
