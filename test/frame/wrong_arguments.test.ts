// Every public method, given every kind of argument that it may not take: it works, or raises an error of this library that
// says which method it was. A new method fails the test of completeness until it is in the table.

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Expr } from "../../src/expr/index.ts";
import gpuDataFrame, {
  coalesce,
  col,
  count,
  DataFrame,
  DataFrameError,
  duration,
  GroupBy,
  lit,
  max,
  min,
  Series,
  Session,
  Table,
  when,
} from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { referenceSession } from "./session.ts";

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript refuses is what is tested
type Loose = any;

const session = referenceSession();
const folder = temporaryFolder();
const file = (name: string) => join(folder, name);

/** Columns of every kind that methods want. */
function frame(): Loose {
  return session().fromColumns(
    {
      a: [3, 1, null],
      f: [0.5, -1, null],
      s: ["b", "2", null],
      b: [true, false, null],
      t: [new Date(0), new Date(86_400_000), null],
    },
    { schema: { t: "timestamp[us]" } },
  );
}

/** By kind. Objects without a prototype have no toString(): no message may depend on one. */
function wrongValues(): Readonly<Record<string, unknown>> {
  let columns: unknown;
  frame().select((proxy: unknown) => {
    columns = proxy;
    return { a: 1 };
  });
  return {
    nothing: undefined,
    null: null,
    "a number": 5,
    "a fraction": -1.5,
    NaN: Number.NaN,
    "a bigint": 5n,
    "a boolean": true,
    "a text": file("text"),
    "half of a surrogate pair": "\ud800",
    "a text with NUL": "a\0b",
    "a symbol": Symbol("symbol"),
    "a function": () => 5,
    "a function that gives a symbol": () => Symbol("symbol"),
    "an empty array": [],
    "an array": [Symbol("symbol"), null, {}],
    "an object": { unknownOption: 1 },
    "an object of symbols": Object.fromEntries(OPTION_NAMES.map((name) => [name, Symbol(name)])),
    "an object of nulls": Object.fromEntries(OPTION_NAMES.map((name) => [name, null])),
    "an object without prototype": Object.create(null),
    "a list of such objects": [Object.create(null)],
    "a proxy": new Proxy({}, {}),
    "a frame's columns": columns,
    "a Date that is none": new Date(Number.NaN),
    "a Date": new Date(0),
    "a regular expression": /x/y,
    "a Map": new Map([["a", 1]]),
    "an expression": col("a"),
    "an aggregate": col("a").sum(),
    "a condition without value": when(col("b")),
    "a frame": frame(),
  };
}

/** Of any method. */
const OPTION_NAMES = [
  "ambiguous",
  "base",
  "bias",
  "by",
  "columns",
  "ddof",
  "delimiter",
  "descending",
  "devices",
  "dropNulls",
  "engine",
  "interpolation",
  "nonExistent",
  "nulls",
  "on",
  "partitions",
  "rows",
  "schema",
  "sort",
  "strict",
  "timezone",
  "unit",
];

type Arguments = readonly unknown[];
/** Where a method is, the arguments that it takes, and what to do with its result. */
interface Place {
  readonly of: () => unknown;
  readonly methods: Readonly<Record<string, () => Arguments>>;
}

const operand = () => [1];
const OF_OPERANDS =
  "add sub mul div floorDiv mod rem pow bitAnd bitOr bitXor shiftLeft shiftRight eq ne lt le gt ge fillNull coalesce atan2 hypot".split(
    " ",
  );
