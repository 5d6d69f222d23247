// Statistics are bounds, and no result may depend on how tight they are: of a batch's columns of numbers, executors are
// handed some without any, some with the tightest ones, some with ones that leave room.
import { bitLength, decompose } from "../../src/base/index.ts";
import { type Batch, type Column, type ColumnStatistics, isValid } from "../../src/column/index.ts";
import { integerLimits, isFloat } from "../../src/dtype/index.ts";

type Room = "none" | "tight" | "some";
const ROOMS: readonly Room[] = ["tight", "none", "some"];

/** The same columns; which room one's bounds leave follows from its place and the number of rows. */
export function bounded(batch: Batch): Batch {
  const { rowCount, columns } = batch;
  return {
    rowCount,
    columns: columns.map((column, index) => {
      const room = ROOMS[(rowCount + index) % ROOMS.length] as Room;
      return { ...column, statistics: room === "none" ? null : boundsOf(column, room) };
    }),
  };
}

function boundsOf(column: Column, room: "tight" | "some"): ColumnStatistics | null {
  const { data, dtype, length } = column;
  if (data.encoding !== "fixed") return null;
  const { values } = data;
  const rows = Array.from({ length }, (_, row) => row).filter((row) => isValid(column, row));
  const known = rows.map((row) => values[row] as number | bigint);
  return isFloat(dtype)
    ? floatBounds(known.map(Number), room)
    : integerBounds(known.map(BigInt), integerLimits(dtype), room);
}

function integerBounds(
  values: readonly bigint[],
  limits: { readonly min: bigint; readonly max: bigint },
  room: "tight" | "some",
): ColumnStatistics | null {
  const [first] = values;
  if (first === undefined) return null;
  let [min, max] = [first, first];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (room === "tight") return { min, max };
  const more = (max - min) / 2n + 3n;
  const lower = min - more;
  const upper = max + more;
  return {
    min: lower < limits.min ? limits.min : lower,
    max: upper > limits.max ? limits.max : upper,
  };
}

function floatBounds(values: readonly number[], room: "tight" | "some"): ColumnStatistics | null {
  const numbers = values.filter((value) => !Number.isNaN(value));
  const finite = numbers.filter((value) => Number.isFinite(value) && value !== 0);
  const parts = finite.map((value) => decompose(Math.abs(value)));
  if (parts.length === 0) return null;
  const more = room === "tight" ? 0 : 5;
  const least = (found: readonly number[]) => found.reduce((a, b) => Math.min(a, b));
  const greatest = (found: readonly number[]) => found.reduce((a, b) => Math.max(a, b));
  return {
    min: room === "tight" ? least(numbers) : 2 * Math.min(0, least(numbers)),
    max: room === "tight" ? greatest(numbers) : 2 * Math.max(0, greatest(numbers)),
    lowExponent: least(parts.map(({ exponent }) => exponent)) - more,
    highExponent:
      greatest(parts.map(({ mantissa, exponent }) => bitLength(mantissa) + exponent)) + more,
    hasSpecials:
      numbers.length < values.length ||
      numbers.some((value) => !Number.isFinite(value)) ||
      room === "some",
  };
}
