// div (true division), floorDiv, mod, rem. Dividing an integer by zero gives null; floats follow IEEE 754 and Python.

import { FLOAT64, isInteger } from "../../dtype/index.ts";
import { laneOf, type ValueId } from "../../ir/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { bindArithmetic, bindNumeric, checked } from "./arithmetic.ts";
import {
  bindDecimal,
  isDecimalCall,
  lowerDecimalDivision,
  lowerDecimalWholeDivision,
} from "./decimal.ts";
import { type CallSite, pair, type ScalarFunction, type Signature } from "./function.ts";
import {
  bindTemporalArithmetic,
  isTemporalCall,
  lowerTemporalArithmetic,
} from "./temporal_arithmetic.ts";

/** Integers divide as float64; floats in their own dtype. */
function bindTrueDivision(site: CallSite): Signature {
  const special = bindTemporalArithmetic(site, "div") ?? bindDecimal(site);
  if (special !== null) return special;
  const signature = bindNumeric(site);
  return isInteger(signature.dtype) ? { ...signature, dtype: FLOAT64 } : signature;
}

function lowerTrueDivision(
  context: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  if (isTemporalCall(call)) return lowerTemporalArithmetic(context, args, call, "div");
  if (isDecimalCall(call)) return lowerDecimalDivision(context, args, call);
  const { builder } = context;
  const [a, b] = pair(args);
  const from = laneOf((call.args[0] as (typeof call.args)[number]).dtype);
  const lane = laneOf(call.dtype);
  const validity = builder.allValid(args);
  if (from === "i64" || from === "u64") {
    const value = builder.quotient64(from, a.value, b.value);
    return { value, validity: builder.both(validity, isNonZero(builder, call, b.value)) };
  }
  const [x, y] = [builder.convert(from, lane, a.value), builder.convert(from, lane, b.value)];
  const value = builder.arithmetic("div", lane, x, y);
  if (from === lane) return { value, validity };
  return { value, validity: builder.both(validity, isNonZero(builder, call, b.value)) };
}

function isNonZero(builder: ProgramBuilder, call: BoundCall, divisor: ValueId): ValueId {
  const literal = call.args[1];
  if (literal?.kind === "literal" && literal.value !== null && Number(literal.value) !== 0) {
    return builder.constant("bool", true);
  }
  const lane = laneOf((literal as (typeof call.args)[number]).dtype);
  return builder.compare("ne", lane, divisor, builder.constant(lane, 0));
}

function wholeDivision(name: "floorDiv" | "mod" | "rem"): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: (site) => bindTemporalArithmetic(site, name) ?? bindArithmetic(site),
    lower: (context, args, call) => {
      if (isTemporalCall(call)) return lowerTemporalArithmetic(context, args, call, name);
      if (isDecimalCall(call)) return lowerDecimalWholeDivision(context, args, call);
      const { builder } = context;
      const [a, b] = pair(args);
      const both = builder.allValid(args);
      const validity = isInteger(call.dtype)
        ? builder.both(both, isNonZero(builder, call, b.value))
        : both;
      // Only the quotient can overflow: the minimum divided by -1.
      const lane = laneOf(call.dtype);
      if (name !== "floorDiv") {
        return { value: builder.arithmetic(name, lane, a.value, b.value), validity };
      }
      return checked(context, call, validity, (check) =>
        builder.arithmetic(name, lane, a.value, b.value, check),
      );
    },
  };
}

export const divisionFunctions: readonly ScalarFunction[] = [
  { name: "div", arity: 2, bind: bindTrueDivision, lower: lowerTrueDivision },
  wholeDivision("floorDiv"),
  wholeDivision("mod"),
  wholeDivision("rem"),
];
