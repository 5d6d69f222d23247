import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BINARY32,
  bitLength,
  decompose,
  integerSquareRoot,
  roundRatio,
  roundSquareRoot,
} from "../../src/base/index.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const nonZero = finite.filter((value) => value !== 0);
const magnitude = nonZero.map(Math.abs);

describe("roundRatio", () => {
  const tie = (1n << 53n) * 2n + 1n; // halfway between 2^54 and its successor's half
  const cases: [string, number, number][] = [
    ["zero is +0", roundRatio(0n, 7n), 0],
    ["a third", roundRatio(1n, 3n), 1 / 3],
    ["minus a tenth", roundRatio(-1n, 10n), -0.1],
    ["2^53 + 1 ties to even", roundRatio((1n << 53n) + 1n, 1n), 2 ** 53],
    ["2^53 + 3 ties to even, up", roundRatio((1n << 53n) + 3n, 1n), 2 ** 53 + 4],
    ["a hair above a tie", roundRatio((tie << 200n) + 1n, 1n, -200), 2 ** 54 + 4 - 4],
    ["the least subnormal", roundRatio(1n, 1n, -1074), 5e-324],
    ["half the least subnormal ties to zero", roundRatio(1n, 2n, -1074), 0],
    ["and keeps its sign", roundRatio(-1n, 2n, -1074), -0],
    ["a hair above half of it", roundRatio(3n, 4n, -1074), 5e-324],
    ["1.5 subnormals tie to even", roundRatio(3n, 2n, -1074), 1e-323],
    [
      "the largest subnormal, rounded up, is normal",
      roundRatio((1n << 53n) - 1n, 2n, -1074),
      2 ** -1022,
    ],
    ["the greatest double", roundRatio((1n << 53n) - 1n, 1n, 971), Number.MAX_VALUE],
    ["just below the tie to infinity", roundRatio((1n << 55n) - 3n, 1n, 969), Number.MAX_VALUE],
    ["the tie to infinity", roundRatio((1n << 54n) - 1n, 1n, 970), Infinity],
    ["far beyond", roundRatio(-1n, 1n, 5000), -Infinity],
    ["float32: a tenth", roundRatio(1n, 10n, 0, BINARY32), Math.fround(0.1)],
    [
      "float32: rounds once where a double would round twice",
      roundRatio((1n << 60n) + (1n << 36n) + 1n, 1n, 0, BINARY32),
      2 ** 60 + 2 ** 37,
    ],
    ["float32: overflow", roundRatio((1n << 25n) - 1n, 1n, 103, BINARY32), Infinity],
  ];
  it.each(cases)("%s", (_, actual, expected) => expect(actual).toBe(expected));

  it("agrees with IEEE division", () => {
    fc.assert(
      fc.property(finite, nonZero, (a, b) => {
        const [x, y] = [decompose(a), decompose(b)];
        const sign = y.mantissa < 0n ? -1n : 1n;
        const quotient = roundRatio(x.mantissa * sign, y.mantissa * sign, x.exponent - y.exponent);
        expect(quotient).toBe(a === 0 ? 0 : a / b);
      }),
      { numRuns: 2000 },
    );
  });
  it("gives every double back", () => {
    fc.assert(
      fc.property(nonZero, (value) => {
        const { mantissa, exponent } = decompose(value);
        expect(roundRatio(mantissa, 1n, exponent)).toBe(value);
        expect(roundRatio(mantissa, 1n, exponent, BINARY32)).toBe(Math.fround(value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("roundSquareRoot", () => {
  it.each([2, 3, 4, 5e-324, 2 ** -1022, Number.MAX_VALUE, 1 + 2 ** -52, 1 - 2 ** -53])(
    "of %d",
    (value) => {
      const { mantissa, exponent } = decompose(value);
      expect(roundSquareRoot(mantissa, 1n, exponent)).toBe(Math.sqrt(value));
    },
  );
  it("agrees with IEEE on doubles", () => {
    fc.assert(
      fc.property(magnitude, (value) => {
        const { mantissa, exponent } = decompose(value);
        expect(roundSquareRoot(mantissa, 1n, exponent)).toBe(Math.sqrt(value));
      }),
      { numRuns: 2000 },
    );
  });
  it("brackets the root of a ratio", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 1n << 200n }),
        fc.bigInt({ min: 1n, max: 1n << 90n }),
        (n, d) => {
          const { mantissa, exponent } = decompose(roundSquareRoot(n, d));
          // |root - sqrt(n / d)| <= half a unit: (2m ± 1)^2 in units of 2^(2e - 2) enclose n / d.
          const bits = 53 - bitLength(mantissa);
          const [m, e] = [mantissa << BigInt(bits), exponent - bits - 1];
          const square = (x: bigint) => (e < 0 ? x * x * d : (x * x * d) << BigInt(2 * e));
          const scaled = e < 0 ? n << BigInt(-2 * e) : n;
          expect(square(2n * m - 1n) <= scaled && scaled <= square(2n * m + 1n)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

it("integerSquareRoot is the floor", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 300n }), (value) => {
      const root = integerSquareRoot(value);
      expect(root * root <= value && value < (root + 1n) * (root + 1n)).toBe(true);
    }),
  );
});
