// quantile and median: order statistics of the values, as float64; durations count as their units.

import { FLOAT64, isNumeric } from "../../dtype/index.ts";
import type { Options } from "../../expr/index.ts";
import type { Interpolation } from "../../ir/index.ts";
import {
  type AggregateFunction,
  type AggregateSite,
  columnOf,
  inputOf,
  invalidOption,
  mismatch,
  optionOf,
} from "./function.ts";

const INTERPOLATIONS: readonly Interpolation[] = [
  "linear",
  "lower",
  "higher",
  "nearest",
  "midpoint",
];

function interpolationOf(options: Options): Interpolation | null {
  const wanted = optionOf(options, "interpolation") ?? "linear";
  return INTERPOLATIONS.find((known) => known === wanted) ?? null;
}

function bindQuantile(site: AggregateSite, q: unknown) {
  const input = inputOf(site);
  if (!isNumeric(input) && input.kind !== "duration") {
    throw mismatch(site, "numbers", 'Cast the column to a number, as in .cast("float64").');
  }
  if (typeof q !== "number" || !(q >= 0 && q <= 1)) {
    throw invalidOption(site, "q is a number from 0 to 1", "Write quantile(0.9).");
  }
  if (interpolationOf(site.options) === null) {
    const ways = INTERPOLATIONS.map((way) => JSON.stringify(way)).join(", ");
    throw invalidOption(site, "there is no such interpolation", `It is one of ${ways}.`);
  }
  // The order of decimals is that of their nearest floats: the places stay, only the values are rounded.
  return { args: [input.kind === "decimal" ? FLOAT64 : input], dtype: FLOAT64 };
}

export const quantileFunctions: readonly AggregateFunction[] = [
  {
    name: "quantile",
    arity: 1,
    bind: (site) => bindQuantile(site, optionOf(site.options, "q")),
    plan: (site) => ({
      kind: "quantile",
      column: columnOf(site),
      q: Number(optionOf(site.options, "q")),
      interpolation: interpolationOf(site.options) ?? "linear",
    }),
  },
  {
    name: "median",
    arity: 1,
    bind: (site) => bindQuantile(site, 0.5),
    plan: (site) => ({ kind: "quantile", column: columnOf(site), q: 0.5, interpolation: "linear" }),
  },
];
