// Bad input of every kind ends in a typed error that says where, from every reader that gets to see it.
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DataFrameError, ParseError } from "../../src/base/index.ts";
import { type CsvReadOptions, openCsv } from "../../src/io/index.ts";
import { cellsOf, fileOf, folder, readers, sourceOf } from "./readers.ts";

async function failure(action: () => Promise<unknown>): Promise<DataFrameError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof DataFrameError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("opening", () => {
  mkdirSync(join(folder, "folder.csv"));
  const files: [string, () => string | readonly string[], CsvReadOptions, string, RegExp][] = [
    ["a missing file", () => join(folder, "no.csv"), {}, "FileError", /does not exist/],
    ["a glob without a match", () => join(folder, "no-*.csv"), {}, "FileError", /no file matches/],
    ["a directory", () => join(folder, "folder.csv"), {}, "FileError", /is a directory/],
    ["an empty file", () => fileOf(""), {}, "ParseError", /is empty/],
    ["a byte order mark and nothing else", () => fileOf("\ufeff"), {}, "ParseError", /is empty/],
    [
      "a PNG",
      () => fileOf(Buffer.from("\x89PNG\r\n\x1a\n", "latin1")),
      {},
      "ParseError",
      /PNG image/,
    ],
    ["a Parquet file", () => fileOf("PAR1...."), {}, "ParseError", /Parquet/],
    ["UTF-16", () => fileOf(Buffer.from("\ufeffa,b\n", "utf16le")), {}, "ParseError", /UTF-16/],
    [
      "binary garbage",
      () => fileOf(Uint8Array.from({ length: 999 }, (_, i) => (i * 151 + 200) & 255)),
      {},
      "ParseError",
      /invalid UTF-8/,
    ],
    [
      "NUL bytes and nothing else",
      () => fileOf(new Uint8Array(999)),
      { maxRecordBytes: 100 },
      "ParseError",
      /longer than 100 bytes/,
    ],
    [
      "a glob that matches a directory",
      () => join(folder, "folder*"),
      {},
      "FileError",
      /no file matches|is a directory/,
    ],
    ["a path of NUL", () => "a\0b.csv", {}, "FileError", /./],
    [
      "a schema that is no object",
      () => fileOf("a\n"),
      { schema: "int64" as never },
      "InvalidArgumentError",
      /schema/,
    ],
    [
      "a cut gzip file",
      () => fileOf(gzipSync("a,b\n1,2\n".repeat(999)).subarray(0, 40)),
      {},
      "ParseError",
      /damaged gzip/,
    ],
    [
      "an unclosed quote in the header",
      () => fileOf('"a,b\n1,2\n'),
      {},
      "ParseError",
      /line 1, byte 0: the quote that opens here/,
    ],
    ["a malformed name", () => fileOf('a,"b"c\n'), {}, "ParseError", /line 1, byte 2: header/],
    [
      "a header that is too long",
      () => fileOf(`${"x".repeat(200)}\n`),
      { maxRecordBytes: 100 },
      "ParseError",
      /longer than 100 bytes/,
    ],
    [
      "files of different columns",
      () => [fileOf("a,b\n"), fileOf("a,c\n")],
      {},
      "ParseError",
      /lacks "b" and has "c" besides/,
    ],
    [
      "an unknown column in columns",
      () => fileOf("state,b\n"),
      { columns: ["stat"] },
      "ColumnNotFoundError",
      /Did you mean "state"/,
    ],
    [
      "an unknown column in schema",
      () => fileOf("state\n"),
      { schema: { stat: "int64" } },
      "ColumnNotFoundError",
      /Did you mean "state"/,
    ],
    [
      "a dtype that there is not",
      () => fileOf("a\n"),
      { schema: { a: "int63" as "int64" } },
      "InvalidArgumentError",
      /is not a dtype/,
    ],
    [
      "too few names",
      () => fileOf("1,2\n"),
      { header: ["a"] },
      "InvalidArgumentError",
      /names 1 columns/,
    ],
    [
      "a name twice",
      () => fileOf("1,2\n"),
      { header: ["a", "a"] },
      "InvalidArgumentError",
      /"a" twice/,
    ],
    [
      "a delimiter of two characters",
      () => fileOf("a\n"),
      { delimiter: "::" },
      "InvalidArgumentError",
      /one ASCII character/,
    ],
    [
      "one character for two things",
      () => fileOf("a\n"),
      { delimiter: '"' },
      "InvalidArgumentError",
      /same character/,
    ],
    [
      "an unknown option",
      () => fileOf("a\n"),
      { seperator: ";" } as CsvReadOptions,
      "InvalidArgumentError",
      /no option of readCsv/,
    ],
    [
      "an unknown onError",
      () => fileOf("a\n"),
      { onError: "warn" as "throw" },
      "InvalidArgumentError",
      /onError/,
    ],
    [
      "another encoding",
      () => fileOf("a\n"),
      { encoding: "latin1" as "utf8" },
      "NotSupportedError",
      /encoding/,
    ],
    ["a negative limit", () => fileOf("a\n"), { limit: -1 }, "InvalidArgumentError", /limit/],
    ["no path", () => [], {}, "InvalidArgumentError", /is no path/],
  ];

  test.each(files)("%s", async (_name, path, options, error, message) => {
    const thrown = await failure(() => openCsv(path(), options));
    expect(thrown.name).toBe(error);
    expect(thrown.message).toMatch(message);
    expect(thrown.hint).toBeTruthy();
  });

  test("zstd, on a Node that cannot read it", async () => {
    const path = fileOf(
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x00, 0x01, 0x00, 0x00, 0x99, 0xe9, 0xd8, 0x51),
    );
    const thrown = await failure(() => openCsv(path));
    expect(["NotSupportedError", "ParseError"]).toContain(thrown.name);
  });

  test("a file that a name with glob characters names is that file", async () => {
    const path = fileOf("a\n1\n", "odd [1] {x}*.csv");
    expect((await openCsv(path)).paths).toEqual([path]);
  });
});

