// cbrt and hypot, and the change of units of angles.

import type { RoutineTable } from "../routine.ts";
import type { RoutineBuilder, U64 } from "../routine_builder.ts";
import { cubeRoot, ONE, once, pi, ratio, scaled } from "./constants.ts";
import { squareRootOf } from "./quotient.ts";
import {
  type Magnitude,
  NAN,
  normalised,
  type Parts,
  putTogether,
  putTogetherNormal,
  takeApart,
  UNIT,
} from "./words.ts";

/** floor(2^32 / cbrt(w)) for the upper end w of 32 intervals of each of 1..2, 2..4, 4..8. */
const cubeRootSeeds = once((): RoutineTable => {
  const values = Array.from({ length: 96 }, (_, j) => {
    const upper = ((ONE * BigInt(33 + (j & 31))) / 32n) << BigInt(j >> 5);
    return (ONE << 32n) / cubeRoot(upper);
  });
  return { name: "cubeRootSeeds", lane: "u32", values };
});

/**
 * w^(1/3) = w y^2 with y = w^(-1/3). With e = 1 - w y^3, y (1 - e)^(-1/3) is y (1 + e/3 + 2e^2/9 + 14e^3/81 + ...), in
 * 32 bits from a table and once more in 64.
 */
function cubeRootOf({ significand, exponent }: Magnitude): Magnitude {
  const shifted = exponent.add(1200); // never negative
  const third = shifted.mulHigh(0x55555556);
  const more = shifted.sub(third.mul(3)); // the exponent modulo 3
  const y0 = significand.builder.lookup32(
    cubeRootSeeds(),
    more.shl(5).add(significand.shl(1).shr(59).low()),
  );
  const w32 = significand.high();
  const cube = y0.mulHigh(y0).mulHigh(y0);
  const e0 = w32
    .mulHigh(cube)
    .shl(more)
    .subFrom(2 ** 31)
    .shl(6); // in units of 2^-37
  const third32 = e0
    .mulHigh(Number(ratio(14n, 81n, 32)))
    .shr(5)
    .add(Number(ratio(2n, 9n, 32)));
  const second32 = e0
    .mulHigh(third32)
    .shr(5)
    .add(Number(ratio(1n, 3n, 32)));
  // Lowered by more than its error, so that the next e is not negative.
  const y1 = y0
    .add(y0.mulHigh(e0.mulHigh(second32)).shr(5))
    .sub(32)
    .widen();
  const wide = y1.shl(32);
  const cubed = y1.mul(y1).mulHigh(wide);
  const e1 = significand.mulHigh(cubed).shl(more).subFrom(UNIT).shl(19); // in units of 2^-82
  const squared = e1.high().mulHigh(e1.high()).widen().shl(14);
  const t1 = e1.mulHigh(ratio(1n, 3n, 64)).add(squared.mulHigh(ratio(2n, 9n, 64)));
  // Lowered by more than its error: it must not reach 1.
  const y2 = wide.add(wide.mulHigh(t1).shr(18)).sub(4n);
  const root = significand.mulHigh(y2).mulHigh(y2).shl(more);
  return normalised({ significand: root, exponent: third.sub(400) });
}

/** Zero, infinities and NaN stay. */
function withFixedPoints(x: Parts, bits: U64, result: U64): U64 {
  return x.isNan.pick(NAN, x.isInfinite.or(x.isZero).pick(bits, result));
}

export function cbrt(builder: RoutineBuilder): U64 {
  const bits = builder.parameter(0);
  const x = takeApart(bits, "exact");
  return withFixedPoints(x, bits, putTogetherNormal(x.sign, cubeRootOf(x)));
}

/** Where the squares would overflow or underflow the root does not: only the exponents' difference is used. */
export function hypot(builder: RoutineBuilder): U64 {
  const [a, b] = [0, 1].map((k) => takeApart(builder.parameter(k), "exact")) as [Parts, Parts];
  const swap = a.magnitude.lt(b.magnitude);
  const large = {
    significand: swap.pick(b.significand, a.significand),
    exponent: swap.pick32(b.exponent, a.exponent),
  };
  const small = {
    significand: swap.pick(a.significand, b.significand),
    exponent: swap.pick32(a.exponent, b.exponent),
  };
  const aligned = small.significand.shr(large.exponent.sub(small.exponent).min(63));
  // Halved, so that the sum has room: units of 2^-61 of the square of the larger exponent.
  const sum = large.significand
    .mulHigh(large.significand)
    .shr(1)
    .add(aligned.mulHigh(aligned).shr(1));
  const root = squareRootOf(normalised({ significand: sum, exponent: builder.u32(2) }));
  const exponent = root.exponent.add(large.exponent);
  const length = putTogether(builder.u64(0n), { significand: root.significand, exponent });
  const isInfinite = a.isInfinite.or(b.isInfinite);
  const finite = a.isNan.or(b.isNan).pick(NAN, length);
  const isZero = a.isZero.and(b.isZero);
  return isInfinite.pick(0x7ff0000000000000n, isZero.pick(0n, finite));
}

/** x times a constant whose 64 bits are factor / 2^63 * 2^exponent, rounded once. */
function scaling(factor: () => bigint, exponent: number): (builder: RoutineBuilder) => U64 {
  return (builder) => {
    const bits = builder.parameter(0);
    const x = takeApart(bits, "exact");
    const product = normalised({
      significand: x.significand.mulHigh(factor()),
      exponent: x.exponent.add(exponent + 1),
    });
    return withFixedPoints(x, bits, putTogether(x.sign, product));
  };
}

/** 180 / pi is 57.29, pi / 180 is 0.01745. */
export const degrees = scaling(() => scaled((180n * ONE * ONE) / pi(), 63 - 5), 5);
export const radians = scaling(() => scaled(pi() / 180n, 63 + 6), -6);
