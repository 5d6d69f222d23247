// Plans as text, for explain(): one line an operator, inputs indented below it.
//
//   sort by total descending
//     aggregate by state: total = col("delay").sum()
//       scan csv flights.csv, columns state, delay (2 of 8)

import { assertNever } from "../base/index.ts";
import { aggregateText } from "./aggregate.ts";
import { concatText } from "./concat.ts";
import { distinctText } from "./distinct.ts";
import { filterText } from "./filter.ts";
import { groupRowsText } from "./group_rows.ts";
import { joinText } from "./join.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { projectText } from "./project.ts";
import { repartitionText } from "./repartition.ts";
import { scanCsvText } from "./scan_csv.ts";
import { scanPersistedText } from "./scan_persisted.ts";
import { scanTableText } from "./scan_table.ts";
import { sliceText } from "./slice.ts";
import { sortText } from "./sort.ts";
import { inputsOf, readerCounts } from "./tree.ts";

/** The operator's own line. */
export function operatorText(plan: LogicalPlan): string {
  switch (plan.kind) {
    case "scanTable":
      return scanTableText(plan);
    case "scanCsv":
      return scanCsvText(plan);
    case "scanPersisted":
      return scanPersistedText(plan);
    case "project":
      return projectText(plan);
    case "filter":
      return filterText(plan);
    case "aggregate":
      return aggregateText(plan);
    case "groupRows":
      return groupRowsText(plan);
    case "join":
      return joinText(plan);
    case "sort":
      return sortText(plan);
    case "slice":
      return sliceText(plan);
    case "distinct":
      return distinctText(plan);
    case "concat":
      return concatText(plan);
    case "repartition":
      return repartitionText(plan);
    default:
      return assertNever(plan);
  }
}

/** The whole tree. What several operators read is printed once, with a number by which the others refer to it. */
export function planText(plan: LogicalPlan): string {
  const readers = readerCounts(plan);
  const numbers = new Map<LogicalPlan, number>();
  const lines: string[] = [];
  const visit = (node: LogicalPlan, indent: string) => {
    const known = numbers.get(node);
    if (known !== undefined) {
      lines.push(`${indent}${sharedText(known)} as above`);
      return;
    }
    const isShared = (readers.get(node) ?? 0) > 1;
    if (isShared) numbers.set(node, numbers.size + 1);
    const label = isShared ? `${sharedText(numbers.size)} ` : "";
    lines.push(`${indent}${label}${operatorText(node)}`);
    for (const input of inputsOf(node)) visit(input, `${indent}  `);
  };
  visit(plan, "");
  return lines.join("\n");
}

function sharedText(number: number): string {
  return `[shared ${number}]`;
}