interface Fault {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly options?: CsvReadOptions;
  readonly line: number;
  readonly byteOffset: number;
  readonly column?: string;
  readonly message: RegExp;
}

const faults: Fault[] = [
  {
    name: "too few fields",
    content: "a,b\n1,2\n3\n",
    line: 3,
    byteOffset: 8,
    message: /1 fields instead of 2/,
  },
  {
    name: "too many fields",
    content: "a,b\n1,2,3\n",
    line: 2,
    byteOffset: 4,
    message: /3 fields instead of 2/,
  },
  {
    name: "a value of another dtype",
    content: 'a,b\n1,2\n"x\ny",3\n4,five\n',
    options: { schema: { b: "int64" } },
    line: 5,
    byteOffset: 18,
    column: "b",
    message: /"five" is not int64/,
  },
  {
    name: "the first of several, by byte",
    content: "a,b\n1,2\n3,y\nx,4\n",
    options: { schema: { a: "int64", b: "int64" } },
    line: 3,
    byteOffset: 10,
    column: "b",
    message: /"y" is not int64/,
  },
  {
    name: "a quote in an unquoted field",
    content: 'a,b\n1,5"2"\n',
    line: 2,
    byteOffset: 6,
    column: "b",
    message: /quote inside/,
  },
  {
    name: "text after a closing quote",
    content: 'a,b\n1,"x"y\n',
    line: 2,
    byteOffset: 6,
    column: "b",
    message: /after a closing quote/,
  },
  {
    name: "an unclosed quote",
    content: 'a,b\n1,"x"\n2,"y\n3,z\n',
    line: 3,
    byteOffset: 12,
    message: /never closed/,
  },
  {
    name: "bytes that are not UTF-8",
    content: Buffer.from("a,b\n1,é\n2,\xff\n", "latin1"),
    line: 2,
    byteOffset: 6,
    column: "b",
    message: /invalid UTF-8/,
  },
  {
    name: "a record that is too long",
    content: `a,b\n1,2\n3,${"x".repeat(300)}\n4,5\n`,
    options: { maxRecordBytes: 200, sampleBytes: 8 },
    line: 3,
    byteOffset: 8,
    message: /longer than 200 bytes/,
  },
];

