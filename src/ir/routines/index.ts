// The routines by name, each built when it is first asked for.

import type { Routine } from "../routine.ts";
import { RoutineBuilder, type U64 } from "../routine_builder.ts";
import { acos, asin, atan, atan2 } from "./arctangent.ts";
import { exp, exp2, expm1 } from "./exponential.ts";
import { cosh, sinh, tanh } from "./hyperbolic.ts";
import { log, log1p, log2, log10 } from "./logarithm.ts";
import { pow } from "./power.ts";
import { cbrt, degrees, hypot, radians } from "./roots.ts";
import { cos, sin, tan } from "./trigonometric.ts";

type Body = (builder: RoutineBuilder) => U64;

const UNARY = {
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  cbrt,
  degrees,
  radians,
} as const satisfies Readonly<Record<string, Body>>;
const BINARY = { pow, atan2, hypot } as const satisfies Readonly<Record<string, Body>>;

export type UnaryRoutine = keyof typeof UNARY;
export type BinaryRoutine = keyof typeof BINARY;
export type RoutineName = UnaryRoutine | BinaryRoutine;

export const UNARY_ROUTINES = Object.keys(UNARY) as readonly UnaryRoutine[];
export const BINARY_ROUTINES = Object.keys(BINARY) as readonly BinaryRoutine[];
/** In an order that stays: the addon numbers them by it. */
export const ROUTINES: readonly RoutineName[] = [...UNARY_ROUTINES, ...BINARY_ROUTINES];

const built = new Map<RoutineName, Routine>();

export function routine(name: RoutineName): Routine {
  const known = built.get(name) ?? build(name);
  built.set(name, known);
  return known;
}

function build(name: RoutineName): Routine {
  const builder = new RoutineBuilder();
  const bodies: Readonly<Record<RoutineName, Body>> = { ...UNARY, ...BINARY };
  const result = bodies[name](builder);
  return builder.finish(name, name in BINARY ? 2 : 1, result);
}