const places: Readonly<Record<string, Place>> = {
  DataFrame: {
    of: frame,
    methods: {
      select: () => ["a", col("f")],
      withColumns: () => [{ x: col("a") }],
      drop: () => ["a", "f"],
      rename: () => [{ a: "x" }],
      cast: () => [{ a: "float64" }, { strict: true }],
      filter: () => [col("b")],
      groupBy: () => [["a"], { sort: true }],
      groupby: () => ["a", "b"],
      agg: () => [{ a: "sum" }],
      join: () => [frame(), { on: "a" }],
      merge: () => [frame(), { leftOn: "a", rightOn: "a" }],
      sort: () => [["a"], { descending: true }],
      limit: () => [1],
      slice: () => [1, 1],
      distinct: () => [["a"]],
      concat: () => [frame(), frame()],
      repartition: () => [{ partitions: 2 }],
      pipe: () => [(df: unknown) => df],
      compute: () => [{}],
      head: () => [1, {}],
      count: () => [{}],
      show: () => [1, {}],
      writeCsv: () => [file("out.csv"), {}],
      writeArrow: () => [file("out.arrow"), {}],
      explain: () => [{}],
      profile: () => [{}],
      stream: () => [{ rows: 5 }],
      persist: () => [{}],
    },
  },
  GroupBy: {
    of: () => frame().groupBy("a"),
    methods: {
      agg: () => [{ f: "sum" }],
      head: () => [1],
      tail: () => [1],
      topK: () => [1, "f", { nulls: "last" }],
      bottomK: () => [1, ["f"], {}],
    },
  },
  Expr: {
    of: () => col("a"),
    methods: {
      as: () => ["x"],
      cast: () => ["float64", { strict: true }],
      ...Object.fromEntries(OF_OPERANDS.map((name) => [name, operand])),
      between: () => [1, 2],
      isIn: () => [[1, 2]],
      round: () => [0],
      first: () => [{ nulls: "keep" }],
      last: () => [{ nulls: "keep" }],
      var: () => [{ ddof: 1 }],
      std: () => [{ ddof: 1 }],
      quantile: () => [0.5, { interpolation: "lower" }],
      skew: () => [{ bias: true }],
      kurtosis: () => [{ bias: true }],
      corr: () => [col("f")],
      cov: () => [col("f"), { ddof: 0 }],
    },
  },
  conditions: {
    of: () => col("b"),
    methods: { and: () => [true], or: () => [col("b")] },
  },
  str: {
    of: () => col("s").str,
    methods: {
      contains: () => ["b"],
      startsWith: () => ["b"],
      endsWith: () => ["b"],
      like: () => ["b%"],
      matches: () => [/b/],
      replace: () => ["b", "c", { all: true }],
      slice: () => [0, 1],
      split: () => [",", 0],
      padStart: () => [5, " "],
      padEnd: () => [5, " "],
      repeat: () => [2],
      concat: () => ["x", col("s")],
      toInteger: () => [{ base: 10, strict: false }],
      toFloat: () => [{ strict: false }],
      toTimestamp: () => ["%Y-%m-%d", { strict: false }],
      toDate: () => ["%Y-%m-%d", { strict: false }],
    },
  },
  dt: {
    of: () => col("t").dt,
    methods: {
      truncate: () => ["1d"],
      epoch: () => ["s"],
      offsetBy: () => ["1d"],
      replaceTimezone: () => ["Europe/Zurich", { ambiguous: "null" }],
      toTimezone: () => ["Europe/Zurich"],
      format: () => ["%Y"],
    },
  },
  Table: {
    of: async () => await frame().compute(),
    methods: {
      column: () => ["a"],
      toRows: () => [{}],
      toColumns: () => [{}],
      toString: () => [{ rows: 1, width: 80 }],
    },
  },
  Series: {
    of: async () => (await frame().compute()).column("a"),
    methods: { toArray: () => [{}], at: () => [0, {}] },
  },
  Session: {
    of: session,
    methods: {
      readCsv: () => [file("in.csv"), {}],
      read_csv: () => [[file("in.csv")], {}],
      fromColumns: () => [{ a: [1] }, {}],
      fromRows: () => [[{ a: 1 }], {}],
      fromArrow: () => [new Uint8Array()],
      readArrow: () => [file("in.arrow")],
      session: () => [{ engine: "reference" }],
    },
  },
  When: { of: () => when(col("b")), methods: { then: () => [1] } },
  Then: {
    of: () => when(col("b")).then(col("a")),
    methods: { when: () => [col("b")], otherwise: () => [1] },
  },
  functions: {
    of: () => ({ col, lit, when, min, max, coalesce, duration, Session: made }),
    methods: {
      col: () => ["a"],
      lit: () => [1, "int64"],
      when: () => [col("b")],
      min: () => [col("a"), 1],
      max: () => [col("a"), 1],
      coalesce: () => [col("a"), 1],
      duration: () => [{ days: 1 }],
      Session: () => [{}],
    },
  },
};
const made = (options: Loose) => new Session(options);

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  await frame().writeCsv(file("in.csv"));
  await frame().writeArrow(file("in.arrow"));
});
afterAll(() => vi.restoreAllMocks());

