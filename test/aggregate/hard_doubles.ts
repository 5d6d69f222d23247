// Doubles that are hard to add.
import { Random } from "../lattice/random.ts";

const { MAX_VALUE: MAX, MIN_VALUE: TINY, EPSILON } = Number;

/** Finite doubles whose sums, means or variances a second rounding, an overflow or a lost bit gets wrong. */
export const hardDoubles: readonly { readonly name: string; readonly values: readonly number[] }[] =
  [
    { name: "cancellation of the largest", values: [1e308, 1, -1e308, 1e-300] },
    { name: "a sum that passes the largest double and comes back", values: [MAX, MAX, -MAX] },
    { name: "a sum above the largest double", values: [MAX, MAX / 2] },
    { name: "half an ulp below infinity", values: [MAX, 2 ** 969] },
    { name: "half an ulp above: infinity", values: [MAX, 2 ** 970] },
    { name: "a tie that a tiny value breaks", values: [1, EPSILON / 2, TINY] },
    { name: "a tie to even, down", values: [1, EPSILON / 2] },
    { name: "a tie to even, up", values: [1 + EPSILON, EPSILON / 2] },
    { name: "subnormals", values: [TINY, TINY, TINY * 5, -TINY] },
    { name: "the border of subnormals", values: [2 ** -1022, -TINY, TINY * 3] },
    { name: "a mean below the smallest", values: [TINY, 0, 0, 0] },
    { name: "a negative mean below the smallest", values: [-TINY, 0, 0, 0] },
    { name: "the whole range", values: [MAX, TINY, -1, 2 ** -600, -(2 ** 600)] },
    { name: "zeros of both signs", values: [-0, 0, -0] },
    { name: "variance of near equals", values: [1e15, 1e15 + 0.125, 1e15 + 0.25] },
    { name: "equal values", values: [0.1, 0.1, 0.1] },
    { name: "wholes", values: [1, 2, 3, 4, 2 ** 52] },
    { name: "powers of two", values: Array.from({ length: 200 }, (_, i) => 2 ** (i - 100)) },
    ...Array.from({ length: 60 }, (_, seed) => ({
      name: `random ${seed}`,
      values: randomValues(seed),
    })),
  ];

/** Exponents of a random width around a random centre, so that every width of window comes. */
function randomValues(seed: number): number[] {
  const random = new Random(seed);
  const width = 1 + random.below([4, 60, 200, 2000][seed % 4] as number);
  const centre = random.below(2046 - width) - 1022;
  const draw = () => {
    const magnitude =
      (1 + random.bits() / 2 ** 32 + random.bits() / 2 ** 52) * 2 ** (centre + random.below(width));
    return random.chance(0.5) ? magnitude : -magnitude;
  };
  const values = Array.from({ length: 1 + random.below(300) }, draw);
  return seed % 3 === 0 ? [...values, ...values.slice(1).map((value) => -value)] : values;
}
