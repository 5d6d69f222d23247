// min and max of several values in a row. Nulls are left out: the result is null where all are.

import { BOOL } from "../../dtype/index.ts";
import { laneOf } from "../../ir/index.ts";
import { commonOf, everywhere, type ScalarFunction } from "./function.ts";

function extreme(name: "min" | "max"): ScalarFunction {
  return {
    name,
    arity: { least: 1 },
    bind: (site) => {
      const dtype = commonOf(site, "values of one kind", BOOL);
      return { args: everywhere(site.operands.length, dtype), dtype };
    },
    lower: ({ builder }, args, call) => {
      const lane = laneOf(call.dtype);
      return args.reduce((best, next) => {
        const [low, high] = name === "min" ? [next, best] : [best, next];
        const better = builder.compare("lt", lane, low.value, high.value);
        // `next` wins where it is there and `best` is not, or is worse.
        const bestMissing = builder.not(builder.validityValue(best.validity));
        const wins = builder.and(
          builder.validityValue(next.validity),
          builder.or(bestMissing, better),
        );
        const value = builder.select(lane, wins, next.value, best.value);
        if (best.validity === null || next.validity === null) return { value, validity: null };
        return { value, validity: builder.or(best.validity, next.validity) };
      });
    },
  };
}

export const extremeFunctions: readonly ScalarFunction[] = [extreme("min"), extreme("max")];
