// From aggregate calls over columns to monoids and the calls that finish them. Calls share monoids: mean(x) and sum(x)
// add x once.

import { at, ITEMS_A_STEP, NotSupportedError, type Steps } from "../../base/index.ts";
import type { DType } from "../../dtype/index.ts";
import { type AggregateNode, childrenOf, type ExprNode, type Options } from "../../expr/index.ts";
import type { AggregateCall, Monoid } from "../../ir/index.ts";
import type { AggregateFunction } from "./function.ts";
import { aggregateFunction } from "./index.ts";

export interface AggregateRequest {
  /** A name of the registry. */
  readonly function: string;
  /** Columns of the arguments, as a BoundAggregate converts them. */
  readonly argColumns: readonly number[];
  readonly options: Options;
  /** Printed form, for errors. */
  readonly text: string;
}

export interface PlannedAggregates {
  readonly monoids: readonly Monoid[];
  readonly calls: readonly AggregateCall[];
  readonly dtypes: readonly DType[];
  readonly texts: readonly string[];
}

/** @param inputDTypes dtypes of the input's columns, by position */
export function* planAggregates(
  requests: readonly AggregateRequest[],
  inputDTypes: readonly DType[],
): Steps<PlannedAggregates> {
  const monoids: Monoid[] = [];
  const positions = new Map<string, number>();
  const add = (monoid: Monoid): number => {
    const key = JSON.stringify(monoid);
    const position = positions.get(key) ?? monoids.push(monoid) - 1;
    positions.set(key, position);
    return position;
  };
  const calls: AggregateCall[] = [];
  const dtypes: DType[] = [];
  for (const request of requests) {
    if (calls.length % ITEMS_A_STEP === 0) yield;
    const definition = definitionOf(request);
    const inputs = request.argColumns.map((column) => at(inputDTypes, column));
    const { options, text } = request;
    dtypes.push(definition.bind({ inputs, options, text, operator: "agg" }).dtype);
    calls.push(definition.plan({ columns: request.argColumns, inputs, options }, { add }));
  }
  return { monoids, calls, dtypes, texts: requests.map(({ text }) => text) };
}

function definitionOf(request: AggregateRequest): AggregateFunction {
  const definition = aggregateFunction(request.function);
  if (definition !== null) return definition;
  throw new NotSupportedError(`${request.text}: ${request.function} is not supported yet`);
}

/** The aggregates of an expression, in order; those inside another aggregate are left out. */
export function aggregatesIn(node: ExprNode): AggregateNode[] {
  if (node.kind === "aggregate") return [node];
  return childrenOf(node).flatMap(aggregatesIn);
}
