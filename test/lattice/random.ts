// Seeded random batches whose values are chosen to break things: extremes, specials, cancellation, hostile texts.
import {
  type Batch,
  type CellValue,
  type Column,
  columnFromValues,
  Dictionary,
  formatDecimalText,
} from "../../src/column/index.ts";
import { type DecimalType, type DType, integerLimits } from "../../src/dtype/index.ts";

/** A small, fast, seeded generator (Marsaglia's xorshift32 after a mixing step). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0 || 1;
  }

  /** 32 random bits. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  chance(probability: number): boolean {
    return this.bits() < probability * 2 ** 32;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

/** Texts that have broken dataframes before. */
export const HOSTILE_TEXTS: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "toString",
  '"',
  "`",
  "'; --",
  "a\0b",
  "\0",
  "\r\n",
  "%",
  "_",
  "\\",
  "null",
  "é",
  "e\u0301",
  "\uffff",
  "\u{10000}",
  "😀😀",
  "\ufeffbom",
  "10",
  "9",
  "-0",
  "1e5",
  "1.50",
  "-12.345",
  "99999999999999999999999999999999999999",
  "2024-02-29",
];
const LONG_TEXT = "x".repeat(65536);

export interface ColumnShape {
  readonly dtype: DType;
  readonly nullRatio?: number;
  /** How many values the column draws from; default: unbounded. */
  readonly distinct?: number;
  /** Values a person would store, instead of the worst ones. */
  readonly tame?: boolean;
  /** Strings as offsets and bytes instead of a dictionary. */
  readonly plain?: boolean;
}

export function randomBatch(seed: number, rowCount: number, shapes: readonly ColumnShape[]): Batch {
  const random = new Random(seed);
  return { rowCount, columns: shapes.map((shape) => randomColumn(random, rowCount, shape)) };
}

export function randomColumn(random: Random, length: number, shape: ColumnShape): Column {
  const { dtype, nullRatio = 0.2, distinct, tame = false } = shape;
  const draw = () => randomValue(random, dtype, tame);
  const pool = distinct === undefined ? null : Array.from({ length: distinct }, draw);
  const values = Array.from({ length }, (): CellValue => {
    if (random.chance(nullRatio)) return null;
    return pool === null ? draw() : random.pick(pool);
  });
  const column = columnFromValues(values, dtype);
  return shape.plain ? toPlain(column) : column;
}

/** One value that is not null. */
export function randomValue(random: Random, dtype: DType, tame: boolean): CellValue {
  switch (dtype.kind) {
    case "bool":
      return random.chance(0.5);
    case "float64":
      return tame ? (random.below(2_000_000) - 1_000_000) / 100 : randomDouble(random);
    case "float32":
      return Math.fround(tame ? (random.below(20_000) - 10_000) / 8 : randomDouble(random));
    case "string":
      return tame ? `text ${random.below(1000)}` : randomText(random);
    case "decimal":
      return formatDecimalText(randomUnscaled(random, dtype, tame), dtype.scale);
    default:
      return randomInteger(random, dtype, tame);
  }
}

const DOUBLES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.5,
  -2.5,
  3.5,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  2 ** -1022,
  2 ** -1022 - 2 ** -1074,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  1 + 2 ** -52,
  1 - 2 ** -53,
  1e16,
  -1e16,
  1e16 + 2,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 63,
  -(2 ** 63),
  2 ** 31,
  -(2 ** 31) - 1,
  1e308,
  -1e308,
  1e-300,
  0.49999999999999994,
  2 ** 127 * (2 - 2 ** -24),
];
const doubleBits = new BigUint64Array(1);
const doubleView = new Float64Array(doubleBits.buffer);

function randomDouble(random: Random): number {
  switch (random.below(4)) {
    case 0:
      return random.pick(DOUBLES);
    case 1: // any finite double
      do doubleBits[0] = (BigInt(random.bits()) << 32n) | BigInt(random.bits());
      while (!Number.isFinite(doubleView[0]));
      return doubleView[0] as number;
    case 2: // large values that cancel, next to small ones that must survive
      return random.pick([1e17, -1e17, 1e17, -1e17, 1, 1e-9]) * random.pick([1, 1, 3]);
    default:
      return random.below(1000) - 500;
  }
}

function randomInteger(random: Random, dtype: DType, tame: boolean): bigint {
  const { min, max } = integerLimits(dtype);
  const clamp = (value: bigint) => (value < min ? min : value > max ? max : value);
  if (tame) return clamp(BigInt(random.below(1000) - (min < 0n ? 500 : 0)));
  switch (random.below(4)) {
    case 0:
      return random.pick([min, max, min + 1n, max - 1n]);
    case 1:
      return clamp(
        random.pick([0n, 1n, -1n, 2n, 1n << 31n, 1n << 32n, (1n << 53n) + 1n, -(1n << 53n) - 1n]),
      );
    case 2:
      return clamp(BigInt(random.below(100) - 50));
    default:
      return min + (((BigInt(random.bits()) << 32n) | BigInt(random.bits())) % (max - min + 1n));
  }
}

/** The limits, carries between words, what rounds at a tie, and any number of digits. */
function randomUnscaled(random: Random, dtype: DecimalType, tame: boolean): bigint {
  const { min, max } = integerLimits(dtype);
  if (tame) return BigInt(random.below(200) - 100);
  switch (random.below(4)) {
    case 0:
      return random.pick([min, max, min + 1n, max - 1n]);
    case 1: {
      const carry = random.pick([0n, 1n, 1n << 32n, 1n << 53n, 1n << 63n, 1n << 64n, 1n << 96n]);
      return random.pick([carry, carry - 1n, -carry, -carry - 1n]) % max;
    }
    case 2: {
      const unit = 10n ** BigInt(random.below(dtype.scale + 2));
      return ((BigInt(random.below(2000) - 1000) * unit) / 2n) % max;
    }
    default: {
      const bits = Array.from({ length: 4 }, () => BigInt(random.bits()));
      const wide = bits.reduce((all, word) => (all << 32n) | word, 0n);
      return BigInt.asIntN(128, wide) % 10n ** BigInt(1 + random.below(dtype.precision));
    }
  }
}

function randomText(random: Random): string {
  switch (random.below(3)) {
    case 0:
      return random.chance(0.01) ? LONG_TEXT : random.pick(HOSTILE_TEXTS);
    case 1:
      return random.pick(["a", "b", "ab", "abc", "ba"]);
    default:
      return String.fromCodePoint(
        ...Array.from({ length: random.below(12) }, () => 97 + random.below(4)),
      );
  }
}

/** The same string column as offsets and bytes. */
export function toPlain(column: Column): Column {
  const { data } = column;
  if (data.encoding !== "dictionary") return column;
  const rows = Array.from(data.codes, (code) =>
    data.dictionary.size === 0 ? new Uint8Array(0) : data.dictionary.entry(code),
  );
  const { offsets, bytes } = Dictionary.fromEntries(rows);
  return { ...column, data: { encoding: "plain", offsets, bytes } };
}
