// bitAnd, bitOr, bitXor, bitNot, shiftLeft, shiftRight: integers as their bits, in two's complement.

import { bitWidth, type DType, INT32, INT64, isInteger, isUnsigned } from "../../dtype/index.ts";
import { type ArithmeticOp, bitsOfLane, type Lane, laneOf, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
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

const HINT = 'Cast to an integer first, as in .cast("int64").';

function bindBits(site: CallSite): Signature {
  const dtype = commonOf(site, "integers", INT64);
  if (!isInteger(dtype)) throw mismatch(site, "integers", HINT);
  return { args: everywhere(site.operands.length, dtype), dtype };
}

function bits(name: ArithmeticOp & ("bitAnd" | "bitOr" | "bitXor")): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: bindBits,
    lower: ({ builder }, args, call) => {
      const [a, b] = pair(args);
      const value = builder.arithmetic(name, laneOf(call.dtype), a.value, b.value);
      return { value, validity: builder.allValid(args) };
    },
  };
}

const bitNot: ScalarFunction = {
  name: "bitNot",
  arity: 1,
  bind: bindBits,
  lower: ({ builder }, args, call) => {
    const { value, validity } = only(args);
    const lane = laneOf(call.dtype);
    const ones = builder.constant(lane, allOnes(call.dtype));
    return { value: builder.arithmetic("bitXor", lane, value, ones), validity };
  },
};

/** Every bit of the dtype; of a signed one -1, in lanes of any width. */
function allOnes(dtype: DType): bigint {
  return isUnsigned(dtype) ? 2n ** BigInt(bitWidth(dtype)) - 1n : -1n;
}

/** The count keeps a dtype of its own: a column of int64 counts shifts one of int8. */
function bindShift(site: CallSite): Signature {
  const [value, count] = site.operands.map((_, index) =>
    bindBits({ ...site, operands: site.operands.slice(index, index + 1) }),
  ) as [Signature, Signature];
  const isLiteral = site.operands[1]?.kind === "open";
  return { args: [value.dtype, isLiteral ? INT32 : count.dtype], dtype: value.dtype };
}

function shift(name: "shiftLeft" | "shiftRight"): ScalarFunction {
  const op = name === "shiftLeft" ? "shl" : "shr";
  return {
    name,
    arity: 2,
    bind: bindShift,
    lower: (context, args, call) => lowerShift(context, args, call, op),
  };
}

function lowerShift(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
  op: "shl" | "shr",
): Lowered {
  const [a, count] = pair(args);
  const { dtype } = call;
  const lane = laneOf(dtype);
  const width = bitWidth(dtype);
  const countType = (call.args[1] as (typeof call.args)[number]).dtype;
  const from = laneOf(countType);
  const validity = builder.allValid(args);
  const isBeyond = builder.compare(
    "le",
    from,
    // A count of 8 bits is compared in its lane, which holds 64.
    builder.constant(from, width),
    count.value,
  );
  const inLane = builder.convert(from, lane, count.value);
  const shifted = wrapped(builder, dtype, builder.arithmetic(op, lane, a.value, inLane));
  const value = builder.select(lane, isBeyond, emptied(builder, dtype, op, a.value), shifted);
  if (isUnsigned(countType)) return { value, validity };
  const isShift = builder.compare("le", from, builder.constant(from, 0), count.value);
  return { value, validity: builder.both(validity, isShift) };
}

/** What is left when every bit has been shifted out: the sign, or nothing. */
function emptied(builder: ProgramBuilder, dtype: DType, op: "shl" | "shr", a: ValueId): ValueId {
  const lane = laneOf(dtype);
  if (op === "shl" || isUnsigned(dtype)) return builder.constant(lane, 0);
  return builder.arithmetic("shr", lane, a, builder.constant(lane, bitsOfLane(lane) - 1));
}

/** The value modulo 2^width, where the lane is wider than the dtype. */
function wrapped(builder: ProgramBuilder, dtype: DType, a: ValueId): ValueId {
  const lane: Lane = laneOf(dtype);
  const spare = bitsOfLane(lane) - bitWidth(dtype);
  if (spare === 0) return a;
  const by = builder.constant(lane, spare);
  return builder.arithmetic("shr", lane, builder.arithmetic("shl", lane, a, by), by);
}

export const bitwiseFunctions: readonly ScalarFunction[] = [
  bits("bitAnd"),
  bits("bitOr"),
  bits("bitXor"),
  bitNot,
  shift("shiftLeft"),
  shift("shiftRight"),
];
