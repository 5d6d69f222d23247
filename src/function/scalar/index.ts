// The scalar functions by name. A new one is a file beside this one and a line here.

import { arithmeticFunctions } from "./arithmetic.ts";
import { bitwiseFunctions } from "./bitwise.ts";
import { calendarFunctions } from "./calendar.ts";
import { comparisonFunctions } from "./comparison.ts";
import { divisionFunctions } from "./division.ts";
import { durationFunctions } from "./durations.ts";
import { epochFunctions } from "./epoch.ts";
import { extremeFunctions } from "./extremes.ts";
import type { ScalarFunction } from "./function.ts";
import { logicFunctions } from "./logic.ts";
import { mathematicalFunctions } from "./mathematics.ts";
import { nullFunctions } from "./nulls.ts";
import { offsetByFunctions } from "./offset_by.ts";
import { patternFunctions } from "./patterns.ts";
import { roundingFunctions } from "./rounding.ts";
import { textFunctions } from "./text.ts";
import { textMapFunctions } from "./text_map.ts";
import { textValueFunctions } from "./text_value.ts";
import { timeZoneFunctions } from "./time_zones.ts";
import { truncateFunctions } from "./truncate.ts";

const FUNCTIONS: readonly ScalarFunction[] = [
  ...arithmeticFunctions,
  ...divisionFunctions,
  ...bitwiseFunctions,
  ...comparisonFunctions,
  ...logicFunctions,
  ...nullFunctions,
  ...extremeFunctions,
  ...roundingFunctions,
  ...mathematicalFunctions,
  ...textFunctions,
  ...textMapFunctions,
  ...textValueFunctions,
  ...calendarFunctions,
  ...truncateFunctions,
  ...epochFunctions,
  ...durationFunctions,
  ...offsetByFunctions,
  ...timeZoneFunctions,
  ...patternFunctions,
];

const byName = new Map(FUNCTIONS.map((definition) => [definition.name, definition]));

/** Null for a name that is not there (yet). */
export function scalarFunction(name: string): ScalarFunction | null {
  return byName.get(name) ?? null;
}

export type { CallSite, ScalarFunction, Signature } from "./function.ts";
export { isInSet } from "./is_in.ts";
