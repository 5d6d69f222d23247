// What profile() says has moved between host memory and a GPU is at least what the query cannot do without.

import { describe, expect, test } from "vitest";
import { listAdapters } from "../../src/device/gpu/index.ts";
import { col, Session } from "../../src/index.ts";

const ROWS = 5000;
const adapter = (await listAdapters()).at(-1);

describe.runIf(adapter !== undefined)("bytes on links", () => {
  test.each([1, 4])("of a result in %i partitions", async (partitions) => {
    const id = adapter?.descriptor.id ?? "";
    await using session = new Session({ engine: "gpu", devices: [id], partitions });
    const frame = session
      .fromColumns({ x: Int32Array.from({ length: ROWS }, (_, row) => row) })
      .withColumns({ y: col("x").add(1) });
    const { table, tasks, totals } = await frame.profile({ strict: true });
    const input = 4 * ROWS;
    const result = table.columnNames
      .map((name) => table.column(name).values)
      .reduce((sum, values) => sum + (ArrayBuffer.isView(values) ? values.byteLength : 0), 0);
    expect(result).toBeGreaterThanOrEqual(2 * input);
    expect(totals.bytesUploaded).toBeGreaterThanOrEqual(input);
    expect(totals.bytesUploaded).toBeLessThan(2 * input);
    expect(totals.bytesDownloaded).toBeGreaterThanOrEqual(result);
    expect(totals.bytesDownloaded).toBeLessThan(2 * result);
    expect(tasks.map(({ device }) => device)).toContain(id);
  });
});
