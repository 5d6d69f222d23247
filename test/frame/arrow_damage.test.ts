// Arrow data that breaks its format: buffers that contradict each other, metadata with wrong bits, files cut short.

import {
  Table as ArrowTable,
  CompressionType,
  compressionRegistry,
  type Data,
  Decimal,
  Dictionary,
  Int8,
  Int32,
  makeData,
  makeVector,
  RecordBatchStreamWriter,
  tableFromIPC,
  tableToIPC,
  Utf8,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import gpuDataFrame, {
  col,
  DataFrameError,
  NotSupportedError,
  ParseError,
} from "../../src/index.ts";
import { Random } from "../lattice/random.ts";
import { referenceSession } from "./session.ts";

const session = referenceSession();

describe("damaged data", () => {
  const texts = (offsets: number[], bytes: number[] | string, length = offsets.length - 1) =>
    makeData({
      type: new Utf8(),
      length,
      nullCount: 0,
      valueOffsets: Int32Array.from(offsets),
      data: typeof bytes === "string" ? Buffer.from(bytes) : Uint8Array.from(bytes),
    });
  const coded = (codes: Int8Array | Int32Array, dictionary: Data<Utf8>) =>
    makeData({
      type: new Dictionary(new Utf8(), codes instanceof Int8Array ? new Int8() : new Int32()),
      length: codes.length,
      nullCount: 0,
      data: codes as never,
      dictionary: makeVector(dictionary),
    });
  const decimals = (words: number[]) =>
    makeData({
      type: new Decimal(2, 5, 128),
      length: words.length / 4,
      nullCount: 0,
      data: Uint32Array.from(words),
    });
  const ones = 2 ** 32 - 1;

  const CASES: readonly { readonly name: string; readonly data: Data; readonly says: RegExp }[] = [
    {
      name: "offsets that fall",
      data: texts([0, 3, 1, 4], "abcd"),
      says: /^row 1 .* bytes 3 to 1 of 4/,
    },
    {
      name: "offsets beyond the bytes",
      data: texts([0, 1, 9], "ab"),
      says: /^row 1 .* bytes 1 to 9 of 2/,
    },
    { name: "a negative offset", data: texts([-1, 1, 2], "ab"), says: /^row 0 .* bytes -1 to 1/ },
    {
      name: "too few offsets",
      data: texts([0, 1], "a", 3),
      says: /buffer has length 2, its rows need 4/,
    },
    {
      name: "bytes that are no UTF-8",
      data: texts([0, 1, 2], [0x61, 0xff]),
      says: /^row 1 .* UTF-8/,
    },
    {
      name: "a text that begins inside a character",
      data: texts([0, 1, 2], "é"),
      says: /^row 0 .* UTF-8/,
    },
    {
      name: "a code of no entry",
      data: coded(Int32Array.of(0, 2), texts([0, 1, 2], "ab")),
      says: /^row 1 .* entry 2 of a dictionary of 2/,
    },
    {
      name: "a negative code",
      data: coded(Int8Array.of(0, -1), texts([0, 1, 2], "ab")),
      says: /^row 1 .* entry -1/,
    },
    {
      name: "entries whose offsets fall",
      data: coded(Int32Array.of(0), texts([0, 2, 1], "ab")),
      says: /^entry 1 of the dictionary/,
    },
    {
      name: "an entry that is no UTF-8",
      data: coded(Int32Array.of(0), texts([0, 1], [0x80])),
      says: /^entry 0 of the dictionary .* UTF-8/,
    },
    {
      name: "too many digits",
      data: decimals([99_999, 0, 0, 0, 100_000, 0, 0, 0]),
      says: /^row 1 .* more than 5 digits/,
    },
    {
      name: "too many negative digits",
      data: decimals([-99_999, ones, ones, ones, -100_000, ones, ones, ones]),
      says: /^row 1 .* digits/,
    },
    {
      name: "the least number of 128 bits",
      data: decimals([0, 0, 0, 0x8000_0000]),
      says: /^row 0 .* digits/,
    },
    {
      name: "too few numbers",
      data: makeData({ type: new Int32(), length: 3, data: Int32Array.of(1) }),
      says: /length 1, its rows need 3/,
    },
    {
      name: "too few bits of validity",
      data: makeData({
        type: new Int32(),
        length: 9,
        nullCount: 1,
        nullBitmap: Uint8Array.of(3),
        data: new Int32Array(9),
      }),
      says: /validity bitmap has length 1, its rows need 2/,
    },
  ];

  test.each(CASES)("$name: refused, with column and row", ({ data, says }) => {
    const arrow = new ArrowTable({ "a`b": makeVector(data) });
    const error = thrownBy(() => session().fromArrow(arrow));
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ column: "a`b", operator: "fromArrow" });
    expect((error as ParseError).summary).toMatch(says);
  });

  test("what lies under nulls may be anything", async () => {
    const nullBitmap = Uint8Array.of(0b101);
    const under = { length: 3, nullCount: 1, nullBitmap };
    const dictionary = makeVector(texts([0, 1, 2], "xy"));
    const arrow = new ArrowTable({
      d: makeVector(
        makeData({
          ...under,
          type: new Dictionary(new Utf8(), new Int32()),
          data: Int32Array.of(1, -7, 0),
          dictionary,
        }),
      ),
      s: makeVector(
        makeData({
          ...under,
          type: new Utf8(),
          valueOffsets: Int32Array.of(0, 1, 3, 4),
          data: Uint8Array.of(0x61, 0xff, 0xc3, 0x62),
        }),
      ),
      m: makeVector(
        makeData({
          ...under,
          type: new Decimal(2, 5, 128),
          data: Uint32Array.of(1, 0, 0, 0, ones, ones, ones, 1, 2, 0, 0, 0),
        }),
      ),
    });
    await using cpu = await gpuDataFrame.session({ engine: "cpu" });
    for (const runner of [session(), cpu]) {
      const frame = runner.fromArrow(arrow);
      const both = await frame.concat(frame).sort(["d", "s", "m"]).compute();
      expect(both.toRows()).toEqual([
        ...[0, 1].map(() => ({ d: "x", s: "b", m: "0.02" })),
        ...[0, 1].map(() => ({ d: "y", s: "a", m: "0.01" })),
        ...[0, 1].map(() => ({ d: null, s: null, m: null })),
      ]);
      const upper = frame.groupBy(col("s").str.upper().as("u"), "d").agg({ m: col("m").sum() });
      expect((await upper.compute()).numRows).toBe(3);
    }
  });

  test("a null entry of a dictionary is no second entry of the text that lies under it", async () => {
    const entries = makeData({
      type: new Utf8(),
      length: 2,
      nullCount: 1,
      nullBitmap: Uint8Array.of(1),
      valueOffsets: Int32Array.of(0, 1, 2),
      data: Buffer.from("aa"),
    });
    const table = await session()
      .fromArrow(new ArrowTable({ d: makeVector(coded(Int32Array.of(0, 1, 0), entries)) }))
      .compute();
    expect(table.column("d").toArray()).toEqual(["a", null, "a"]);
    const { dictionary } = table.column("d");
    const found = Array.from({ length: dictionary?.size ?? 0 }, (_, code) =>
      dictionary?.text(code),
    );
    expect(new Set(found).size).toBe(found.length);
  });

  test("any bit of the buffers may be wrong: a typed error or a result", async () => {
    await using cpu = await gpuDataFrame.session({ engine: "cpu" });
    const written = await cpu
      .fromColumns(
        {
          d: ["x", "y", null, "x"],
          s: ["ää", "b", null, "c"],
          i: [1, 2, null, 4],
          m: ["1.5", "2.5", null, "3.5"],
        },
        { schema: { m: "decimal(5, 2)" } },
      )
      .compute();
    const random = new Random(7);
    let refused = 0;
    for (let turn = 0; turn < 200; turn++) {
      const bytes = tableToIPC(written.toArrow(), "stream");
      // Read first, so that what is damaged are the buffers, which the table shares.
      const arrow = tableFromIPC(bytes);
      const begin = Math.floor(0.6 * bytes.length);
      const at = begin + random.below(bytes.length - begin);
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      try {
        const frame = cpu.fromArrow(arrow);
        const query = frame
          .concat(frame)
          .withColumns({ u: col("s").str.upper() })
          .groupBy("u", "d", "i")
          .agg({ m: col("m").sum() })
          .sort(["u", "d"]);
        (await query.compute()).toRows();
      } catch (error) {
        expect(error).toBeInstanceOf(DataFrameError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(190);
  });
});

describe("IPC bytes", () => {
  const columns = { a: [1, 2, null], s: ["x", "y", "x"], t: [new Date(1), new Date(2), null] };

  test.each(["stream", "file"] as const)(
    "a %s with any bit wrong: a typed error or a table",
    async (format) => {
      const table = await session().fromColumns(columns).compute();
      const ipc = tableToIPC(table.toArrow(), format);
      expect((await session().fromArrow(ipc).compute()).toRows()).toEqual(table.toRows());
      let refused = 0;
      for (let at = 0; at < ipc.length; at++) {
        for (const bit of [at % 8, (at + 3) % 8]) {
          const bytes = Uint8Array.from(ipc);
          bytes[at] = (bytes[at] as number) ^ (1 << bit);
          const error = thrownBy(() => session().fromArrow(bytes));
          if (error === undefined) continue;
          expect(error, `byte ${at}, bit ${bit}`).toBeInstanceOf(DataFrameError);
          refused += 1;
        }
      }
      expect(refused).toBeGreaterThan(100);
    },
  );

  test.each(["stream", "file"] as const)(
    "a %s cut at any byte: a typed error, or whole batches",
    async (format) => {
      const table = await session().fromColumns(columns).compute();
      const ipc = tableToIPC(table.toArrow(), format);
      for (let end = 0; end < ipc.length; end++) {
        const error = thrownBy(() => session().fromArrow(ipc.slice(0, end)));
        if (error !== undefined) expect(error, `${end} bytes`).toBeInstanceOf(DataFrameError);
        else if (format === "file") expect.fail(`${end} bytes of a file are no file`);
      }
    },
  );

  test("lengths beyond the metadata are refused before anybody counts to them", async () => {
    const ipc = tableToIPC((await session().fromColumns(columns).compute()).toArrow(), "stream");
    const view = new DataView(ipc.buffer, ipc.byteOffset);
    let refused = 0;
    for (let at = 8; at < 400; at += 4) {
      const bytes = Uint8Array.from(ipc);
      new DataView(bytes.buffer).setUint32(at, 0x7fff_ffff, true);
      if (
        view.getUint32(at, true) === 3 &&
        thrownBy(() => session().fromArrow(bytes)) !== undefined
      )
        refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
  });

  test("compressed buffers need a codec, and say so", async () => {
    const table = (
      await session()
        .fromColumns({ a: [1, 2, 3] })
        .compute()
    ).toArrow();
    // Frames of the codec's own: the four bytes by which Zstandard's are known, then what was given.
    const magic = [0x28, 0xb5, 0x2f, 0xfd];
    compressionRegistry.set(CompressionType.ZSTD, {
      encode: (data) => Uint8Array.of(...magic, ...data),
      decode: (data) => data.slice(magic.length),
    });
    const writer = new RecordBatchStreamWriter({ compressionType: CompressionType.ZSTD });
    writer.writeAll(table);
    const bytes = writer.finish().toUint8Array(true);
    expect((await session().fromArrow(bytes).compute()).toColumns()).toEqual({ a: [1, 2, 3] });
    const { registry } = compressionRegistry as unknown as { registry: Record<number, unknown> };
    delete registry[CompressionType.ZSTD];
    const error = thrownBy(() => session().fromArrow(bytes));
    expect(error).toBeInstanceOf(NotSupportedError);
    expect(String(error)).toMatch(/Zstandard/);
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
