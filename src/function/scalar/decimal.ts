// Arithmetic of decimals: add, sub, mul, div, floorDiv, mod, rem, neg, abs, floor, ceil, trunc, round. Results have the
// digits that SQL gives them, at most 38; what then does not fit is an IntegerOverflowError.
//
//   a + b, a - b      scale max(s1, s2), one digit more before the point than the wider one
//   a * b             scale s1 + s2, precision p1 + p2
//   a / b             float64 (as of integers), rounded once where 38 digits hold both sides at one scale, else each
//                     side and their quotient; by zero: null
//   a // b            decimal(p, 0) for the common decimal(p, s) of both; mod and rem have the common one; by zero: null
//   floor, ceil       decimal(p - s + 1, 0);  trunc: decimal(p - s, 0)
//   round(d)          scale d where it is below s, halves away from zero; d below 0 rounds to tens, hundreds

import {
  cappedDecimal,
  commonDecimal,
  type DecimalType,
  decimalOfInteger,
  FLOAT64,
  isInteger,
  MAX_PRECISION,
  wholeDigits,
} from "../../dtype/index.ts";
import type { ArithmeticOp, Check, ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { hasDigits, type Rounding, scaleDown, scaleUp, toFloat } from "../decimal.ts";
import { decimalOfLiteral } from "../literal.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import type { Operand } from "../operand.ts";
import { type CallSite, mismatch, only, pair, type Signature } from "./function.ts";

/**
 * The operands as decimals, if one of them is a decimal and the others are decimals, integers or numbers that a decimal
 * holds exactly: 0.5 beside a decimal is a decimal(1, 1). Null: the call is no decimal arithmetic.
 */
function decimalOperands({ operands }: CallSite): readonly DecimalType[] | null {
  const isDecimal = (operand: Operand) =>
    operand.kind === "typed" && operand.expr.dtype.kind === "decimal";
  const one = operands.find(isDecimal);
  if (one?.kind !== "typed") return null;
  const found = operands.map((operand): DecimalType | null => {
    if (operand.kind === "open") {
      return operand.value === null ? decimalOf(one) : decimalOfLiteral(operand.value);
    }
    return decimalOf(operand);
  });
  return found.every((dtype) => dtype !== null) ? found : null;
}

function decimalOf(operand: Extract<Operand, { kind: "typed" }>): DecimalType | null {
  const { dtype } = operand.expr;
  if (dtype.kind === "decimal") return dtype;
  return isInteger(dtype) ? decimalOfInteger(dtype) : null;
}

/** The signature of a function of decimals; null where the call is none, and is bound as of other numbers. */
export function bindDecimal(site: CallSite): Signature | null {
  const args = decimalOperands(site);
  const [a, b] = args ?? [];
  if (args === null || a === undefined) return null;
  switch (site.name) {
    case "add":
    case "sub":
      return { args, dtype: sumOf(a, b as DecimalType) };
    case "mul":
      return { args, dtype: productOf(site, a, b as DecimalType) };
    case "div":
      return bindDivision(a, b as DecimalType);
    case "floorDiv":
    case "mod":
    case "rem":
      return bindWholeDivision(site, a, b as DecimalType);
    case "floor":
    case "ceil":
      return { args, dtype: cappedDecimal(wholeDigits(a) + (a.scale > 0 ? 1 : 0), 0) };
    case "trunc":
      return { args, dtype: cappedDecimal(wholeDigits(a), 0) };
    default:
      return { args, dtype: a };
  }
}

function sumOf(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  return cappedDecimal(Math.max(wholeDigits(a), wholeDigits(b)) + scale + 1, scale);
}

function productOf(site: CallSite, a: DecimalType, b: DecimalType): DecimalType {
  const scale = a.scale + b.scale;
  if (scale <= MAX_PRECISION) return cappedDecimal(a.precision + b.precision, scale);
  const takes = `decimals of at most ${MAX_PRECISION} digits after the point together`;
  throw mismatch(site, takes, "Round or cast one side to a smaller scale first.");
}

/** At one scale where there is one: then the quotient is that of two integers, rounded once; else each side is rounded. */
function bindDivision(a: DecimalType, b: DecimalType): Signature {
  const common = commonDecimal(a, b);
  return { args: common === null ? [a, b] : [common, common], dtype: FLOAT64 };
}

function bindWholeDivision(site: CallSite, a: DecimalType, b: DecimalType): Signature {
  const common = commonDecimal(a, b);
  if (common === null) {
    const takes = `decimals that ${MAX_PRECISION} digits hold together`;
    throw mismatch(site, takes, "Round or cast one side to a smaller scale first.");
  }
  const dtype = site.name === "floorDiv" ? cappedDecimal(common.precision, 0) : common;
  return { args: [common, common], dtype };
}

function argOf(call: BoundCall, index: number): DecimalType {
  const dtype = call.args[index]?.dtype;
  if (dtype?.kind !== "decimal") throw new Error("invariant violated: a decimal argument");
  return dtype;
}

export function isDecimalCall(call: BoundCall): boolean {
  return call.args[0]?.dtype.kind === "decimal";
}

function overflowCheck(
  context: LowerContext,
  call: BoundCall,
  validity: ValueId | null,
): { readonly check: Check; readonly within: (value: ValueId, digits: number) => Lowered } {
  const check = checkAt(context, "overflow", callText(call), validity);
  const { builder } = context;
  const { precision } = call.dtype as DecimalType;
  const within = (value: ValueId, digits: number): Lowered => {
    if (digits <= precision) return { value, validity };
    const required = builder.require(hasDigits(builder, value, precision), check);
    return { value, validity: builder.both(validity, required) };
  };
  return { check, within };
}

/** add, sub. */
export function lowerDecimalSum(
  context: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const { builder } = context;
  const { scale } = call.dtype as DecimalType;
  const validity = builder.allValid(args);
  const { check, within } = overflowCheck(context, call, validity);
  const [a, b] = pair(args).map(({ value }, index) => {
    const dtype = argOf(call, index);
    const grown = dtype.precision + scale - dtype.scale;
    return scaleUp(builder, value, scale - dtype.scale, grown > MAX_PRECISION ? check : null);
  }) as [ValueId, ValueId];
  const digits = Math.max(wholeDigits(argOf(call, 0)), wholeDigits(argOf(call, 1))) + scale + 1;
  const op = call.function as ArithmeticOp;
  return within(
    builder.arithmetic(op, "i128", a, b, digits > MAX_PRECISION ? check : null),
    digits,
  );
}

export function lowerDecimalProduct(
  context: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const { builder } = context;
  const [a, b] = pair(args);
  const { check, within } = overflowCheck(context, call, builder.allValid(args));
  const digits = argOf(call, 0).precision + argOf(call, 1).precision;
  const checked = digits > MAX_PRECISION ? check : null;
  return within(builder.arithmetic("mul", "i128", a.value, b.value, checked), digits);
}

export function lowerDecimalDivision(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const [a, b] = pair(args);
  const [left, right] = [argOf(call, 0), argOf(call, 1)];
  const isNonZero = builder.compare("ne", "i128", b.value, builder.constant("i128", 0n));
  const validity = builder.both(builder.allValid(args), isNonZero);
  if (left.scale === right.scale)
    return { value: builder.quotient("f64", a.value, b.value), validity };
  const [x, y] = [toFloat(builder, "f64", a.value, left), toFloat(builder, "f64", b.value, right)];
  return { value: builder.arithmetic("div", "f64", x, y), validity };
}

/** floorDiv, mod, rem of one scale are those of the unscaled values. None overflows: |b| is at least one unit. */
export function lowerDecimalWholeDivision(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const [a, b] = pair(args);
  const op = call.function as "floorDiv" | "mod" | "rem";
  const isNonZero = builder.compare("ne", "i128", b.value, builder.constant("i128", 0n));
  const validity = builder.both(builder.allValid(args), isNonZero);
  return { value: builder.arithmetic(op, "i128", a.value, b.value), validity };
}

const ROUNDINGS: Readonly<Record<string, Rounding>> = {
  floor: "floor",
  ceil: "ceil",
  trunc: "trunc",
};

/** floor, ceil, trunc. */
export function lowerDecimalWhole(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const { value, validity } = only(args);
  const rounding = ROUNDINGS[call.function] as Rounding;
  return { value: scaleDown(builder, value, argOf(call, 0).scale, rounding), validity };
}

/** The dtype of round(x, decimals). Rounding up may add a digit: 9.9 is 10. */
export function roundedDecimal(a: DecimalType, decimals: number): DecimalType {
  if (decimals >= a.scale) return a;
  const scale = Math.max(0, decimals);
  return cappedDecimal(Math.max(wholeDigits(a), -decimals) + 1 + scale, scale);
}

export function lowerDecimalRound(
  context: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
  decimals: number,
): Lowered {
  const { builder } = context;
  const { value, validity } = only(args);
  const dtype = argOf(call, 0);
  if (decimals >= dtype.scale) return { value, validity };
  const rounded = scaleDown(builder, value, dtype.scale - decimals, "halfAway");
  if (decimals >= 0) return { value: rounded, validity };
  const { check, within } = overflowCheck(context, call, validity);
  const digits = Math.max(wholeDigits(dtype), -decimals) + 1;
  const checked = digits > MAX_PRECISION ? check : null;
  return within(scaleUp(builder, rounded, -decimals, checked), digits);
}
