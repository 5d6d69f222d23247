// The logical plan: what a query means. Plain frozen nodes, discriminated by `kind`; each knows the schema that it
// gives. Expressions in it name columns of the node's input.

import type { Aggregate } from "./aggregate.ts";
import type { Concat } from "./concat.ts";
import type { Distinct } from "./distinct.ts";
import type { Filter } from "./filter.ts";
import type { GroupRows } from "./group_rows.ts";
import type { Join } from "./join.ts";
import type { Project } from "./project.ts";
import type { Repartition } from "./repartition.ts";
import type { ScanCsv } from "./scan_csv.ts";
import type { ScanPersisted } from "./scan_persisted.ts";
import type { ScanTable } from "./scan_table.ts";
import type { Slice } from "./slice.ts";
import type { Sort } from "./sort.ts";

export type Scan = ScanTable | ScanCsv | ScanPersisted;
export type LogicalPlan =
  | Scan
  | Project
  | Filter
  | Aggregate
  | GroupRows
  | Join
  | Sort
  | Slice
  | Distinct
  | Concat
  | Repartition;
