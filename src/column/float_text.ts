// Floats as text: the fewest digits that read back as the same bits, of those the nearest to the value, of two that are
// equally near the even ones, in JavaScript's notation. A whole number has a ".0", since it would read back as an integer.

/** The text of a float64, or with `single` of a float32. */
export function formatFloatText(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0.0";
  const text = String(single ? shortestSingle(value) : value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Nine significant digits tell all float32 apart. */
const MOST_DIGITS = 9;
const BITS = new DataView(new ArrayBuffer(4));

/** The float64 whose digits are those of the float32: at most nine, which every float64 keeps. */
function shortestSingle(value: number): number {
  if (value === 0) return 0;
  const { low, exact, high, closed, exponent } = roundingInterval(Math.abs(value));
  const magnitude = Number(value.toExponential().split("e")[1]);
  for (let digits = 1; digits <= MOST_DIGITS; digits++) {
    const scale = magnitude - digits + 1;
    // The value and its interval over 10^scale, as fractions of one denominator.
    const up = tenTo(-scale) * twoTo(exponent);
    const down = tenTo(scale) * twoTo(-exponent);
    const floor = (exact * up) / down;
    const candidates = [floor, floor + 1n].filter((candidate) => {
      const scaled = candidate * down;
      return closed
        ? low * up <= scaled && scaled <= high * up
        : low * up < scaled && scaled < high * up;
    });
    const nearest = nearestOf(candidates, (candidate) => candidate * down - exact * up);
    if (nearest !== null) return Number(`${value < 0 ? "-" : ""}${nearest}e${scale}`);
  }
  throw new Error(`invariant violated: ${value} needs more than ${MOST_DIGITS} digits`);
}

function nearestOf(candidates: readonly bigint[], errorOf: (candidate: bigint) => bigint) {
  const [first, second] = candidates;
  if (first === undefined || second === undefined) return first ?? null;
  const [below, above] = [-errorOf(first), errorOf(second)];
  return below < above || (below === above && first % 2n === 0n) ? first : second;
}

/**
 * What rounds to a float32, as integers times 2^exponent: between the halves of its distances to its neighbours, of which
 * the lower one is half as far at a power of two; the ends belong to it where its last bit is even.
 */
function roundingInterval(value: number) {
  BITS.setFloat32(0, value);
  const bits = BITS.getUint32(0);
  const biased = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  const significand = BigInt(biased === 0 ? fraction : fraction | 0x800000);
  const isPower = fraction === 0 && biased > 1;
  return {
    low: 4n * significand - (isPower ? 1n : 2n),
    exact: 4n * significand,
    high: 4n * significand + 2n,
    closed: significand % 2n === 0n,
    exponent: Math.max(biased, 1) - 150 - 2,
  };
}

const tenTo = (exponent: number): bigint => 10n ** BigInt(Math.max(0, exponent));
const twoTo = (exponent: number): bigint => 2n ** BigInt(Math.max(0, exponent));
