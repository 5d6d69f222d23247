// One query in DuckDB under one budget, in a process of its own. Prints a line of JSON.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DuckDBInstance } from "@duckdb/node-api";
import { parseByteSize } from "../../src/base/index.ts";
import { inputOf, queryOf } from "./queries.ts";

const [name, budget, ...files] = process.argv.slice(2);
const query = queryOf(name);
if (budget === undefined) throw new Error("started by main.ts");

const directory = mkdtempSync(join(tmpdir(), "out-of-core-"));
try {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(availableParallelism()),
    temp_directory: directory,
    ...(budget === "none" ? {} : { memory_limit: `${parseByteSize(budget, "budget")}B` }),
  });
  const connection = await instance.connect();
  await connection.run("SELECT few, sum(value) FROM (VALUES (1, 0.5)) t(few, value) GROUP BY few");
  console.log(JSON.stringify(await counted(query.duckdb(inputOf(files)))));

  async function counted(sql: string) {
    const startedAt = performance.now();
    let rowCount = 0;
    try {
      const result = await connection.stream(sql);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        rowCount += chunk.rowCount;
      }
    } catch (error) {
      return { failure: String(error).split("\n")[0] };
    }
    return { rowCount, ms: performance.now() - startedAt };
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
