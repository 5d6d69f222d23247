// What text is a value of which dtype: one table, every reader, in columns that the user typed.
import { describe, expect, test } from "vitest";
import { type DTypeLike, FLOAT32, toDType } from "../../src/dtype/index.ts";
import { cellsOf, readers, sourceOf } from "./readers.ts";

const MIN64 = -(2n ** 63n);
const DAY_US = 86_400_000_000n;

const accepted: Record<string, [string, unknown][]> = {
  bool: [
    ["true", true],
    ["FALSE", false],
    ["tRuE", true],
  ],
  int8: [
    ["-128", -128],
    ["+127", 127],
    ["007", 7],
    ["-0", 0],
  ],
  uint8: [
    ["255", 255],
    ["-0", 0],
  ],
  int16: [["-32768", -32768]],
  uint16: [["65535", 65535]],
  int32: [["-2147483648", -2147483648]],
  uint32: [["4294967295", 4294967295]],
  int64: [
    ["-9223372036854775808", MIN64],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["0000000000000000000000000000012", 12n],
    ["12345678", 12345678n],
    ["123456789", 123456789n],
    ["1234567890123456", 1234567890123456n],
  ],
  uint64: [["18446744073709551615", 2n ** 64n - 1n]],
  float64: [
    ["1", 1],
    ["-0", -0],
    ["1.", 1],
    [".5", 0.5],
    ["+1.5e3", 1500],
    ["0.1", 0.1],
    ["123456789.123456789", 123456789.12345679],
    ["9007199254740993", 9007199254740992],
    ["1e23", 1e23],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["1e309", Number.POSITIVE_INFINITY],
    ["-1e999999999999", Number.NEGATIVE_INFINITY],
    ["5e-324", 5e-324],
    ["1e-400", 0],
    ["0.000000000000000000000000000000000000001e-999999", 0],
    ["nan", Number.NaN],
    ["NaN", Number.NaN],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["+inf", Number.POSITIVE_INFINITY],
  ],
  float32: [
    ["0.1", Math.fround(0.1)],
    ["16777217", 16777216],
    // Between two floats and beside the tie: rounding to float64 first would give the wrong one.
    ["1.000000059604644775390625000000000000001", 1.0000001192092896],
    ["1.000000059604644775390625", 1],
    ["3.4028236e38", Number.POSITIVE_INFINITY],
    ["340282356779733661637539395458142568447", 3.4028234663852886e38],
    ["1e-46", 0],
  ],
  date: [
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["2000-02-29", 11016],
    ["0000-01-01", -719528],
    ["-0001-12-31", -719529],
    ["+10000-01-01", 2932897],
    ["2000/02/29", 11016],
    ["0001/01/01", -719162],
    ["29.02.2000", 11016],
    ["31.12.1969", -1],
  ],
  "timestamp[us]": [
    ["1970-01-02", DAY_US],
    ["1970-01-01T00:00", 0n],
    ["1970-01-01 00:00:01", 1_000_000n],
    ["1970-01-01T00:00:00.5Z", 500_000n],
    ["1970-01-01T00:00:00.000001000Z", 1n],
    ["1970-01-01T02:00:00+02:00", 0n],
    ["1969-12-31T23:30:00-0030", 0n],
    ["1970-01-01T01:00:00+01", 0n],
    ["1969-12-31T23:59:59.999999", -1n],
    ["1970/01/02", DAY_US],
    ["1970/01/01 02:00:00.25+02:00", 250_000n],
    ["02.01.1970 00:00", DAY_US],
    ["31.12.1969T23:59:59.999999Z", -1n],
  ],
  "timestamp[ns]": [["1970-01-01T00:00:00.123456789", 123_456_789n]],
  "timestamp[s]": [["1970-01-01T00:01:00.000", 60n]],
  "duration[ms]": [
    ["PT0S", 0n],
    ["P1W", 604_800_000n],
    ["-P1DT2H3M4.5S", -93_784_500n],
    ["+PT90M", 5_400_000n],
    ["P000000000000000001DT0.010000S", 86_400_010n],
    ["P106751991167DT7H12M55.807S", 2n ** 63n - 1n],
    ["-P106751991167DT7H12M55.808S", MIN64],
  ],
  "duration[ns]": [["PT0.123456789S", 123_456_789n]],
  "decimal(5, 2)": [
    ["1.5", "1.50"],
    ["-0.01", "-0.01"],
    ["+999.99", "999.99"],
    ["000999.9900", "999.99"],
    [".5", "0.50"],
    ["5.", "5.00"],
    ["-0", "0.00"],
    ["1e2", "100.00"],
    ["12345e-2", "123.45"],
    ["0.00099e3", "0.99"],
    ["0e999999999", "0.00"],
    ["100", "100.00"],
  ],
  "decimal(38, 10)": [
    ["9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"],
    ["-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"],
    ["1e-10", "0.0000000001"],
    ["1000000000000000000.0000000010", "1000000000000000000.0000000010"],
  ],
  string: [
    ["x", "x"],
    ["é😀", "é😀"],
    ["a\0b", "a\0b"],
    [" spaces stay ", " spaces stay "],
    ['"a ""quoted"" one"', 'a "quoted" one'],
    ['"two\r\nlines, and a comma"', "two\r\nlines, and a comma"],
    ['""', ""],
  ],
};

