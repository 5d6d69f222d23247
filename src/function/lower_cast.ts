// Casts. Numbers keep their magnitude or fail; text is parsed and formatted as the CSV reader and writer do; dates are
// their days, instants their units, and a date is the instant of its midnight in UTC. Decimals: decimal_cast.ts.

import { UNITS_PER_SECOND } from "../column/index.ts";
import {
  BOOL,
  type DType,
  dtypeName,
  INT32,
  INT64,
  integerLimits,
  isFloat,
  isInteger,
  isNumeric,
  sameDType,
} from "../dtype/index.ts";
import { laneOf, narrowLaneOf, type ValueId } from "../ir/index.ts";

import type { BoundCast } from "./bound.ts";
import type { Conversion, Lowered, ProgramBuilder } from "./builder.ts";
import { fromDecimal, toDecimal } from "./decimal_cast.ts";
import type { LowerContext } from "./lower.ts";

/** Can a cast between these dtypes be written at all? */
export function isCastable(from: DType, to: DType): boolean {
  if (sameDType(from, to)) return true;
  if (from.kind === "decimal" || to.kind === "decimal") {
    const other = from.kind === "decimal" ? to : from;
    return isNumeric(other) || other === BOOL || other.kind === "string";
  }
  if (from.kind === "duration" || to.kind === "duration") {
    const other = from.kind === "duration" ? to : from;
    return other.kind === "duration" || other.kind === "string" || isInteger(other);
  }
  if (from.kind === "string" || to.kind === "string") return true;
  const temporal = (dtype: DType) => dtype.kind === "date" || dtype.kind === "timestamp";
  if (temporal(from)) return temporal(to) || isInteger(to);
  return !temporal(to) || isInteger(from);
}

export function lowerCast(context: LowerContext, cast: BoundCast, input: Lowered): Lowered {
  const { builder } = context;
  const { value, fits } = convert(builder, cast.input.dtype, cast.dtype, input.value);
  if (fits === null) return { value, validity: input.validity };
  if (!cast.strict) return { value, validity: builder.both(input.validity, fits) };
  const site = builder.site("cast", cast.text ?? `cast(${dtypeName(cast.dtype)})`);
  const guard = builder.both(input.validity, context.active);
  // The result depends on the check, so that whoever needs the value runs it. Inactive rows stay as they are.
  const required = builder.require(fits, { site, guard });
  return { value, validity: builder.both(input.validity, required) };
}

function convert(builder: ProgramBuilder, from: DType, to: DType, a: ValueId): Conversion {
  if (sameDType(from, to)) return { value: a, fits: null };
  if (from.kind === "string") return parse(builder, to, a);
  if (to.kind === "string") {
    return { value: builder.emit({ op: "format", lane: "string", dtype: from, a }), fits: null };
  }
  if (to.kind === "decimal") return toDecimal(builder, from, to, a);
  if (from.kind === "decimal") return fromDecimal(builder, from, to, a);
  const [fromUnit, toUnit] = [unitsPerDay(from), unitsPerDay(to)];
  if (fromUnit !== null && toUnit !== null)
    return rescale(builder, from, to, a, [fromUnit, toUnit]);
  if (fromUnit !== null) return convertNumber(builder, rawInteger(from), to, a);
  if (toUnit !== null) return convertNumber(builder, from, rawInteger(to), a);
  return convertNumber(builder, from, to, a);
}

function parse(builder: ProgramBuilder, dtype: DType, a: ValueId): Conversion {
  return {
    value: builder.emit({ op: "parse", lane: laneOf(dtype), dtype, radix: 10, a }),
    fits: builder.emit({ op: "parseFits", lane: "bool", dtype, radix: 10, a }),
  };
}

/** The integer that stands behind a temporal dtype. */
function rawInteger(dtype: DType): DType {
  return dtype.kind === "date" ? INT32 : INT64;
}

/** How many units of a temporal dtype a day has; null for other dtypes. */
function unitsPerDay(dtype: DType): bigint | null {
  if (dtype.kind === "date") return 1n;
  if (dtype.kind !== "timestamp" && dtype.kind !== "duration") return null;
  return UNITS_PER_SECOND[dtype.unit] * 86_400n;
}

function convertNumber(builder: ProgramBuilder, from: DType, to: DType, a: ValueId): Conversion {
  const [fromLane, toLane] = [laneOf(from), laneOf(to)];
  const value = builder.convert(fromLane, toLane, a);
  if (alwaysFits(from, to)) return { value, fits: null };
  return { value, fits: builder.fits(fromLane, narrowLaneOf(to), a) };
}

function alwaysFits(from: DType, to: DType): boolean {
  if (from === BOOL || to === BOOL) return true;
  if (isFloat(to)) return !isFloat(from) || to.kind === "float64";
  if (isFloat(from)) return false;
  const [inner, outer] = [integerLimits(from), integerLimits(to)];
  return outer.min <= inner.min && inner.max <= outer.max;
}

/** Between dates and instants of any unit: to a finer unit it may overflow, to a coarser one it rounds down. */
function rescale(
  builder: ProgramBuilder,
  from: DType,
  to: DType,
  a: ValueId,
  [fromUnit, toUnit]: readonly [bigint, bigint],
): Conversion {
  const wide = builder.convert(laneOf(from), "i64", a);
  if (toUnit < fromUnit) {
    const factor = builder.constant("i64", fromUnit / toUnit);
    const value = builder.arithmetic("floorDiv", "i64", wide, factor);
    return convertNumber(builder, INT64, rawInteger(to), value);
  }
  const factor = toUnit / fromUnit;
  const value = builder.arithmetic("mul", "i64", wide, builder.constant("i64", factor));
  const { min, max } = integerLimits(INT64);
  const [least, most] = [min / factor, max / factor];
  const range = integerLimits(from);
  if (range.min >= least && range.max <= most) return { value, fits: null };
  const above = builder.compare("le", "i64", builder.constant("i64", least), wide);
  const below = builder.compare("le", "i64", wide, builder.constant("i64", most));
  return { value, fits: builder.and(above, below) };
}
