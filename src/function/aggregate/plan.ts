// From aggregate calls over columns to monoids and the calls that finish them. Calls share monoids: mean(x) and sum(x)
// add x once.

import { at, NotSupportedError } from "../../base/index.ts";
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
export function planAggregates(
  requests: readonly AggregateRequest[],
  inputDTypes: readonly DType[],
): PlannedAggregates {
  const monoids: Monoid[] = [];
  const positions = new Map<string, number>();
  const add = (monoid: Monoid): number => {
    const key = JSON.stringify(monoid);
    const position = positions.get(key) ?? monoids.push(monoid) - 1;
    positions.set(key, position);
    return position;
  };
  const planned = requests.map((request) => {
    const definition = definitionOf(request);
    const inputs = request.argColumns.map((column) => at(inputDTypes, column));
    const { options, text } = request;
    const { dtype } = definition.bind({ inputs, options, text, operator: "agg" });
    const call = definition.plan({ columns: request.argColumns, inputs, options }, { add });
    return { call, dtype };
  });
  return {
    monoids,
    calls: planned.map(({ call }) => call),
    dtypes: planned.map(({ dtype }) => dtype),
    texts: requests.map(({ text }) => text),
  };
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