const refused: Record<string, string[]> = {
  bool: ["1", "0", "yes", "t", "truex", " true"],
  int8: ["128", "-129", "1.0", "1e2", "0x1", "", "+", "-", "--1", "1 "],
  uint8: ["256", "-1"],
  int64: ["9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1_000", "１"],
  uint64: ["18446744073709551616", "-1", "184467440737095516150"],
  float64: [
    ".",
    "e5",
    "1e",
    "1e+",
    "1,5",
    "0x10",
    "-nan",
    "nan(1)",
    "in",
    "infinit",
    "1.2.3",
    "+-1",
    "1f",
  ],
  date: [
    "2021-02-29",
    "1900-02-29",
    "2020-13-01",
    "2020-00-01",
    "2020-1-1",
    "20200101",
    "2020-01-01T00:00",
    "99999999-01-01",
    "9999999-01-01",
    "2021/02/29",
    "29.02.2021",
    "03/04/2024",
    "04/2024/03",
    "2024/3/4",
    "4.3.2024",
    "2024.03.04",
    "2024/03-04",
    "2024-03/04",
    "04.03-2024",
    "04.03.24",
    "04.03.20240",
    "+2024/03/04",
    "-04.03.2024",
    "02024/03/04",
    "2024/03/04 ",
    "/",
    "1234/",
    "12.",
  ],
  "timestamp[us]": [
    "2020-01-01T24:00",
    "2020-01-01T00:60",
    "2020-01-01T00",
    "2020-01-01T00:00:00.",
    "2020-01-01T00:00:00.0000001",
    "2020-01-01T00:00+24",
    "2020-01-01Z",
    "2020-01-01T00:00:00.0000000000",
    "2020-01-01t00:00",
    "2020-01-01T00:00z",
    "2020-01-01T00:00:00,5",
    "2020/01/01T24:00",
    "03/04/2020 00:00",
    "2020/01/01Z",
    "01.01.2020 00",
  ],
  "decimal(5, 2)": [
    "1000",
    "0.001",
    "1.005",
    "1e3",
    "1e-3",
    "1e999999999",
    "1e-999999999",
    "1e0000000002",
    ".",
    "e1",
    "1e",
    "1,5",
    "1.2.3",
    "nan",
    "0x1",
    "--1",
  ],
  "decimal(38, 10)": [
    "10000000000000000000000000000",
    "0.00000000001",
    "123456789012345678901234567890123456789",
  ],
  "duration[ms]": [
    "P",
    "PT",
    "P1DT",
    "1h",
    "P1Y",
    "P1M",
    "PT1H30",
    "P-1D",
    "--PT1S",
    "PT1.5H",
    "PT.5S",
    "PT1.S",
    "PT1S1M",
    "P1D1W",
    "P1DT1D",
    "PT0.0001S",
    "PT0.0000000000S",
    "pt1s",
    "P0000000000000000001D",
    "P106751991167DT7H12M55.808S",
    "P999999999999999999W",
  ],
};

/** A text as a field: quoted where it has to be. */
const field = (text: string) => (text.startsWith('"') || !/[,"\n]/.test(text) ? text : `"${text}"`);

describe.each(readers)("$name", (reader) => {
  test.each(Object.entries(accepted))("reads %s", async (dtype, rows) => {
    const schema = { v: dtype as DTypeLike };
    const source = await sourceOf(`k,v\n${rows.map(([text]) => `1,${field(text)}\n`).join("")}`, {
      schema: schema as never,
    });
    const result = await reader.read(source, { columns: ["v"] });
    if (result.kind !== "rows") throw new Error("conflicts in a typed column");
    expect(result.batch.columns[0]?.dtype).toBe(toDType(dtype as DTypeLike));
    const expected = rows.map(([, value]) =>
      toDType(dtype as DTypeLike) === FLOAT32 ? Math.fround(value as number) : value,
    );
    expect(cellsOf(["v"], result.batch).v).toEqual(expected);
  });

  test.each(Object.entries(refused))("refuses as %s what is none", async (dtype, texts) => {
    const schema = { v: dtype as DTypeLike };
    const content = `k,v\n${texts.map((text, row) => `${row},${text.includes(",") ? `"${text}"` : text}\n`).join("")}`;
    const source = await sourceOf(content, {
      schema: schema as never,
      onError: "null",
      nullValues: [],
    });
    const result = await reader.read(source, { columns: ["v"] });
    if (result.kind !== "rows") throw new Error("conflicts in a typed column");
    expect(cellsOf(["v"], result.batch).v).toEqual(texts.map(() => null));
    expect(result.rejectCount).toBe(texts.length);
    expect(result.rejects.map(({ line }) => line)).toEqual(texts.map((_, row) => row + 2));
  });
});
