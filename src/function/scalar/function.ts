// What a scalar function is: how it takes its arguments, and its program.

import { checkTimeZone, InvalidArgumentError, TypeMismatchError } from "../../base/index.ts";
import { type DType, dtypeName } from "../../dtype/index.ts";
import type { Options, OptionValue } from "../../expr/index.ts";
import type { BoundCall } from "../bound.ts";
import type { Lowered } from "../builder.ts";
import type { LowerContext } from "../lower.ts";
import { meet, type Operand, operandDType } from "../operand.ts";

/** A call while it is being bound. */
export interface CallSite {
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly options: Options;
  /** The whole call, for people. */
  readonly text: string;
  /** The method in which it stands: "filter". */
  readonly operator: string;
}

/** Dtypes to which the arguments are converted, and that of the result. */
export interface Signature {
  readonly args: readonly DType[];
  readonly dtype: DType;
}

export interface ScalarFunction {
  readonly name: string;
  readonly arity: number | { readonly least: number };
  /** @throws TypeMismatchError where the operands' dtypes do not allow the call. */
  readonly bind: (site: CallSite) => Signature;
  readonly lower?: (context: LowerContext, args: readonly Lowered[], call: BoundCall) => Lowered;
  /** Instead of `lower`, by functions that do not ask for every argument in every row. */
  readonly lowerLazily?: (context: LowerContext, call: BoundCall) => Lowered;
}

/** "takes numbers, not string and int64". */
export function mismatch(site: CallSite, takes: string, hint: string): TypeMismatchError {
  const given = site.operands.map((operand) => {
    const dtype = operandDType(operand);
    return dtype === null ? "null" : dtypeName(dtype);
  });
  return new TypeMismatchError(
    `${site.text}: ${site.name} takes ${takes}, not ${given.join(" and ")}`,
    { operator: site.operator, hint },
  );
}

export function invalidOption(site: CallSite, what: string, hint: string): InvalidArgumentError {
  return new InvalidArgumentError(`${site.text}: ${what}`, { operator: site.operator, hint });
}

/** @throws InvalidArgumentError for a name that the runtime does not know. */
export function checkZoneOption(site: CallSite, zone: string): void {
  try {
    checkTimeZone(zone);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalidOption(site, error.summary, error.hint ?? "");
  }
}

/** The dtype in which all operands meet; null literals alone are `whenOpen`. */
export function commonOf(site: CallSite, takes: string, whenOpen: DType): DType {
  const common = meet(site.operands);
  if (common === "open") return whenOpen;
  if (common !== null) return common;
  throw mismatch(site, takes, "Cast one side to the dtype of the other.");
}

export function optionOf(site: CallSite, name: string): OptionValue | undefined {
  return Object.hasOwn(site.options, name) ? site.options[name] : undefined;
}

export function everywhere(count: number, dtype: DType): DType[] {
  return Array.from({ length: count }, () => dtype);
}

/** The single argument of a lowered call. */
export function only(args: readonly Lowered[]): Lowered {
  const [arg] = args;
  if (arg === undefined || args.length !== 1) throw new Error("invariant violated: one argument");
  return arg;
}

/** The two arguments of a lowered call. */
export function pair(args: readonly Lowered[]): readonly [Lowered, Lowered] {
  const [a, b] = args;
  if (a === undefined || b === undefined) throw new Error("invariant violated: two arguments");
  return [a, b];
}
