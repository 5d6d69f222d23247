// What is written reads back bit for bit, and the native writer gives the bytes of the reference.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AbortError } from "../../src/base/index.ts";
import {
  type Batch,
  type CellValue,
  type Column,
  columnFromValues,
  formatDecimalText,
} from "../../src/column/index.ts";
import { csvFormatter, loadAddon } from "../../src/device/cpu/index.ts";
import { type DType, type DTypeLike, Schema, sameDType, toDType } from "../../src/dtype/index.ts";
import {
  type CsvFormatter,
  type CsvWriteOptions,
  formatCsv,
  openCsv,
  writeCsv,
} from "../../src/io/index.ts";
import { folder, readers, valuesOf } from "./readers.ts";

const addon = loadAddon();
if (!addon.ok) throw new Error(addon.reason);
const native = addon.native;
const formatters: readonly [string, CsvFormatter][] = [
  ["reference", formatCsv],
  ["native", csvFormatter({ native, threads: 2 })],
];

type Table = { readonly schema: Schema; readonly batch: Batch };

function table(columns: Record<string, [DTypeLike, readonly CellValue[]]>): Table {
  const entries = Object.entries(columns).map(([name, [like, cells]]) => {
    const dtype = toDType(like);
    return { name, dtype, column: columnFromValues(cells, dtype, name) };
  });
  const rowCount = entries[0]?.column.length ?? 0;
  return {
    schema: new Schema(entries),
    batch: { rowCount, columns: entries.map(({ column }) => column) },
  };
}

async function written(
  formatter: CsvFormatter,
  { schema, batch }: Table,
  options: CsvWriteOptions = {},
) {
  const path = join(folder, "written.csv");
  await writeCsv(path, schema, [batch], options, formatter);
  return { path, text: readFileSync(path, "utf8") };
}

const sample = table({
  i: ["int64", [1n, -(2n ** 63n), null]],
  f: ["float64", [1, -0, Number.NaN]],
  g: ["float32", [Math.fround(0.1), 1e-7, Number.NEGATIVE_INFINITY]],
  s: ["string", ["", 'say "hi", twice', null]],
  b: ["bool", [true, null, false]],
  d: ["date", ["2020-02-29", "-0044-03-15", null]],
  't,"x"': ["timestamp[us]", ["2020-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", null]],
});

describe.each(formatters)("the %s writer", (_name, formatter) => {
  test("writes every dtype", async () => {
    const { text } = await written(formatter, sample);
    expect(text).toBe(
      [
        'i,f,g,s,b,d,"t,""x"""',
        '1,1.0,0.1,"",true,2020-02-29,2020-01-01T00:00:00',
        '-9223372036854775808,-0.0,1e-7,"say ""hi"", twice",,-000044-03-15,1969-12-31T23:59:59.999999',
        ",NaN,-Infinity,,false,,",
        "",
      ].join("\n"),
    );
  });

  test("takes a delimiter, a null text and no header", async () => {
    const options = { delimiter: ".", nullValue: "1", header: false };
    const given = table({
      a: ["int64", [1n, 2n, null]],
      b: ["float64", [1.5, null, 1]],
      c: ["string", ["1", "x", null]],
    });
    const { text } = await written(formatter, given, options);
    expect(text).toBe('"1"."1.5"."1"\n2.1.x\n1."1.0".1\n');
  });

  test("refuses rows without columns", async () => {
    const path = join(folder, "none.csv");
    const writing = writeCsv(path, new Schema([]), [{ rowCount: 3, columns: [] }], {}, formatter);
    await expect(writing).rejects.toThrow(/no rows without columns/);
  });

  test("compresses by name", async () => {
    const path = join(folder, "written.csv.gz");
    await writeCsv(path, sample.schema, [sample.batch], {}, formatter);
    expect(gunzipSync(readFileSync(path)).toString()).toMatch(/^i,f,g,s/);
  });

  test("reads back bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (given) => {
        const { path, text } = await written(formatter, given);
        expect(text).toBe((await written(formatCsv, given)).text);
        const schema = Object.fromEntries(
          given.schema.fields.map(({ name, dtype }) => [name, dtype]),
        );
        const source = await openCsv(path, { schema });
        expect(source.schema.names).toEqual(given.schema.names);
        for (const reader of readers) {
          const result = await reader.read(source, { columns: given.schema.names });
          if (result.kind !== "rows") throw new Error("conflicts");
          expect(result.batch.columns.map(bits)).toEqual(given.batch.columns.map(bits));
        }
      }),
      { numRuns: Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 60) },
    );
  });

  test("keeps the dtypes of numbers, dates and booleans without a schema", async () => {
    const { path } = await written(formatter, sample);
    const source = await openCsv(path);
    const inferred = source.schema.fields.map(({ dtype }) => dtype);
    const expected = sample.schema.fields.map(({ dtype }) =>
      dtype.kind === "float32" ? toDType("float64") : dtype,
    );
    expect(inferred.map((dtype, index) => sameDType(dtype, expected[index]!))).toEqual(
      inferred.map(() => true),
    );
  });

  test("leaves nothing behind when it fails, and names the path", async () => {
    const missing = join(folder, "no", "x.csv");
    await expect(
      writeCsv(missing, sample.schema, [sample.batch], {}, formatter),
    ).rejects.toMatchObject({
      code: "FILE_ERROR",
      path: missing,
    });
    const failing = async function* () {
      yield sample.batch;
      throw new Error("no more");
    };
    const path = join(folder, "failing.csv");
    await expect(writeCsv(path, sample.schema, failing(), {}, formatter)).rejects.toThrow(
      "no more",
    );
    await expect(
      writeCsv(
        path,
        sample.schema,
        [sample.batch],
        { signal: AbortSignal.abort("stop") },
        formatter,
      ),
    ).rejects.toMatchObject({ code: "ABORTED", cause: "stop" });
    expect(readdirSync(folder).filter((name) => name.startsWith("failing"))).toEqual([]);
  });
});