/** What a caller does with the result: errors may come as late as there. */
async function use(result: Loose): Promise<void> {
  if (result instanceof Promise) return await use(await result);
  if (result instanceof Session && result !== gpuDataFrame) return await result.close();
  if (result instanceof Expr) return await use(usedIn(result));
  if (result instanceof GroupBy) return await use(result.count());
  if (result instanceof DataFrame) {
    if (result.plan.kind === "scanPersisted") return await result.unpersist();
    await result.compute();
  } else if (typeof result?.next === "function") {
    for await (const _ of result);
  }
}

/** Half of the methods of expressions are aggregates; literals and conditions are in both. */
function usedIn(expr: Loose): Loose {
  const aggregates = JSON.stringify(expr.node, (_, value) =>
    typeof value === "bigint" ? 0 : value,
  ).includes('"kind":"aggregate"');
  return aggregates ? frame().agg({ x: expr }) : frame().withColumns({ x: expr });
}

/** What errors of the names that pandas' users type say. */
const ALIASES = new Map([
  ["read_csv", "readCsv"],
  ["merge", "join"],
  ["groupby", "groupBy"],
]);
/**
 * What a frame says about an expression as a whole, a pattern about itself, and the columns of a frame, which look like an
 * object with any property, about a name that they lack.
 */
const OF_THE_WHOLE =
  /reads "a" outside of an aggregate|^lit\(true\) is no|^\/x\/y|^no column is named "(kind|constructor)"/;

/** What went wrong, if anything: an error that is none of the library's, or does not say what it is about. */
async function fault(method: string, run: () => Loose): Promise<string | null> {
  try {
    await use(run());
    return null;
  } catch (error) {
    if (!(error instanceof DataFrameError)) return String(error);
    const name = ALIASES.get(method) ?? method;
    const says = `${error.operator} ${error.message}`.toLowerCase();
    return says.includes(name.toLowerCase()) || OF_THE_WHOLE.test(error.message)
      ? null
      : `does not name ${name}: ${error.operator}: ${error.message}`;
  }
}

describe.each(Object.entries(places))("%s", (_, place) => {
  test.each(Object.entries(place.methods))("%s", async (method, valid) => {
    const faults: string[] = [];
    const tried = async (what: string, args: Arguments) => {
      // A condition that waits for its value has a then(): it must not be awaited.
      const made = place.of();
      const receiver = made instanceof Promise ? await made : made;
      const found = await fault(method, () => receiver[method](...args));
      if (found !== null) faults.push(`${what}: ${found}`);
    };
    const arity = valid().length;
    for (let position = 0; position < arity; position += 1) {
      await tried(`without argument ${position}`, valid().slice(0, position));
      for (const [kind, value] of Object.entries(wrongValues())) {
        await tried(`argument ${position} is ${kind}`, valid().with(position, value));
      }
    }
    expect(faults).toEqual([]);
  });
});

test("the arguments of the table are those that the methods take", async () => {
  for (const [name, place] of Object.entries(places)) {
    if (name === "Session") continue;
    for (const [method, valid] of Object.entries(place.methods)) {
      const made = place.of();
      const receiver = made instanceof Promise ? await made : made;
      await use(receiver[method](...valid()));
    }
  }
});

/** Without parameters, by its source: what is given to it is dropped, as JavaScript has it. */
const takesNothing = (method: unknown) =>
  typeof method === "function" && /^(async )?\*?\s*[\w[\].]+\(\)/.test(String(method));

test("every public method with parameters is in the table", () => {
  const prototypes = {
    DataFrame: DataFrame.prototype,
    GroupBy: GroupBy.prototype,
    Expr: Expr.prototype,
    str: Object.getPrototypeOf(col("s").str),
    dt: Object.getPrototypeOf(col("t").dt),
    Table: Table.prototype,
    Series: Series.prototype,
    Session: Session.prototype,
    When: Object.getPrototypeOf(when(true)),
    Then: Object.getPrototypeOf(when(true).then(1)),
  };
  for (const [name, prototype] of Object.entries(prototypes)) {
    const known = new Set([
      ...Object.keys(places[name]?.methods ?? {}),
      ...(name === "Expr" ? ["and", "or"] : []),
      "constructor",
    ]);
    const missing = Reflect.ownKeys(prototype).filter((key) => {
      const { value } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
      return value !== undefined && !known.has(String(key)) && !takesNothing(value);
    });
    expect(missing, `methods of ${name} without a case`).toEqual([]);
  }
  expect(count().node.kind).toBe("aggregate");
});
