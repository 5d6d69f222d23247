// Every executor against Berkeley TestFloat's vectors (Hauser, release 3e), where they lie beside the repository: arithmetic,
// remainders, comparisons and conversions of both float dtypes, as instructions of programs.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import { type Column, type ColumnData, isValid } from "../../src/column/index.ts";
import {
  BOOL,
  type DType,
  FLOAT32,
  FLOAT64,
  INT32,
  INT64,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";
import { ProgramBuilder } from "../../src/function/builder.ts";
import { laneOf, narrowLaneOf, type ValueId } from "../../src/ir/index.ts";
import { CANONICAL_NAN32, CANONICAL_NAN64 } from "../gpu/bits.ts";
import { executorsUnderTest, type TestExecutor } from "./executors.ts";
import { outcomeOn } from "./lattice.ts";

const VECTORS = join(import.meta.dirname, "../../../shared/data/testfloat");
const DTYPES: Readonly<Record<string, DType>> = {
  f32: FLOAT32,
  f64: FLOAT64,
  i32: INT32,
  i64: INT64,
  ui32: UINT32,
  ui64: UINT64,
};

/** One file: what it computes, and the bits that are expected; null where the engine's rule is another. */
interface Vectors {
  readonly dtype: DType;
  readonly output: DType;
  readonly operands: readonly bigint[][];
  readonly expected: readonly (bigint | null)[];
  readonly emit: (builder: ProgramBuilder, a: ValueId, b: ValueId) => ValueId;
}

type Fields = readonly bigint[];

/** Operands, result, flags of each line. */
function readLines(file: string): Fields[] {
  const text = gunzipSync(readFileSync(join(VECTORS, `${file}.txt.gz`))).toString();
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map((field) => BigInt(`0x${field}`)));
}

