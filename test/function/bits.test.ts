// Integers as bits, rounded to tens, and compared across signs: against BigInt, on every integer dtype.
import { describe, expect, it } from "vitest";
import {
  bitWidth,
  type DType,
  dtypeName,
  INT8,
  INT16,
  INT32,
  INT64,
  integerLimits,
  isUnsigned,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../../src/dtype/index.ts";
import { type AnyExpr, col } from "../../src/expr/index.ts";
import { type TestFrame, testFrame, valuesOf } from "./evaluate.ts";

const INTEGERS = [INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64];

/** Limits, their neighbours, and values of every magnitude. */
function valuesIn(dtype: DType): bigint[] {
  const { min, max } = integerLimits(dtype);
  const all = [0n, 1n, 2n, 5n, 49n, 50n, 51n, 99n, 100n, 149n, 150n, 0x5a5a5a5a5a5a5a5an];
  for (let bits = 1n; bits <= 64n; bits++) all.push(2n ** bits - 1n, 2n ** bits);
  const near = [min, min + 1n, max - 1n, max, max / 2n, min / 2n];
  const signed = all.flatMap((value) => [value, -value]);
  return [...new Set([...signed, ...near])].filter((value) => value >= min && value <= max);
}

function wrap(dtype: DType, value: bigint): bigint {
  const bits = bitWidth(dtype);
  return isUnsigned(dtype) ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
}

const bigints = (frame: TestFrame, expr: AnyExpr) =>
  valuesOf(frame, expr).map((value) => (value === null ? null : BigInt(value as number)));

function pairs(a: readonly bigint[], b: readonly bigint[]): [bigint[], bigint[]] {
  return [a.flatMap((x) => b.map(() => x)), a.flatMap(() => b)];
}

describe.each(INTEGERS.map((dtype) => ({ name: dtypeName(dtype), dtype })))(
  "$name",
  ({ dtype }) => {
    const values = valuesIn(dtype);
    const [x, y] = pairs(values, values);
    const frame = testFrame({ x: [dtype, x], y: [dtype, y] });
    const each = (f: (a: bigint, b: bigint) => bigint) =>
      x.map((a, index) => wrap(dtype, f(a, y[index] as bigint)));

    it("and, or, xor, not", () => {
      const [a, b] = [col("x") as AnyExpr, col("y") as AnyExpr];
      expect(bigints(frame, a.bitAnd(b))).toEqual(each((p, q) => p & q));
      expect(bigints(frame, a.bitOr(b))).toEqual(each((p, q) => p | q));
      expect(bigints(frame, a.bitXor(b))).toEqual(each((p, q) => p ^ q));
      expect(bigints(frame, a.bitNot())).toEqual(each((p) => ~p));
    });

    it.each([INT8, INT64, UINT64].map((of) => ({ of })))(
      "shifts by counts of $of.kind",
      ({ of }) => {
        const counts = [-1n, 0n, 1n, 5n, 7n, 8n, 15n, 16n, 31n, 32n, 33n, 63n, 64n, 65n, 127n]
          .concat(valuesIn(of).slice(-4))
          .filter((count) => count >= integerLimits(of).min);
        const [a, n] = pairs(values, counts);
        const shifted = testFrame({ a: [dtype, a], n: [of, n] });
        const oracle = (f: (value: bigint, count: bigint) => bigint) =>
          a.map((value, index) => {
            const count = n[index] as bigint;
            if (count < 0n) return null;
            return wrap(dtype, f(value, count > 64n ? 64n : count));
          });
        const value = col("a") as AnyExpr;
        expect(bigints(shifted, value.shiftLeft(col("n")))).toEqual(oracle((v, c) => v << c));
        expect(bigints(shifted, value.shiftRight(col("n")))).toEqual(oracle((v, c) => v >> c));
        for (const count of [0n, 1n, 7n, 8n, 31n, 32n, 63n, 64n, 100n]) {
          const by = (f: (v: bigint) => bigint) => a.map((v) => wrap(dtype, f(v)));
          expect(bigints(shifted, value.shiftLeft(Number(count)))).toEqual(by((v) => v << count));
          expect(bigints(shifted, value.shiftRight(count))).toEqual(by((v) => v >> count));
        }
      },
    );

    it("round to tens, halves away from zero", () => {
      const { min, max } = integerLimits(dtype);
      for (let zeros = 1; zeros <= 22; zeros++) {
        const step = 10n ** BigInt(zeros);
        const rounded = values.map((value) => {
          const size = value < 0n ? -value : value;
          const up = ((size + step / 2n) / step) * step;
          return value < 0n ? -up : up;
        });
        const fits = rounded.map((value) => value >= min && value <= max);
        const inside = testFrame({ x: [dtype, values.filter((_, index) => fits[index])] });
        expect(bigints(inside, (col("x") as AnyExpr).round(-zeros))).toEqual(
          rounded.filter((_, index) => fits[index]),
        );
        for (const [index, value] of values.entries()) {
          if (fits[index]) continue;
          const outside = testFrame({ x: [dtype, [value]] });
          expect(() => valuesOf(outside, (col("x") as AnyExpr).round(-zeros))).toThrow("overflows");
        }
      }
    });

    it.each(INTEGERS.map((other) => ({ other })))(
      "compares with $other.kind by value",
      ({ other }) => {
        const [a, b] = pairs(values, valuesIn(other));
        const mixed = testFrame({ a: [dtype, a], b: [other, b] });
        const [p, q] = [col("a") as AnyExpr, col("b") as AnyExpr];
        const oracle = (f: (v: bigint, w: bigint) => boolean) =>
          a.map((v, index) => f(v, b[index]!));
        expect(valuesOf(mixed, p.eq(q))).toEqual(oracle((v, w) => v === w));
        expect(valuesOf(mixed, p.ne(q))).toEqual(oracle((v, w) => v !== w));
        expect(valuesOf(mixed, p.lt(q))).toEqual(oracle((v, w) => v < w));
        expect(valuesOf(mixed, p.ge(q))).toEqual(oracle((v, w) => v >= w));
        expect(valuesOf(mixed, p.between(q, q))).toEqual(oracle((v, w) => v === w));
      },
    );

    it("compares with literals that it does not hold", () => {
      const plain = testFrame({ x: [dtype, values] });
      for (const literal of [-1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, -(10n ** 30n), 10n ** 37n]) {
        const value = col("x") as AnyExpr;
        expect(valuesOf(plain, value.gt(literal))).toEqual(values.map((v) => v > literal));
        expect(valuesOf(plain, value.eq(literal))).toEqual(values.map((v) => v === literal));
      }
    });
  },
);
