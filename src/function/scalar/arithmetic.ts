// add, sub, mul, neg, abs, sign of numbers, and neg and abs of durations. Integers are checked: a result outside the dtype
// is an IntegerOverflowError. Floats are IEEE. Decimals: decimal.ts.

import { type DType, INT64, isFloat, isInteger, isUnsigned } from "../../dtype/index.ts";
import {
  type ArithmeticOp,
  type Check,
  type Lane,
  laneOf,
  narrowLaneOf,
  type UnaryOp,
  type ValueId,
} from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { bindDecimal, isDecimalCall, lowerDecimalProduct, lowerDecimalSum } from "./decimal.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  mismatch,
  only,
  pair,
  type ScalarFunction,
  type Signature,
} from "./function.ts";
import {
  bindTemporalArithmetic,
  isTemporalCall,
  lowerTemporalArithmetic,
  type TemporalOp,
} from "./temporal_arithmetic.ts";

export function isPlainNumber(dtype: DType): boolean {
  return isInteger(dtype) || isFloat(dtype);
}

/** All arguments and the result have the dtype in which the operands meet. */
export function bindNumeric(site: CallSite): Signature {
  const dtype = commonOf(site, "numbers", INT64);
  if (!isPlainNumber(dtype)) {
    throw mismatch(site, "numbers", 'Cast to a number first, as in .cast("float64").');
  }
  return { args: everywhere(site.operands.length, dtype), dtype };
}

/** As `bindNumeric`, or the rules of decimals where an operand is one. */
export function bindArithmetic(site: CallSite): Signature {
  return bindDecimal(site) ?? bindNumeric(site);
}

/** Is the dtype stored in fewer bits than its lane has? */
function isNarrow(dtype: DType): boolean {
  return narrowLaneOf(dtype) !== laneOf(dtype);
}

/**
 * An operation whose exact result must fit the dtype. The lane checks that by itself, except for int8 and int16, whose
 * 32-bit lane one operation cannot overflow, and uint8 and uint16, where a result below zero wraps to a large one: there
 * the result is looked at.
 */
export function checked(
  context: LowerContext,
  call: BoundCall,
  validity: ValueId | null,
  emit: (check: Check | null) => ValueId,
): Lowered {
  const { dtype } = call;
  // The limits of a decimal are symmetric: its negation always fits.
  if (isFloat(dtype) || dtype.kind === "decimal") return { value: emit(null), validity };
  const check = checkAt(context, "overflow", callText(call), validity);
  if (!isNarrow(dtype)) return { value: emit(check), validity };
  const value = emit(null);
  const fits = context.builder.fits(laneOf(dtype), narrowLaneOf(dtype), value);
  return { value, validity: context.builder.both(validity, context.builder.require(fits, check)) };
}

function isFloatLane(lane: Lane): lane is "f32" | "f64" {
  return lane === "f32" || lane === "f64";
}

function binary(name: ArithmeticOp & TemporalOp): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: (site) => bindTemporalArithmetic(site, name) ?? bindArithmetic(site),
    lower: (context, args, call) => {
      if (isTemporalCall(call)) return lowerTemporalArithmetic(context, args, call, name);
      if (isDecimalCall(call)) {
        const lower = name === "mul" ? lowerDecimalProduct : lowerDecimalSum;
        return lower(context, args, call);
      }
      const [a, b] = pair(args);
      const validity = context.builder.allValid(args);
      return checked(context, call, validity, (check) =>
        context.builder.arithmetic(name, laneOf(call.dtype), a.value, b.value, check),
      );
    },
  };
}

/** Numbers and durations, which stay what they are. */
function bindMagnitude(site: CallSite): Signature {
  const dtype = commonOf(site, "a number or a duration", INT64);
  return dtype.kind === "duration" ? { args: [dtype], dtype } : bindArithmetic(site);
}

function bindSigned(site: CallSite): Signature {
  const signature = bindMagnitude(site);
  if (!isUnsigned(signature.dtype)) return signature;
  throw mismatch(site, "signed numbers", 'Cast to a signed dtype first, as in .cast("int64").');
}

function sign(name: UnaryOp & ("neg" | "abs"), bind: ScalarFunction["bind"]): ScalarFunction {
  return {
    name,
    arity: 1,
    bind,
    lower: (context, args, call) => {
      const a = only(args);
      if (isUnsigned(call.dtype)) return a;
      return checked(context, call, a.validity, (check) =>
        context.builder.unary(name, laneOf(call.dtype), a.value, check),
      );
    },
  };
}

/** -1, 0, 1; of floats -0 and NaN stay. */
const signum: ScalarFunction = {
  name: "sign",
  arity: 1,
  bind: bindNumeric,
  lower: ({ builder }, args, call) => {
    const { value, validity } = only(args);
    const lane = laneOf(call.dtype);
    const [zero, one] = [builder.constant(lane, 0), builder.constant(lane, 1)];
    const isZero = builder.compare("eq", lane, value, zero);
    if (isUnsigned(call.dtype)) return { value: builder.select(lane, isZero, zero, one), validity };
    const isNegative = builder.compare("lt", lane, value, zero);
    const isKept = isFloatLane(lane)
      ? builder.or(isZero, builder.emit({ op: "isNan", lane: "bool", of: lane, a: value }))
      : isZero;
    const unit = builder.select(lane, isNegative, builder.constant(lane, -1), one);
    return { value: builder.select(lane, isKept, value, unit), validity };
  },
};

export const arithmeticFunctions: readonly ScalarFunction[] = [
  binary("add"),
  binary("sub"),
  binary("mul"),
  sign("neg", bindSigned),
  sign("abs", bindMagnitude),
  signum,
];
