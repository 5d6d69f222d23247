// A file that contradicts the schema which its sample suggested: the query is planned again under one that holds all of it.

import { ParseError } from "../base/index.ts";
import { dtypeName } from "../dtype/index.ts";
import { type CsvConflict, type CsvSource, promoteSchema } from "../io/index.ts";
import { type LogicalPlan, rederive, scanCsv } from "../plan/index.ts";

/** The sample was wrong about some columns. The query starts over; no user sees this. */
export class SchemaConflict extends Error {
  readonly source: CsvSource;
  readonly conflicts: readonly CsvConflict[];

  constructor(source: CsvSource, conflicts: readonly CsvConflict[]) {
    super("the file contradicts its inferred schema");
    this.source = source;
    this.conflicts = conflicts;
  }
}

/** The plan with the dtypes that hold all of the file. @throws the error if it is no such contradiction. */
export function promotedBy(error: unknown, plan: LogicalPlan): LogicalPlan {
  if (!(error instanceof SchemaConflict)) throw error;
  const { source, conflicts } = error;
  const wider = promoteSchema(source, conflicts);
  return rederive(plan, (scan) =>
    scan.kind === "scanCsv" && scan.source === source ? scanCsv(wider, scan) : scan,
  );
}

/** What was delivered already cannot be taken back. */
export function lateConflict({ conflicts }: SchemaConflict): ParseError {
  const [{ column, dtype, path, line, byteOffset }] = conflicts as [CsvConflict];
  const schema = `schema: { ${conflicts.map((one) => `${JSON.stringify(one.column)}: "${dtypeName(one.dtype)}"`).join(", ")} }`;
  return new ParseError(
    `${path}, line ${line}, column ${JSON.stringify(column)}: not of the dtype that the sample suggested, but ${dtypeName(dtype)}, and tables of the other dtype were delivered already`,
    {
      operator: "readCsv",
      path,
      line,
      byteOffset,
      column,
      hint: `Give readCsv ${schema}, or a larger sampleBytes.`,
    },
  );
}
