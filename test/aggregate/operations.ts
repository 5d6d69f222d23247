// The aggregates that these tests ask for.

import { type DType, FLOAT64, INT64 } from "../../src/dtype/index.ts";
import type { Monoid } from "../../src/ir/index.ts";
import type { AggregateOperation } from "../../src/physical/index.ts";
import { aggregateOperation, CallList } from "../lattice/cases/aggregate.ts";

/** Each call of a float64 or integer column that is made from exact sums. */
export function numericCalls(column: number, sumDType: DType | null): CallList {
  const list = new CallList();
  const sum = list.monoid({ kind: "sum", column, power: 1, window: null });
  const count = list.monoid({ kind: "countValues", column });
  if (sumDType !== null) list.add({ kind: "sum", sum }, sumDType);
  list.add({ kind: "mean", sum, count }, FLOAT64);
  const input = sumDType ?? INT64;
  list.plan("var", [column], [input]);
  list.plan("std", [column], [input], { ddof: 0 });
  return list;
}

export function valueOf(list: CallList, monoid: Monoid, dtype: DType): void {
  list.add({ kind: "value", monoid: list.monoid(monoid) }, dtype);
}

export function join(lists: readonly CallList[]): CallList {
  const all = new CallList();
  for (const list of lists) all.addAll(list);
  return all;
}

/** Everything at once: all monoids and calls of an int64 column and a float64 column. */
export function allCalls(
  keys: readonly number[],
  integers: number,
  floats: number,
): AggregateOperation {
  const list = join([numericCalls(integers, INT64), numericCalls(floats, FLOAT64)]);
  valueOf(list, { kind: "count" }, INT64);
  for (const [column, dtype] of [
    [integers, INT64],
    [floats, FLOAT64],
  ] as const) {
    valueOf(list, { kind: "min", column }, dtype);
    valueOf(list, { kind: "max", column }, dtype);
    valueOf(list, { kind: "first", column, nulls: "skip" }, dtype);
    valueOf(list, { kind: "last", column, nulls: "keep" }, dtype);
    list.add({ kind: "nUnique", column }, INT64);
    list.add({ kind: "quantile", column, q: 0.3, interpolation: "linear" }, FLOAT64);
  }
  return aggregateOperation(keys, list);
}