/** Values with NaN as one value, and both zeros apart: what toEqual compares. */
const bits = (column: Column): unknown[] => valuesOf(column);

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const text = fc.string({
  unit: fc.constantFrom("a", ",", '"', "\n", "\r", "\0", " ", "é", "😀", "#", "\ufeff", "1"),
  maxLength: 6,
});
const cellsOfDType: Record<string, fc.Arbitrary<CellValue>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  uint16: fc.integer({ min: 0, max: 65535 }),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32: fc.oneof(fc.float(), powerOfTwo(-149, 127).map(Math.fround)),
  float64: fc.oneof(
    fc.double(),
    powerOfTwo(-1074, 1023),
    fc.integer().map((n) => n / 1000),
  ),
  string: text,
  date: fc.integer().map(BigInt),
  "timestamp[us]": INT64,
  "timestamp[s]": INT64,
  "timestamp[ms, Europe/Zurich]": INT64,
  "decimal(38, 7)": fc
    .bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })
    .map((unscaled) => formatDecimalText(unscaled, 7)),
  "duration[s]": fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  "duration[us]": fc.integer({ min: -1e12, max: 1e12 }).map(BigInt),
  "timestamp[ns]": INT64,
};

// All text is there: what is left is to compress and to write it.
test.each(["cancelled.csv", "cancelled.csv.gz"])(
  "%s does not appear once the signal has aborted",
  async (name) => {
    const controller = new AbortController();
    const reason = { why: "enough" };
    const formatter: CsvFormatter = async (...rows) => {
      const pieces = await formatCsv(...rows);
      controller.abort(reason);
      return pieces;
    };
    const path = join(folder, name);
    const { signal } = controller;
    const writing = writeCsv(path, sample.schema, [sample.batch], { signal }, formatter);
    const error = await writing.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AbortError);
    expect((error as AbortError).cause).toBe(reason);
    expect(readdirSync(folder).filter((file) => file.startsWith("cancelled"))).toEqual([]);
  },
);

test.each(formatters)("the %s formatter stops on the way", async (name, formatter) => {
  const rowCount = 1 << 18;
  const column = columnFromValues(
    Float64Array.from({ length: rowCount }, (_, row) => row / 7),
    toDType("float64"),
    "f",
  );
  const schema = new Schema([{ name: "f", dtype: toDType("float64") }]);
  const format = { delimiter: 0x2c, nullValue: "" };
  const controller = new AbortController();
  const reason = { why: "enough" };
  const formatting = formatter(
    schema,
    { rowCount, columns: [column] },
    0,
    rowCount,
    format,
    controller.signal,
  );
  controller.abort(reason);
  await expect(formatting, name).rejects.toMatchObject({ code: "ABORTED", cause: reason });
});

function powerOfTwo(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max }).map((exponent) => 2 ** exponent);
}

const anyTable: fc.Arbitrary<Table> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(text, fc.constantFrom(...Object.keys(cellsOfDType))), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    }),
    fc.integer({ min: 0, max: 30 }),
  )
  .chain(([fields, rowCount]) =>
    fc
      .tuple(
        ...fields.map(([, dtype]) =>
          fc.array(fc.option(cellsOfDType[dtype]!, { freq: 6 }), {
            minLength: rowCount,
            maxLength: rowCount,
          }),
        ),
      )
      .map((cells) =>
        table(
          Object.fromEntries(
            fields.map(([name, dtype], index): [string, [DType, readonly CellValue[]]] => [
              name,
              [toDType(dtype as DTypeLike), cells[index]!],
            ]),
          ),
        ),
      ),
  );
