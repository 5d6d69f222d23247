// Arrow in and out: the same memory, every dtype, dictionaries, offsets, several batches.

import {
  Table as ArrowTable,
  DateMillisecond,
  Decimal,
  Dictionary,
  Int8,
  Int16,
  Int32,
  makeData,
  makeVector,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import gpuDataFrame, { col, NotSupportedError, ParseError } from "../../src/index.ts";
import { arrowToBatches } from "../../src/io/index.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();

describe("fromArrow", () => {
  test("takes tables of columns without rows", async () => {
    const empty = tableFromArrays({ i: Int32Array.of(), f: Float64Array.of(), s: [] as string[] });
    for (const arrow of [empty, tableToIPC(empty), new ArrowTable(empty.schema)]) {
      const table = await session().fromArrow(arrow).compute();
      expect(table.numRows).toBe(0);
      expect(table.columnNames).toEqual(["i", "f", "s"]);
    }
  });

  test("shares the buffers of numbers and text", async () => {
    const floats = Float64Array.of(1, 2, 3);
    const arrow = new ArrowTable({
      f: makeVector(floats),
      s: vectorFromArray(["a", null, "ccc"], new Utf8()),
    });
    const table = await session().fromArrow(arrow).compute();
    expect(table.column("f").values.buffer).toBe(floats.buffer);
    const { data } = table.column("s").column;
    const source = arrow.getChild("s")?.data[0];
    expect(data.encoding === "plain" && data.bytes.buffer).toBe(source?.values.buffer);
    expect(table.column("s").toArray()).toEqual(["a", null, "ccc"]);
  });

  test("texts end where their offsets do, whatever room Arrow has left behind them", async () => {
    const textsOf = (part: number) => Array.from({ length: 16 }, (_, row) => `${part} ${row}`);
    await using cpu = await gpuDataFrame.session({ engine: "cpu" });
    const parts = [0, 1, 2].map((part) => {
      const dictionary = vectorFromArray(textsOf(part));
      expect(dictionary.data[0]?.dictionary?.data[0]?.valueOffsets.length).toBeGreaterThan(17);
      return new ArrowTable({ d: dictionary, p: vectorFromArray(textsOf(part), new Utf8()) });
    });
    for (const runner of [session(), cpu]) {
      const [first, ...rest] = parts.map((part) => runner.fromArrow(part));
      const table = await first?.concat(...rest).compute();
      const texts = [0, 1, 2].flatMap(textsOf);
      expect(table?.toColumns()).toEqual({ d: texts, p: texts });
    }
  });

  test("slices: values start at the offset, bitmaps inside a byte", async () => {
    const arrow = new ArrowTable({
      i: vectorFromArray([1, null, 3, 4, null], new Int16()),
      b: vectorFromArray([true, false, null, true, false]),
      s: vectorFromArray(["a", "b", null, "d", "e"], new Utf8()),
      d: vectorFromArray(["x", "y", "x", null, "y"]),
    }).slice(1, 4);
    const table = await session().fromArrow(arrow).compute();
    expect(table.toColumns()).toEqual({
      i: [null, 3, 4],
      b: [false, null, true],
      s: ["b", null, "d"],
      d: ["y", "x", null],
    });
  });

  test("several batches become several partitions and one result", async () => {
    const one = tableFromArrays({ a: Int32Array.of(1, 2), s: ["p", "q"] });
    const two = tableFromArrays({ a: Int32Array.of(3), s: ["q"] });
    const arrow = one.concat(two);
    expect(arrowToBatches(arrow).batches).toHaveLength(2);
    const table = await session().fromArrow(arrow).filter(col("s").eq("q")).compute();
    expect(table.toColumns()).toEqual({ a: [2, 3], s: ["q", "q"] });
  });

  test("dictionaries: shared with 32-bit indexes, widened, repeated and null entries", async () => {
    const utf8 = (texts: (string | null)[]) => vectorFromArray(texts, new Utf8());
    const make = (indexes: Int8Array | Int32Array, texts: (string | null)[]) => {
      const type = new Dictionary(
        new Utf8(),
        indexes instanceof Int8Array ? new Int8() : new Int32(),
      );
      return makeVector(
        makeData({ type, data: indexes as never, length: indexes.length, dictionary: utf8(texts) }),
      );
    };
    const read = async (indexes: Int8Array | Int32Array, texts: (string | null)[]) =>
      (
        await session()
          .fromArrow(new ArrowTable({ d: make(indexes, texts) }))
          .compute()
      ).column("d");
    const wide = Int32Array.of(1, 0, 1);
    const shared = await read(wide, ["a", "b"]);
    expect(shared.toArray()).toEqual(["b", "a", "b"]);
    expect(shared.values.buffer).toBe(wide.buffer);
    expect((await read(Int8Array.of(1, 0, 1), ["a", "b"])).toArray()).toEqual(["b", "a", "b"]);
    const repeated = await read(Int8Array.of(0, 1, 2), ["a", "b", "a"]);
    expect(repeated.toArray()).toEqual(["a", "b", "a"]);
    expect(repeated.dictionary?.size).toBe(2);
    expect((await read(Int8Array.of(0, 1, 0), ["a", null])).toArray()).toEqual(["a", null, "a"]);
  });

  test("dates in milliseconds are timestamps", async () => {
    const at = new Date("2020-01-02T00:00:00Z");
    const arrow = new ArrowTable({ d: vectorFromArray([at, null], new DateMillisecond()) });
    const frame = session().fromArrow(arrow);
    expect(frame.schema.dtypeOf("d")).toMatchObject({ kind: "timestamp", unit: "ms" });
    expect((await frame.compute()).column("d").toArray()).toEqual([at, null]);
  });

  test("decimals share their words, both ways and through IPC", async () => {
    const words = Uint32Array.of(
      150,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      2 ** 32 - 1,
      2 ** 32 - 1,
      2 ** 32 - 1,
      2 ** 32 - 1,
    );
    const data = makeData({
      type: new Decimal(2, 5, 128),
      length: 3,
      nullCount: 1,
      nullBitmap: Uint8Array.of(0b101),
      data: words,
    });
    const arrow = new ArrowTable({ d: makeVector(data) });
    const table = await session().fromArrow(arrow).compute();
    expect(table.column("d").values.buffer).toBe(words.buffer);
    expect(table.column("d").toArray()).toEqual(["1.50", null, "-0.01"]);
    expect(table.column("d").toArray({ decimal: "number" })).toEqual([1.5, null, -0.01]);
    const back = table.toArrow();
    expect(back.getChild("d")?.data[0]?.values.buffer).toBe(words.buffer);
    const read = session().fromArrow(tableToIPC(back));
    expect(String(read.schema.field(0).dtype.kind)).toBe("decimal");
    expect((await read.compute()).toRows()).toEqual([{ d: "1.50" }, { d: null }, { d: "-0.01" }]);
    const sliced = await session().fromArrow(back.slice(1, 3)).compute();
    expect(sliced.toColumns()).toEqual({ d: [null, "-0.01"] });
  });

  test("what is no Arrow, and what has no dtype, is refused", () => {
    expect(() => session().fromArrow(Uint8Array.of(1, 2, 3))).toThrow(ParseError);
    const nested = new ArrowTable({ l: vectorFromArray([[1], [2]]) });
    expect(() => session().fromArrow(nested)).toThrow(NotSupportedError);
    expect(() => session().fromArrow("f.arrow" as never)).toThrow(/Table or IPC/);
  });
});

describe("toArrow", () => {
  test("shares memory and comes back through IPC with all dtypes", async () => {
    const frame = session().fromColumns(
      {
        b: [true, null, false],
        i: [1, null, 3],
        f: Float64Array.of(1, -0, Number.NaN),
        s: ["x", null, "x"],
        t: [new Date(5), null, new Date(7)],
        d: ["2024-01-01", null, "1969-12-31"],
        u: Uint8Array.of(1, 2, 255),
      },
      { schema: { d: "date" } },
    );
    const table = await frame.compute();
    const arrow = table.toArrow();
    expect(arrow.getChild("f")?.data[0]?.values.buffer).toBe(table.column("f").values.buffer);
    expect(arrow.numRows).toBe(3);
    const back = await session().fromArrow(tableToIPC(arrow, "stream")).compute();
    expect(back.toRows()).toEqual(table.toRows());
    expect(back.schema.fields).toEqual(table.schema.fields);
    const file = tableFromIPC(tableToIPC(arrow, "file"));
    expect(file.getChild("s")?.toArray()).toEqual(["x", null, "x"]);
  });

  test("names and empty tables", async () => {
    const table = await session()
      .fromColumns(Object.fromEntries([["__proto__", [1]]]))
      .compute();
    expect(table.toArrow().schema.fields.map((field) => field.name)).toEqual(["__proto__"]);
    const empty = await session()
      .fromColumns({ a: [] as number[] })
      .compute();
    const back = await session().fromArrow(tableToIPC(empty.toArrow())).compute();
    expect(back.numRows).toBe(0);
  });
});