function isNan(bits: bigint, dtype: DType): boolean {
  if (dtype === FLOAT64) return (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
  return dtype === FLOAT32 && (bits & 0x7fffffffn) > 0x7f800000n;
}

function canonical(bits: bigint, dtype: DType): bigint {
  if (!isNan(bits, dtype)) return bits;
  return dtype === FLOAT64 ? CANONICAL_NAN64 : CANONICAL_NAN32;
}

function arithmetic(file: string): Vectors {
  const [format = "", op = ""] = file.split("_");
  const dtype = entry(DTYPES, format);
  const lane = laneOf(dtype);
  const lines = readLines(file);
  const unary = op === "sqrt";
  return {
    dtype,
    output: dtype,
    operands: columnsOf(lines, unary ? 1 : 2),
    expected: lines.map((fields) => canonical(fields.at(-2) as bigint, dtype)),
    emit: (builder, a, b) =>
      op === "sqrt" ? builder.unary("sqrt", lane, a) : builder.arithmetic(op as "add", lane, a, b),
  };
}

/** IEEE's remainder rounds the quotient to nearest; `rem` truncates it: one divisor more where the signs differ. */
function remainder(file: string): Vectors {
  const plain = arithmetic(file);
  const values = new Float64Array(1);
  const words = new BigUint64Array(values.buffer);
  const double = (bits: bigint) => {
    words[0] = bits;
    return values[0] as number;
  };
  const expected = plain.expected.map((bits, row) => {
    const [a, b] = plain.operands.map((column) => double(at(column, row))) as [number, number];
    const rounded = double(bits as bigint);
    if (Number.isNaN(rounded) || rounded === 0 || rounded < 0 === a < 0) return bits;
    values[0] = rounded + (a < 0 ? -Math.abs(b) : Math.abs(b));
    return words[0] as bigint;
  });
  return { ...plain, expected };
}

/** Of NaN the engine has an order of its own. */
function comparison(file: string): Vectors {
  const [format = "", op = ""] = file.split("_");
  const dtype = entry(DTYPES, format);
  const lines = readLines(file);
  return {
    dtype,
    output: BOOL,
    operands: columnsOf(lines, 2),
    expected: lines.map(([a = 0n, b = 0n, result = 0n]) =>
      isNan(a, dtype) || isNan(b, dtype) ? null : result,
    ),
    emit: (builder, a, b) => builder.compare(op as "eq", laneOf(dtype), a, b),
  };
}

/** The invalid flag: the value does not fit, and what `convert` gives is unspecified. */
const isInvalid = (fields: Fields) => ((fields.at(-1) as bigint) & 0x10n) !== 0n;

function conversion(file: string): Vectors {
  const [source = "", target = ""] = file.replace(".rminMag", "").split("_to_");
  const [dtype, output] = [entry(DTYPES, source), entry(DTYPES, target)];
  const lines = readLines(file);
  const toInteger = /_to_u?i/.test(file);
  return {
    dtype,
    output,
    operands: columnsOf(lines, 1),
    expected: lines.map((fields) =>
      toInteger && isInvalid(fields) ? null : canonical(fields.at(-2) as bigint, output),
    ),
    emit: (builder, a) => builder.convert(laneOf(dtype), laneOf(output), a),
  };
}

function fitting(file: string): Vectors {
  const plain = conversion(file);
  return {
    ...plain,
    output: BOOL,
    expected: readLines(file).map((fields) => (isInvalid(fields) ? 0n : 1n)),
    emit: (builder, a) => builder.fits(laneOf(plain.dtype), narrowLaneOf(plain.output), a),
  };
}

function entry<T>(entries: Readonly<Record<string, T>>, key: string): T {
  const found = entries[key];
  if (found === undefined) throw new Error(`no entry ${key}`);
  return found;
}

const columnsOf = (lines: readonly Fields[], count: number): bigint[][] =>
  Array.from({ length: count }, (_, k) => lines.map((fields) => at(fields, k)));

const FLOAT_TO_INTEGER = [
  "f32_to_i32.rminMag",
  "f32_to_i64.rminMag",
  "f64_to_i32.rminMag",
  "f64_to_i64.rminMag",
  "f64_to_ui32.rminMag",
  "f64_to_ui64.rminMag",
];
const TO_FLOAT = [
  "i32_to_f32",
  "i32_to_f64",
  "i64_to_f32",
  "i64_to_f64",
  "ui32_to_f64",
  "ui64_to_f64",
  "f32_to_f64",
  "f64_to_f32",
];

/** All but conversions that round to nearest: `convert` truncates. */
const FILES: readonly [(file: string) => Vectors, readonly string[]][] = [
  [
    arithmetic,
    ["f64", "f32"].flatMap((f) => ["add", "sub", "mul", "div", "sqrt"].map((op) => `${f}_${op}`)),
  ],
  [remainder, ["f64_rem"]],
  [comparison, ["f64_eq", "f64_lt", "f64_le", "f32_eq", "f32_lt"]],
  [conversion, [...TO_FLOAT, ...FLOAT_TO_INTEGER]],
  [fitting, FLOAT_TO_INTEGER],
];

function columnOf(dtype: DType, bits: readonly bigint[]): Column {
  const wide = /64/.test(laneOf(dtype));
  const words = wide ? BigUint64Array.from(bits) : Uint32Array.from(bits, Number);
  const arrays = {
    f64: Float64Array,
    f32: Float32Array,
    i32: Int32Array,
    i64: BigInt64Array,
    u32: Uint32Array,
    u64: BigUint64Array,
  };
  const Values = arrays[laneOf(dtype) as keyof typeof arrays];
  const data = { encoding: "fixed", values: new Values(words.buffer) } as ColumnData;
  return { dtype, length: bits.length, nullCount: 0, validity: null, data, statistics: null };
}

function bitsOf(column: Column): bigint[] {
  const { data, length } = column;
  if (data.encoding === "bits") {
    return Array.from({ length }, (_, row) =>
      BigInt(((data.values[row >> 3] as number) >> (row & 7)) & 1),
    );
  }
  if (data.encoding !== "fixed") throw new Error(`no bits of ${data.encoding}`);
  const { buffer, byteOffset } = data.values;
  return data.values.BYTES_PER_ELEMENT === 8
    ? Array.from(new BigUint64Array(buffer, byteOffset, length))
    : Array.from(new Uint32Array(buffer, byteOffset, length), BigInt);
}

/** The first few rows that differ. */
async function mismatches(executor: TestExecutor, vectors: Vectors): Promise<string[]> {
  const { dtype, output, operands, expected, emit } = vectors;
  const builder = new ProgramBuilder(operands.map(() => dtype));
  const [a, b] = operands.map((_, k) => builder.column(k).value) as [ValueId, ValueId];
  const value = emit(builder, a, b);
  const program = builder.finish([{ dtype: output, value, validity: null }], null);
  const outcome = await outcomeOn(executor, { kind: "evaluate", program }, [
    { rowCount: expected.length, columns: operands.map((bits) => columnOf(dtype, bits)) },
  ]);
  if (outcome.kind === "error") return [outcome.message];
  const column = at(outcome.batch.columns, 0);
  const actual = bitsOf(column);
  const found: string[] = [];
  for (const [row, bits] of expected.entries()) {
    const same = isValid(column, row) && canonical(at(actual, row), output) === bits;
    if (bits === null || same || found.length > 4) continue;
    const inputs = operands.map((values) => at(values, row).toString(16)).join(" ");
    found.push(`${inputs} -> ${at(actual, row).toString(16)}, not ${bits.toString(16)}`);
  }
  return found;
}

const place = relative(process.cwd(), VECTORS);
const executors = await executorsUnderTest();

describe.runIf(existsSync(VECTORS)).each(executors)("$name", (executor) => {
  for (const [read, files] of FILES) {
    test.each(files)(`${read.name} %s`, async (file) => {
      const vectors = read(file);
      expect(vectors.expected.filter((bits) => bits !== null).length).toBeGreaterThan(50);
      expect(await mismatches(executor, vectors)).toEqual([]);
    });
  }
});

if (!existsSync(VECTORS)) {
  console.warn(`LATTICE: no TestFloat vectors are tested: ${place} does not exist`);
}
test.runIf(existsSync(VECTORS))(
  "every file of the folder is used, or rounds to nearest",
  async () => {
    const { readdirSync } = await import("node:fs");
    const used = new Set(FILES.flatMap(([, files]) => files));
    const left = readdirSync(VECTORS)
      .map((name) => name.replace(".txt.gz", ""))
      .filter((name) => !used.has(name));
    expect(left.filter((name) => !used.has(`${name}.rminMag`))).toEqual([]);
  },
);
