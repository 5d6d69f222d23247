// The main job on real data: 3 million flights and their airports from CSV. Every engine and adapter gives the same
// bits, and DuckDB gives the same numbers on the same files.

import gpuDataFrame, { type DataFrame, type Session } from "gpudataframe";
import { afterAll, describe, expect, it } from "vitest";
import { demoFiles } from "../../src/cli/demo/data.ts";
import { queryOver } from "../../src/cli/demo/demo.ts";
import { batchDifference } from "../../src/column/index.ts";
import { openDuckDb } from "../lattice/duckdb.ts";

const TIMEOUT_MS = 300_000;
const files = await demoFiles(null, () => undefined);
const adapters = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");
const sessions: Session[] = [];

async function mainJob(session: Session): Promise<DataFrame> {
  sessions.push(session);
  return queryOver(await session.readCsv(files.flights), await session.readCsv(files.airports));
}

const onCpu = await (await mainJob(await gpuDataFrame.session({ engine: "cpu" }))).compute();

afterAll(async () => {
  for (const session of sessions) await session.close();
});

describe("the main job", () => {
  it(
    "gives DuckDB's numbers",
    async () => {
      const duckdb = await openDuckDb();
      const result = await duckdb.runAndReadAll(`
        SELECT state, count(*) AS flights, avg(delay) AS mean, max(delay) AS worst, sum(distance) AS distance
        FROM read_csv('${files.flights}') f
        JOIN read_csv('${files.airports}') a ON f.origin = a.iata
        WHERE delay > 15 GROUP BY state`);
      const byState = new Map(result.getRows().map((row) => [row[0], row]));
      const rows = onCpu.toRows();
      expect(rows.length).toBe(byState.size);
      for (const row of rows) {
        const [, flights, mean, worst, distance] = byState.get(row.state as string) ?? [];
        expect(row.flights).toBe(Number(flights));
        // DuckDB's avg of integers adds exactly and divides once, like ours.
        expect(row.meanDelay).toBe(mean);
        expect(row.maxDelay).toBe(Number(worst));
        expect(row.distance).toBe(Number(distance));
      }
      duckdb.closeSync();
    },
    TIMEOUT_MS,
  );

  it.each([{ partitions: 5 }, { threads: 1 }])("gives the same bits with %o", async (options) => {
    const session = await gpuDataFrame.session({ engine: "cpu", ...options });
    const table = await (await mainJob(session)).compute();
    expect(batchDifference(onCpu.batch, table.batch)).toBeNull();
  });

  it.each(adapters)(
    "gives the same bits on $id $name",
    async ({ id }) => {
      const session = await gpuDataFrame.session({ engine: "gpu", devices: [id] });
      const table = await (await mainJob(session)).compute({ strict: true });
      expect(batchDifference(onCpu.batch, table.batch)).toBeNull();
    },
    TIMEOUT_MS,
  );
});
