// Random files, well formed and not: every reader gives what the reference gives, for every chunk size and thread count.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataFrameError } from "../../src/base/index.ts";
import type { CsvReadOptions, CsvSource } from "../../src/io/index.ts";
import { assertCounted } from "../fuzz/counted.ts";
import { fileOf, natives, openedByAll, outcome, readers } from "./readers.ts";

const runs = Number(process.env.GPUDATAFRAME_FUZZ_RUNS ?? 150);

/** Bytes that mean something to a CSV reader are likely; so are numbers, and a text that is not UTF-8. */
const token = fc.constantFrom(
  ",",
  ",",
  ",",
  "\n",
  "\n",
  "\n",
  "\r\n",
  '"',
  '"',
  '""',
  "\\",
  "#",
  "\r",
  " ",
  ";",

  "1",
  "-7",
  "42",
  "3.5",
  "1e5",
  "007",
  "9223372036854775807",
  "9223372036854775808",
  "nan",
  "-inf",

  "true",
  "FALSE",
  "2020-02-29",
  "2021-02-29",
  "2020-01-01T01:02:03.5Z",
  "NA",
  "x",
  "abc",
  "a longer text of 25 bytes",
  "é",
  "😀",
  "\0",
  "\u00ff",
);
const content = fc.oneof(
  fc.array(token, { maxLength: 120 }).map((tokens) => tokens.join("")),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.array(token, { maxLength: 300 }))
    .map(([width, tokens]) => regularFile(width, tokens)),
);

/** Mostly well formed: `width` fields a record, quoted where they must be. */
function regularFile(width: number, tokens: readonly string[]): string {
  let text = Array.from({ length: width }, (_, index) => `c${index}`).join(",");
  for (const [index, value] of tokens.entries()) {
    const quoted = /[",\n\r\\]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    text += (index % width === 0 ? "\n" : ",") + (index === 133 ? value : quoted);
  }
  return text;
}

const options: fc.Arbitrary<CsvReadOptions> = fc.record(
  {
    header: fc.boolean(),
    quote: fc.constantFrom('"', null),
    escape: fc.constantFrom("\\"),
    comment: fc.constantFrom("#"),
    delimiter: fc.constantFrom(",", ",", ";"),
    nullValues: fc.constantFrom<string[][]>([""], ["NA"], ["", "NA", "1"], []),
    onError: fc.constantFrom("throw", "null", "skip"),
    limit: fc.integer({ min: 0, max: 20 }),
    sampleBytes: fc.constantFrom(1, 64, 4096),
    maxRecordBytes: fc.constantFrom(64, 100, 1000),
    skipRows: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: [] },
);
const dtype = fc.constantFrom(
  "int64",
  "float64",
  "string",
  "bool",
  "date",
  "timestamp",
  "int8",
  "float32",
  "uint64",
);

describe("every reader agrees with the reference", () => {
  test("on random files and options", async () => {
    const bytes = fc.tuple(
      content,
      fc.constantFrom<("utf8" | "latin1")[]>("utf8", "utf8", "latin1"),
    );
    await assertCounted(
      "csv files, every reader",
      fc.tuple(bytes, options, fc.array(dtype)),
      async ([[text, encoding], given, dtypes]) => {
        const source = await open(Buffer.from(text, encoding), given, dtypes);
        if (source === null) return;
        const request = { columns: source.schema.names };
        const expected = await outcome(readers[0]!, source, request);
        for (const reader of natives) {
          expect({
            reader: reader.name,
            ...((await outcome(reader, source, request)) as object),
          }).toEqual({
            reader: reader.name,
            ...(expected as object),
          });
        }
      },
      { numRuns: runs },
    );
  });
});

/** Null for a file that readCsv refuses, with a typed error. */
async function open(
  bytes: Uint8Array,
  given: CsvReadOptions,
  dtypes: readonly string[],
): Promise<CsvSource | null> {
  try {
    const path = fileOf(bytes, "fuzz.csv");
    const { schema } = await openedByAll(path, given);
    const typed = Object.fromEntries(
      schema.names.slice(0, dtypes.length).map((name, index) => [name, dtypes[index]!]),
    );
    return await openedByAll(path, {
      ...given,
      schema: typed as NonNullable<CsvReadOptions["schema"]>,
    });
  } catch (error) {
    if (error instanceof DataFrameError) return null;
    throw error;
  }
}
