// The aggregate functions by name. A new one is a file beside this one and a line here.

import { countFunctions } from "./counts.ts";
import type { AggregateFunction } from "./function.ts";
import { momentFunctions } from "./moments.ts";
import { orderedFunctions } from "./ordered.ts";
import { pairFunctions } from "./pairs.ts";
import { quantileFunctions } from "./quantiles.ts";
import { sumFunctions } from "./sums.ts";
import { valueFunctions } from "./values.ts";

const FUNCTIONS: readonly AggregateFunction[] = [
  ...countFunctions,
  ...sumFunctions,
  ...momentFunctions,
  ...pairFunctions,
  ...valueFunctions,
  ...quantileFunctions,
  ...orderedFunctions,
];

const byName = new Map(FUNCTIONS.map((definition) => [definition.name, definition]));

/** Null for a name that is not there (yet). */
export function aggregateFunction(name: string): AggregateFunction | null {
  return byName.get(name) ?? null;
}
