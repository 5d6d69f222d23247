// The options of readCsv, checked and completed. What is wrong with them is said here, before a file is opened.

import {
  checkOptions,
  InvalidArgumentError,
  NotSupportedError,
  type OptionKinds,
} from "../../base/index.ts";
import { type DType, type DTypeLike, Schema, toDType } from "../../dtype/index.ts";
import type { CsvDialect } from "./dialect.ts";

export type CsvOnError = "throw" | "null" | "skip";

export interface CsvReadOptions {
  /** Dtypes by column name, where inference should not decide. */
  readonly schema?: Readonly<Record<string, DTypeLike>> | Schema;
  /** One ASCII character. Default: "," ("\t" for files named *.tsv). */
  readonly delimiter?: string;
  /** Default '"'. Null: nothing is quoted. */
  readonly quote?: string | null;
  /** Default: the quote, doubled. */
  readonly escape?: string;
  /** Lines that start with this character are skipped. Default: none. */
  readonly comment?: string | null;
  /** true: the first record holds the names. false: there are none. A list: there are none, and these are the names. */
  readonly header?: boolean | readonly string[];
  /** Physical lines to leave out before the header. */
  readonly skipRows?: number;
  /** The columns to read, in this order. Default: all. */
  readonly columns?: readonly string[];
  /** Unquoted texts that are null. Default: the empty text. */
  readonly nullValues?: readonly string[];
  /** In any letter case. */
  readonly encoding?: "utf8" | "utf-8" | "UTF-8" | "UTF8";
  /**
   * How much of the file decides the dtypes. Default 1 MiB. A column of whole numbers and fractions is float64, whose whole
   * numbers are exact up to 2^53: 9007199254740993 beside 1.5 loses its last digit, as in DuckDB and Polars. `schema:`
   * reads such columns exactly, as "decimal(20, 2)" or "string".
   */
  readonly sampleBytes?: number;
  readonly onError?: CsvOnError;
  /** At most so many rows. */
  readonly limit?: number;
  /** A longer record is an error: it is what an unclosed quote looks like. Default 64 MiB. */
  readonly maxRecordBytes?: number;
}

/** Options with nothing left open. */
export interface CsvSettings {
  readonly dialect: CsvDialect;
  readonly schema: ReadonlyMap<string, DType>;
  readonly header: boolean | readonly string[];
  readonly skipRows: number;
  readonly columns: readonly string[] | null;
  readonly nullValues: readonly Uint8Array[];
  readonly sampleBytes: number;
  readonly onError: CsvOnError;
  readonly limit: number | null;
  readonly maxRecordBytes: number;
}

const MAX_RECORD_BYTES = 64 * 2 ** 20;
const LARGEST_RECORD_BYTES = 2 ** 30;
/** Values are checked one by one. */
const OPTIONS: OptionKinds<CsvReadOptions> = {
  schema: "any",
  delimiter: "any",
  quote: "any",
  escape: "any",
  comment: "any",
  header: "any",
  skipRows: "any",
  columns: "any",
  nullValues: "any",
  encoding: "string",
  sampleBytes: "any",
  onError: "any",
  limit: "any",
  maxRecordBytes: "any",
};

/**
 * @throws InvalidArgumentError for an unknown option or a value outside its domain, NotSupportedError for a dtype that
 *   CSV text cannot hold or an encoding other than UTF-8.
 */
export function csvSettings(options: CsvReadOptions, defaultDelimiter = ","): CsvSettings {
  checkOptions("readCsv", options, OPTIONS);
  const encoding = options.encoding ?? "utf8";
  if (!/^utf-?8$/i.test(encoding)) {
    throw new NotSupportedError(`encoding: ${JSON.stringify(encoding)} is not supported`, {
      operator: "readCsv",
      hint: "Convert the file to UTF-8 first, for example with iconv.",
    });
  }
  const maxRecordBytes = wholeNumber(options, "maxRecordBytes", MAX_RECORD_BYTES, 64);
  if (maxRecordBytes > LARGEST_RECORD_BYTES) {
    throw invalid("maxRecordBytes", "is above 1 GiB", "Give a number of bytes up to 1073741824.");
  }
  return {
    dialect: dialectOf(options, defaultDelimiter),
    schema: schemaOf(options.schema),
    header: headerOf(options.header),
    skipRows: wholeNumber(options, "skipRows", 0, 0),
    columns: options.columns === undefined ? null : namesOf("columns", options.columns),
    nullValues: nullValuesOf(options.nullValues),
    sampleBytes: wholeNumber(options, "sampleBytes", 2 ** 20, 1),
    onError: onErrorOf(options.onError),
    limit: options.limit === undefined ? null : wholeNumber(options, "limit", 0, 0),
    maxRecordBytes,
  };
}

