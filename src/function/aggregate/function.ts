// What an aggregate function is: the dtypes that it takes and gives, and its call over monoids.

import { InvalidArgumentError, TypeMismatchError } from "../../base/index.ts";
import { type DType, dtypeName } from "../../dtype/index.ts";
import type { Options, OptionValue } from "../../expr/index.ts";
import type { AggregateCall, Monoid } from "../../ir/index.ts";

/** A call while its dtype is being found. */
export interface AggregateSite {
  readonly inputs: readonly DType[];
  readonly options: Options;
  /** The whole call, for people. */
  readonly text: string;
  readonly operator: string;
}

export interface AggregateSignature {
  /** Dtypes to which the arguments are converted. */
  readonly args: readonly DType[];
  readonly dtype: DType;
}

/** Where a call finds its monoids; equal ones are one. */
export interface MonoidTable {
  readonly add: (monoid: Monoid) => number;
}

/** A call while it is being planned: its arguments are columns. */
export interface AggregatePlanSite {
  readonly columns: readonly number[];
  readonly inputs: readonly DType[];
  readonly options: Options;
}

export interface AggregateFunction {
  readonly name: string;
  readonly arity: number | { readonly least: number };
  readonly bind: (site: AggregateSite) => AggregateSignature;
  readonly plan: (site: AggregatePlanSite, monoids: MonoidTable) => AggregateCall;
}

export function mismatch(site: AggregateSite, takes: string, hint: string): TypeMismatchError {
  const given = site.inputs.map(dtypeName).join(" and ");
  return new TypeMismatchError(`${site.text} takes ${takes}, not ${given}`, {
    operator: site.operator,
    hint,
  });
}

export function invalidOption(
  site: AggregateSite,
  what: string,
  hint: string,
): InvalidArgumentError {
  return new InvalidArgumentError(`${site.text}: ${what}`, { operator: site.operator, hint });
}

export function optionOf(options: Options, name: string): OptionValue | undefined {
  return Object.hasOwn(options, name) ? options[name] : undefined;
}

/** The column of a call's single argument. */
export function columnOf(site: AggregatePlanSite): number {
  const [column] = site.columns;
  if (column === undefined) throw new Error("invariant violated: an argument");
  return column;
}

export function inputOf(site: { readonly inputs: readonly DType[] }): DType {
  const [input] = site.inputs;
  if (input === undefined) throw new Error("invariant violated: an argument");
  return input;
}

/** Of calls that give one of the values that they are given. */
export function bindToInput(site: AggregateSite): AggregateSignature {
  return { args: [inputOf(site)], dtype: inputOf(site) };
}

/** The call that gives a monoid's state as it is. */
export function stateOf(monoids: MonoidTable, monoid: Monoid): AggregateCall {
  return { kind: "value", monoid: monoids.add(monoid) };
}
