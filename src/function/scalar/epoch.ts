// dt.epoch(unit): int64 units since 1970-01-01T00:00:00Z, rounded down.

import { UNITS_PER_SECOND } from "../../column/index.ts";
import { INT64, type TimeUnit } from "../../dtype/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import { callText, checkAt, type LowerContext } from "../lower.ts";
import { bindTemporal } from "./civil.ts";
import { type CallSite, invalidOption, only, optionOf, type ScalarFunction } from "./function.ts";
import { arithmeticOn } from "./lane_arithmetic.ts";

function unitOf(site: CallSite): TimeUnit {
  const unit = optionOf(site, "unit") ?? "s";
  if (unit === "s" || unit === "ms" || unit === "us" || unit === "ns") return unit;
  throw invalidOption(site, `${JSON.stringify(unit)} is no unit`, 'Write "s", "ms", "us" or "ns".');
}

function lower(context: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const { builder } = context;
  const { op, k } = arithmeticOn(builder, "i64");
  const { value, validity } = only(args);
  const dtype = (call.args[0] as (typeof call.args)[number]).dtype;
  const target = UNITS_PER_SECOND[(call.options.unit as TimeUnit | undefined) ?? "s"];
  if (dtype.kind === "timestamp") {
    const source = UNITS_PER_SECOND[dtype.unit];
    if (target <= source)
      return {
        value: target === source ? value : op("floorDiv", value, k(source / target)),
        validity,
      };
    const check = checkAt(context, "overflow", callText(call), validity);
    return { value: builder.arithmetic("mul", "i64", value, k(target / source), check), validity };
  }
  const days = builder.convert("i32", "i64", value);
  const check = checkAt(context, "overflow", callText(call), validity);
  return { value: builder.arithmetic("mul", "i64", days, k(target * 86_400n), check), validity };
}

export const epochFunctions: readonly ScalarFunction[] = [
  {
    name: "dt.epoch",
    arity: 1,
    bind: (site) => {
      const dtype = bindTemporal(site, true);
      unitOf(site);
      return { args: [dtype], dtype: INT64 };
    },
    lower,
  },
];
