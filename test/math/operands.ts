// Operands for routines: where each one is hard, and everywhere.
import type { RoutineName } from "../../src/ir/index.ts";
import { Random } from "../lattice/random.ts";

const bits = new DataView(new ArrayBuffer(8));

function fromBits(value: bigint): number {
  bits.setBigUint64(0, BigInt.asUintN(64, value));
  return bits.getFloat64(0);
}

/** The double `steps` places above (below) a positive one. */
export function beside(value: number, steps: number): number {
  bits.setFloat64(0, Math.abs(value));
  const moved = fromBits(bits.getBigUint64(0) + BigInt(steps));
  return value < 0 ? -moved : moved;
}

const SPECIAL: readonly number[] = [
  0,
  5e-324,
  2 ** -1022 - 2 ** -1074,
  2 ** -1022,
  1e-300,
  2 ** -55,
  2 ** -54,
  2 ** -28,
  2 ** -27,
  2 ** -8,
  2 ** -7,
  2 ** -5,
  2 ** -4,
  0.25,
  0.5,
  Math.SQRT1_2,
  1 - 2 ** -53,
  1,
  1 + 2 ** -52,
  Math.SQRT2,
  1.5,
  2,
  Math.E,
  3,
  Math.PI,
  10,
  32,
  64,
  1000,
  1024,
  1075,
  2 ** 53,
  2 ** 53 - 1,
  1e22,
  2 ** 64,
  2 ** 500,
  2 ** 1023,
  Number.MAX_VALUE,
  Infinity,
  NaN,
].flatMap((value) => [value, -value]);

/** Thresholds of overflow, underflow and of choices inside the routines. */
const THRESHOLDS: readonly number[] = [
  709.782712893384,
  710.4758600739439,
  -708.3964185322641,
  -744.4400719213812,
  -745.1332191019412,
  1024,
  -1022,
  -1074,
  -1075,
  0.0625,
  0.0078125,
  2 ** -27,
  2 ** -54,
  0.5,
  1,
  22,
  Math.SQRT1_2,
  Math.SQRT2,
  36.7368,
];

/** Doubles next to a multiple of pi/2, the last one the nearest of all (Muller et al., Handbook, table 11.1). */
const NEAR_QUARTERS: readonly number[] = [
  ...Array.from({ length: 40 }, (_, k) => (k * Math.PI) / 2),
  ...[1e3, 1e5, 1e8, 1e15, 1e22].map((k) => Math.round(k) * (Math.PI / 2)),
  6381956970095103 * 2 ** 797,
  5.3193726483265414e255,
  16367173 * 2 ** 72,
];

type Pair = readonly [number, number];

/** Pairs (the second is for functions of two), seeded by the name; about `count` of them. */
export function operandsOf(name: RoutineName, count: number): Pair[] {
  const random = new Random([...name].reduce((hash, c) => hash * 31 + c.charCodeAt(0), 7));
  const near = [...THRESHOLDS, ...NEAR_QUARTERS].flatMap((value) =>
    [-2, -1, 0, 1, 2].map((steps) => (value === 0 ? 0 : beside(value, steps))),
  );
  const hard = [...SPECIAL, ...near, ...near.map((value) => -value)];
  const isBinary = name === "pow" || name === "atan2" || name === "hypot";
  const listed: Pair[] = isBinary
    ? [...specialPairs(), ...hardPairs(name, random)]
    : hard.map((value) => [value, 0]);
  const drawn = Array.from({ length: count }, (): Pair => [draw(random, name), draw(random, name)]);
  return [...listed, ...drawn];
}

function specialPairs(): Pair[] {
  const values = [
    0,
    5e-324,
    0.5,
    1 - 2 ** -53,
    1,
    2,
    3,
    2.5,
    2 ** 53 - 1,
    2 ** 53,
    1e300,
    Infinity,
    NaN,
  ];
  const signed = values.flatMap((value) => [value, -value]);
  return signed.flatMap((x) => signed.map((y): Pair => [x, y]));
}

function hardPairs(name: RoutineName, random: Random): Pair[] {
  if (name !== "pow") {
    return Array.from({ length: 200 }, (): Pair => {
      const x = uniform(random) * 2 ** (random.below(2000) - 1000);
      return [x * (1 + random.below(200) / 64), x * 2 ** (random.below(140) - 70)];
    });
  }
  // x near 1 with exponents that reach the ends of the range; powers of two; square roots; whole powers.
  const ends = Array.from({ length: 300 }, (): Pair => {
    const x = beside(1, random.pick([1, -1]) * (1 + random.below(2 ** random.below(31))));
    return [x, ((uniform(random) * 2 - 1) * 760) / Math.log(x)];
  });
  const thresholds = Array.from({ length: 200 }, (): Pair => {
    const x = 1 + uniform(random) * 100;
    return [x, random.pick([1024, -1022, -1074, -1075]) / Math.log2(x)];
  });
  const whole = Array.from(
    { length: 200 },
    (): Pair => [random.below(40) - 20, random.below(40) - 15],
  );
  const two = Array.from({ length: 100 }, (_, k): Pair => [2, (k - 50) * 22]);
  const roots = Array.from(
    { length: 100 },
    (): Pair => [uniform(random) * 1e3, random.pick([0.5, -0.5, 1 / 3, 1.5])],
  );
  return [...ends, ...thresholds, ...whole, ...two, ...roots];
}

function uniform(random: Random): number {
  return (random.bits() + random.bits() / 2 ** 32) / 2 ** 32;
}

const UNIT_INTERVAL: readonly RoutineName[] = ["asin", "acos"];

function draw(random: Random, name: RoutineName): number {
  const sign = random.pick([1, -1]);
  if (UNIT_INTERVAL.includes(name) && random.chance(0.8)) {
    const x = random.chance(0.5) ? uniform(random) : 1 - uniform(random) * 2 ** -random.below(40);
    return sign * x;
  }
  switch (random.below(5)) {
    case 0:
      return sign * uniform(random);
    case 1:
      return sign * uniform(random) * 40;
    case 2:
      return sign * uniform(random) * 1100;
    case 3:
      return beside(sign, random.pick([1, -1]) * random.below(2 ** random.below(31)));
    default:
      // Any exponent.
      return sign * (1 + uniform(random)) * 2 ** (random.below(2046) - 1022);
  }
}