describe.each(readers)("$name", (reader) => {
  test.each(faults)("$name", async ({ content, options, line, byteOffset, column, message }) => {
    const source = await sourceOf(content, options);
    const thrown = await failure(() => reader.read(source, { columns: source.schema.names }));
    expect(thrown).toBeInstanceOf(ParseError);
    expect(thrown).toMatchObject({ line, byteOffset, column, path: source.paths[0] });
    expect(thrown.message).toMatch(message);
    expect(thrown.hint).toBeTruthy();
  });

  test("a fault in a column that nobody needs is no fault", async () => {
    const source = await sourceOf("a,b\n1,x\n", { schema: { b: "int64" } });
    expect((await reader.read(source, { columns: ["a"] })).kind).toBe("rows");
  });

  const bad = 'a,b\n1,2\nx,3\n4\n5,6,7\n8,"9"9\n10,11\n';
  const schema = { a: "int64", b: "int64" } as const;

  test('onError "null"', async () => {
    const source = await sourceOf(bad, { schema, onError: "null" });
    const result = await reader.read(source, { columns: ["a", "b"] });
    if (result.kind !== "rows") throw new Error("conflicts");
    expect(cellsOf(["a", "b"], result.batch)).toEqual({
      a: [1n, null, 4n, 5n, 8n, 10n],
      b: [2n, 3n, null, 6n, null, 11n],
    });
    expect(result.rejectCount).toBe(4);
    expect(result.rejects.map(({ line, column, text }) => [line, column, text])).toEqual([
      [3, "a", "x"],
      [4, null, "4"],
      [5, null, "5,6,7"],
      [6, "b", '"9"9'],
    ]);
  });

  test('onError "skip"', async () => {
    const source = await sourceOf(bad, { schema, onError: "skip" });
    const result = await reader.read(source, { columns: ["a", "b"] });
    if (result.kind !== "rows") throw new Error("conflicts");
    expect(cellsOf(["a", "b"], result.batch)).toEqual({ a: [1n, 10n], b: [2n, 11n] });
    expect(result.rejects.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
    expect(result.rejects[1]).toMatchObject({
      byteOffset: 12,
      reason: "1 fields instead of 2",
      path: source.paths[0],
    });
  });

  test("a file that was cut since it was opened", async () => {
    const path = fileOf("a,b\n1,2\n3,4\n");
    const source = await openCsv(path);
    truncateSync(path, 9);
    expect((await failure(() => reader.read(source, { columns: ["a"] }))).name).toBe("FileError");
  });

  test.each([
    ["with as many bytes", "id,x\n1,2\n", "id,x\n3,4\n"],
    ["longer", "a\n1\n2\n", "a\n100000\n200000\n"],
    ["with other columns", "id,amount\n1,5\n", "amount,id\n5,1\n7,2\n"],
  ])("a file that was written anew since it was opened, %s", async (_, before, after) => {
    const path = fileOf(before);
    const source = await openCsv(path);
    await new Promise((resolve) => setTimeout(resolve, 20)); // clocks of file systems tick every few milliseconds
    writeFileSync(path, after);
    const reading = reader.read(source, { columns: source.schema.names });
    await expect(reading).rejects.toMatchObject({
      name: "FileError",
      message: expect.stringContaining("has changed since it was opened"),
    });
  });

  test("a file that is gone since it was opened", async () => {
    const source = await sourceOf("a,b\n1,2\n");
    const { rmSync } = await import("node:fs");
    rmSync(source.paths[0]!);
    expect((await failure(() => reader.read(source, { columns: ["a"] }))).name).toBe("FileError");
  });

  test("a file that has grown is read up to where it ended", async () => {
    const path = fileOf("a,b\n1,2\n");
    const source = await openCsv(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(path, "3,4\n", { flag: "a" });
    const result = await reader.read(source, { columns: ["a"] });
    expect(result.kind === "rows" && result.batch.rowCount).toBe(1);
  });

  test("a file cut at every byte gives rows or a typed error", async () => {
    const whole = 'a,b,c\r\n1,"x ""y""",2020-01-01\r\n2,"é\n",2020-01-02\r\n';
    const bytes = Buffer.from(whole);
    for (let length = 1; length <= bytes.length; length++) {
      try {
        const source = await sourceOf(bytes.subarray(0, length));
        await reader.read(source, { columns: source.schema.names });
      } catch (error) {
        expect(error).toBeInstanceOf(DataFrameError);
      }
    }
  });
});
