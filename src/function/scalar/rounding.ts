// floor, ceil, trunc, round, sqrt. Integers are whole already and stay as they are, unless they are rounded to tens.

import { FLOAT64, integerLimits, isFloat, isInteger, powerOfTen } from "../../dtype/index.ts";
import { laneOf, type UnaryOp, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { bindArithmetic, checked } from "./arithmetic.ts";
import { isDecimalCall, lowerDecimalRound, lowerDecimalWhole, roundedDecimal } from "./decimal.ts";
import { type CallSite, invalidOption, only, optionOf, type ScalarFunction } from "./function.ts";

/** Powers of ten up to 10^22 are doubles. */
const MOST_DECIMALS = 22;
/** From here on every double is a whole number. */
const WHOLE = 2 ** 52;

function whole(name: UnaryOp & ("floor" | "ceil" | "trunc")): ScalarFunction {
  return {
    name,
    arity: 1,
    bind: bindArithmetic,
    lower: (context, args, call) => {
      if (isDecimalCall(call)) return lowerDecimalWhole(context, args, call);
      const { builder } = context;
      const { value, validity } = only(args);
      if (isInteger(call.dtype)) return { value, validity };
      return { value: builder.unary(name, laneOf(call.dtype), value), validity };
    },
  };
}

function decimalsOf(site: CallSite): number {
  const decimals = optionOf(site, "decimals") ?? 0;
  if (
    typeof decimals === "number" &&
    Number.isInteger(decimals) &&
    Math.abs(decimals) <= MOST_DECIMALS
  ) {
    return decimals;
  }
  throw invalidOption(
    site,
    `round takes a whole number of decimals from -${MOST_DECIMALS} to ${MOST_DECIMALS}`,
    "Write round(2).",
  );
}

/** Halves away from zero, computed as round(x * 10^d) / 10^d in float64; values without such decimals stay. */
function roundTo(builder: ProgramBuilder, decimals: number, a: ValueId): ValueId {
  if (decimals === 0) return builder.unary("round", "f64", a);
  const scale = builder.constant("f64", 10 ** Math.abs(decimals));
  const [up, down] = decimals > 0 ? (["mul", "div"] as const) : (["div", "mul"] as const);
  const scaled = builder.arithmetic(up, "f64", a, scale);
  const rounded = builder.arithmetic(down, "f64", builder.unary("round", "f64", scaled), scale);
  const limit = builder.constant("f64", WHOLE);
  const isWhole = builder.compare("le", "f64", limit, builder.unary("abs", "f64", scaled));
  return builder.select("f64", isWhole, a, rounded);
}

/**
 * An integer to the nearest multiple of 10^zeros, halves away from zero; an IntegerOverflowError where that leaves the dtype.
 * By halves, because 10^19 is no int64 while half of it is.
 */
function roundToTens(
  context: LowerContext,
  input: Lowered,
  call: BoundCall,
  zeros: number,
): Lowered {
  if (zeros <= 0) return input;
  const { builder } = context;
  const { value: a, validity } = input;
  const { dtype } = call;
  const lane = laneOf(dtype);
  const { min, max } = integerLimits(dtype);
  const [step, half] = [powerOfTen(zeros), powerOfTen(zeros) / 2n];
  const k = (value: bigint) => builder.constant(lane, value);
  if (half > max) return { value: k(0n), validity };
  const rest = step > max ? a : builder.arithmetic("rem", lane, a, k(step));
  const isUp = builder.compare("le", lane, k(half), rest);
  const isDown =
    min < 0n ? builder.compare("le", lane, rest, k(-half)) : builder.constant("bool", false);
  const away = builder.select(lane, isUp, k(half), builder.select(lane, isDown, k(-half), k(0n)));
  const halfWay = builder.arithmetic("add", lane, builder.arithmetic("sub", lane, a, rest), away);
  return checked(context, call, validity, (check) =>
    builder.arithmetic("add", lane, halfWay, away, check),
  );
}

const round: ScalarFunction = {
  name: "round",
  arity: 1,
  bind: (site) => {
    const signature = bindArithmetic(site);
    const decimals = decimalsOf(site);
    return signature.dtype.kind === "decimal"
      ? { ...signature, dtype: roundedDecimal(signature.dtype, decimals) }
      : signature;
  },
  lower: (context, args, call) => {
    const { builder } = context;
    const { value, validity } = only(args);
    const { dtype } = call;
    const decimals = (call.options.decimals as number | undefined) ?? 0;
    if (isDecimalCall(call)) return lowerDecimalRound(context, args, call, decimals);
    if (!isFloat(dtype)) return roundToTens(context, only(args), call, -decimals);
    const lane = laneOf(dtype);
    if (decimals === 0) return { value: builder.unary("round", lane, value), validity };
    const rounded = roundTo(builder, decimals, builder.convert(lane, "f64", value));
    return { value: builder.convert("f64", lane, rounded), validity };
  },
};

const squareRoot: ScalarFunction = {
  name: "sqrt",
  arity: 1,
  bind: (site) => {
    const { dtype } = bindArithmetic(site);
    return isFloat(dtype) ? { args: [dtype], dtype } : { args: [FLOAT64], dtype: FLOAT64 };
  },
  lower: ({ builder }, args, call) => {
    const { value, validity } = only(args);
    return { value: builder.unary("sqrt", laneOf(call.dtype), value), validity };
  },
};

export const roundingFunctions: readonly ScalarFunction[] = [
  whole("floor"),
  whole("ceil"),
  whole("trunc"),
  round,
  squareRoot,
];