function dialectOf(options: CsvReadOptions, defaultDelimiter: string): CsvDialect {
  const delimiter = singleByte("delimiter", options.delimiter ?? defaultDelimiter);
  const quote = options.quote === null ? null : singleByte("quote", options.quote ?? '"');
  const escape = options.escape === undefined ? quote : singleByte("escape", options.escape);
  const comment = options.comment == null ? null : singleByte("comment", options.comment);
  const roles: [string, number | null][] = [
    ["delimiter", delimiter],
    ["quote", quote],
    ["comment", comment],
  ];
  if (escape !== quote) roles.push(["escape", escape]);
  const seen = new Map<number, string>();
  for (const [role, byte] of roles) {
    if (byte === null) continue;
    const other = seen.get(byte);
    if (other !== undefined) {
      throw invalid(role, `is the same character as ${other}`, "Give each its own character.");
    }
    seen.set(byte, role);
  }
  return { delimiter, quote, escape, comment };
}

/** The byte of an option that is one ASCII character. */
export function singleByte(option: string, text: string, operator = "readCsv"): number {
  const code = typeof text === "string" && text.length === 1 ? text.charCodeAt(0) : -1;
  if (code < 1 || code > 127 || code === 10 || code === 13) {
    throw new InvalidArgumentError(`${option} ${JSON.stringify(text)} is not one ASCII character`, {
      operator,
      hint: 'Give one character such as "," or "\\t"; line ends and NUL are not allowed.',
    });
  }
  return code;
}

function schemaOf(schema: CsvReadOptions["schema"]): ReadonlyMap<string, DType> {
  if (schema === undefined) return new Map();
  if (schema === null || typeof schema !== "object" || Array.isArray(schema)) {
    throw new InvalidArgumentError("schema: dtypes by column name", {
      operator: "readCsv",
      hint: 'Write schema: { delay: "int64" }.',
    });
  }
  const entries: [string, DTypeLike][] =
    schema instanceof Schema
      ? schema.fields.map((field) => [field.name, field.dtype])
      : Object.entries(schema);
  return new Map(entries.map(([name, like]) => [name, toDType(like)]));
}

function headerOf(header: CsvReadOptions["header"]): boolean | readonly string[] {
  if (header === undefined || typeof header === "boolean") return header ?? true;
  const names = namesOf("header", header);
  if (names.length === 0) throw invalid("header", "names no column", "Give at least one name.");
  return names;
}

function namesOf(option: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string")) {
    throw invalid(option, "is not a list of names", 'Write a list such as ["a", "b"].');
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw invalid(option, `names ${JSON.stringify(name)} twice`, "Name each column once.");
    }
    seen.add(name);
  }
  return [...names];
}

function nullValuesOf(values: readonly string[] | undefined): readonly Uint8Array[] {
  if (values === undefined) return [new Uint8Array(0)];
  if (!Array.isArray(values) || values.some((value) => typeof value !== "string")) {
    throw invalid("nullValues", "is not a list of texts", 'Write a list such as ["", "NA"].');
  }
  return [...new Set(values)].map((value) => new TextEncoder().encode(value));
}

function onErrorOf(onError: CsvOnError | undefined): CsvOnError {
  if (onError === undefined) return "throw";
  if (onError === "throw" || onError === "null" || onError === "skip") return onError;
  throw invalid(
    "onError",
    `${JSON.stringify(onError)} is unknown`,
    'It is "throw", "null" or "skip".',
  );
}

function wholeNumber(
  options: CsvReadOptions,
  name: "skipRows" | "sampleBytes" | "limit" | "maxRecordBytes",
  fallback: number,
  least: number,
): number {
  const value = options[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalid(
      name,
      `${JSON.stringify(value)} is no whole number from ${least} on`,
      "Give a whole number.",
    );
  }
  return value;
}

function invalid(option: string, what: string, hint: string): InvalidArgumentError {
  return new InvalidArgumentError(`${option} ${what}`, { operator: "readCsv", hint });
}
