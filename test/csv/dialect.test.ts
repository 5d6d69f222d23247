// Records, fields, names and inference: what a file means, for every reader.
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { dtypeName } from "../../src/dtype/index.ts";
import { type CsvReadOptions, openCsv, promoteSchema } from "../../src/io/index.ts";
import { type Cells, cellsOf, fileOf, folder, readers, sourceOf } from "./readers.ts";

interface Case {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly options?: CsvReadOptions;
  readonly dtypes?: readonly string[];
  readonly cells: Cells;
}

const cases: Case[] = [
  {
    name: "every dtype is inferred",
    content:
      "i,f,s,b,d,t,n\n1,1.5,x,true,2020-01-01,2020-01-01T00:00:01Z,\n-2,2,1,FALSE,2020-01-02,2020-01-02,\n",
    dtypes: ["int64", "float64", "string", "bool", "date", "timestamp[us]", "string"],
    cells: {
      i: [1n, -2n],
      f: [1.5, 2],
      s: ["x", "1"],
      b: [true, false],
      d: [18262, 18263],
      t: [1577836801000000n, 1577923200000000n],
      n: [null, null],
    },
  },
  {
    name: "numbers that would lose digits are strings",
    content: "zip,big,mixed,float\n01234,9223372036854775808,1,007.5\n99999,1,1.5,1.5\n",
    dtypes: ["string", "string", "float64", "string"],
    cells: {
      zip: ["01234", "99999"],
      big: ["9223372036854775808", "1"],
      mixed: [1, 1.5],
      float: ["007.5", "1.5"],
    },
  },
  {
    name: "dates that only one order can mean are inferred, others stay texts",
    content:
      "dots,slashes,either,clock,mixed\n" +
      "13.02.2024,2024/02/13,13/02/2024,2024/02/13 01:00:00.5+01:00,2024-02-13\n" +
      "01.02.2024,2024/01/02,01/02/2024,13.02.2024T00:00Z,13.02.2024 00:00:01\n",
    dtypes: ["date", "date", "string", "timestamp[us]", "timestamp[us]"],
    cells: {
      dots: [19766, 19754],
      slashes: [19766, 19724],
      either: ["13/02/2024", "01/02/2024"],
      clock: [1707782400500000n, 1707782400000000n],
      mixed: [1707782400000000n, 1707782401000000n],
    },
  },
  {
    name: "null and the empty string differ",
    content: 'a,b,c\n,"",""\nx,y,1\n',
    dtypes: ["string", "string", "int64"],
    cells: { a: [null, "x"], b: ["", "y"], c: [null, 1n] },
  },
  {
    name: "null texts, unquoted only",
    content: 'a,b\nNA,-999\n"NA",1\n,2\n',
    options: { nullValues: ["NA", "-999"] },
    dtypes: ["string", "int64"],
    cells: { a: [null, "NA", ""], b: [null, 1n, 2n] },
  },
  {
    name: "quoted fields hold delimiters, newlines and quotes",
    content: 'a,b\n"x,1","line 1\nline ""2"""\n"",\'\n',
    cells: { a: ["x,1", ""], b: ['line 1\nline "2"', "'"] },
  },
  {
    name: "CRLF, a byte order mark and no last newline",
    content: "\ufeffa,b\r\n1,x\r\n2,y",
    dtypes: ["int64", "string"],
    cells: { a: [1n, 2n], b: ["x", "y"] },
  },
  {
    name: "lone carriage returns",
    content: "a,b\r1,x\r2,y\r",
    cells: { a: [1n, 2n], b: ["x", "y"] },
  },
  {
    name: "a carriage return inside a line is text",
    content: "a,b\nx\ry,\r1\n",
    cells: { a: ["x\ry"], b: ["\r1"] },
  },
  {
    name: "empty lines are no records",
    content: "\n\na,b\n\n1,2\n\r\n\n3,4\n\n",
    cells: { a: [1n, 3n], b: [2n, 4n] },
  },
  {
    name: "but nulls in a file of one column",
    content: "a\n1\n\n3\n",
    cells: { a: [1n, null, 3n] },
  },
  {
    name: "comments, quotes in them included",
    content: '# say "no\na,b\n#x\n1,"#2"\n# "\n3,#4\n#',
    options: { comment: "#" },
    cells: { a: [1n, 3n], b: ["#2", "#4"] },
  },
  {
    name: "another escape",
    content: 'a,b\n"say \\"hi\\"",x\\,y\n"back\\\\",\\"q\n',
    options: { escape: "\\" },
    cells: { a: ['say "hi"', "back\\"], b: ["x,y", '"q'] },
  },
  {
    name: "no quotes at all",
    content: 'a,b\n"x,5"\n',
    options: { quote: null },
    cells: { a: ['"x'], b: ['5"'] },
  },
  {
    name: "another delimiter and quote",
    content: "a;b\n'1;5';2,5\n",
    options: { delimiter: ";", quote: "'" },
    cells: { a: ["1;5"], b: ["2,5"] },
  },
  {
    name: "no header",
    content: "1,x\n2,y\n",
    options: { header: false },
    cells: { column_1: [1n, 2n], column_2: ["x", "y"] },
  },
  {
    name: "names in place of a header",
    content: "1,x\n2,y\n",
    options: { header: ["a", "b"] },
    cells: { a: [1n, 2n], b: ["x", "y"] },
  },
  {
    name: "skipped lines",
    content: 'made by "x\n\na,b\n1,2\n',
    options: { skipRows: 1 },
    cells: { a: [1n], b: [2n] },
  },
  {
    name: "columns in the order asked for",
    content: "a,b,c\n1,2,3\n",
    options: { columns: ["c", "a"] },
    cells: { c: [3n], a: [1n] },
  },
  {
    name: "duplicate and empty names",
    content: 'a,a,a_1,,""\n1,2,3,4,5\n',
    cells: { a: [1n], a_2: [2n], a_1: [3n], column_4: [4n], "": [5n] },
  },
  {
    name: "names that JavaScript knows",
    content: "__proto__,constructor,`,$\n1,2,3,4\n",
    cells: Object.fromEntries([
      ["__proto__", [1n]],
      ["constructor", [2n]],
      ["`", [3n]],
      ["$", [4n]],
    ]),
  },
  { name: "a header only", content: "a,b\n", cells: { a: [], b: [] } },
  { name: "a limit", content: "a\n1\n2\n3\n", options: { limit: 2 }, cells: { a: [1n, 2n] } },
  { name: "a limit of none", content: "a\n1\n", options: { limit: 0 }, cells: { a: [] } },
  { name: "gzip", content: gzipSync("a,b\n1,x\n2,y\n"), cells: { a: [1n, 2n], b: ["x", "y"] } },
  {
    name: "gzip in two members",
    content: Buffer.concat([gzipSync("a\n1\n"), gzipSync("2\n")]),
    cells: { a: [1n, 2n] },
  },
];

describe.each(readers)("$name", (reader) => {
  test.each(cases)("$name", async ({ content, options, dtypes, cells }) => {
    const source = await sourceOf(content, options);
    const names = source.schema.names;
    const result = await reader.read(source, { columns: names });
    if (result.kind !== "rows") throw new Error(JSON.stringify(result.conflicts));
    expect(names).toEqual(Object.keys(cells));
    if (dtypes !== undefined)
      expect(source.schema.fields.map(({ dtype }) => dtypeName(dtype))).toEqual(dtypes);
    for (const [index, name] of names.entries()) {
      const read = cellsOf([name], { ...result.batch, columns: [result.batch.columns[index]!] });
      expect(Object.entries(read)).toEqual([
        [name, Object.entries(cells).find(([key]) => key === name)?.[1]],
      ]);
    }
  });

  test("several files, matched by name, with a field order and an encoding of their own", async () => {
    const paths = [
      fileOf("a,b\n1,x\n2,y\n", "list-1.csv"),
      fileOf("b,a\nx,3\n", "list-2.csv"),
      fileOf(gzipSync('"a","b"\r\n4,z\r\n'), "list-3.csv.gz"),
    ];
    for (const given of [paths, `${folder}/list-*.csv*`]) {
      const source = await openCsv(given);
      const result = await reader.read(source, { columns: ["b", "a"] });
      if (result.kind !== "rows") throw new Error("conflicts");
      expect(cellsOf(["b", "a"], result.batch)).toEqual({
        b: ["x", "y", "x", "z"],
        a: [1n, 2n, 3n, 4n],
      });
    }
  });

  test("a file that contradicts its sample is read with the dtypes that all of it fits", async () => {
    const head = `i,f,d,b,s,z\n${"1,1.5,2020-01-01,true,x,1\n".repeat(20)}`;
    const tail = "2.5,2,2020-01-01T12:00,1,y,007\n3,oops,2020-01-02,false,7,2\n";
    const source = await sourceOf(head + tail, { sampleBytes: 64 });
    const names = source.schema.names;
    const first = await reader.read(source, { columns: names });
    if (first.kind !== "conflicts") throw new Error("no conflict was found");
    const found = first.conflicts.map(
      ({ column, dtype, line }) => `${column} ${dtypeName(dtype)} ${line}`,
    );
    expect(found.sort()).toEqual([
      "b string 22",
      "d timestamp[us] 22",
      "f string 23",
      "i float64 22",
      "z string 22",
    ]);
    const second = await reader.read(promoteSchema(source, first.conflicts), { columns: names });
    if (second.kind !== "rows") throw new Error("still in conflict");
    const cells = cellsOf(names, second.batch);
    expect(names.map((name) => cells[name]?.slice(-2))).toEqual([
      [2.5, 3],
      ["2", "oops"],
      [1577880000000000n, 1577923200000000n],
      ["1", "false"],
      ["y", "7"],
      ["007", "2"],
    ]);
  });

  test("a projection of no columns counts rows", async () => {
    const source = await sourceOf("a,b\n1,2\n\n3,4");
    const result = await reader.read(source, { columns: [] });
    expect(result.kind === "rows" && result.batch).toEqual({ rowCount: 2, columns: [] });
  });
});
