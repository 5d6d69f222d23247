// Runs a query under every configuration, in turns, and compares the results with those of the first one.
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import gpuDataFrame, { type Table } from "gpudataframe";
import type { Configuration } from "./configurations.ts";
import { DeviceBreaker } from "./device_breaker.ts";
import { columnsOf, type Query } from "./queries.ts";

export interface Row {
  readonly label: string;
  readonly medianMs: number;
  /** Tasks by device, of the last run. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly bytesUploaded: number;
  readonly bytesDownloaded: number;
  /** How many tasks the device had done that was destroyed; null: none was, or the query was over before. */
  readonly lostAfter: number | null;
  /** The most that was on disk when a task ended. */
  readonly bytesSpilled: number;
  readonly agrees: boolean;
}

export async function measure(
  query: Query,
  configurations: readonly Configuration[],
  rowCount: number,
  runs: number,
): Promise<Row[]> {
  const columns = columnsOf(rowCount);
  const rows: Row[] = [];
  let expected: string | null = null;
  for (const configuration of configurations) {
    const times: number[] = [];
    let last: Run | null = null;
    for (let run = 0; run < runs; run++) {
      last = await runOnce(query, configuration, columns);
      times.push(last.ms);
    }
    if (last === null) continue;
    const { ms: _, bits, ...figures } = last;
    expected ??= bits;
    rows.push({
      label: configuration.label,
      medianMs: median(times),
      ...figures,
      agrees: bits === expected,
    });
  }
  return rows;
}

interface Run extends Omit<Row, "label" | "medianMs" | "agrees"> {
  readonly ms: number;
  readonly bits: string;
}

/** A session of its own each time, since a lost device does not come back; a run that does not count compiles pipelines. */
async function runOnce(
  query: Query,
  { devices, inTurns, hostMemory, lost }: Configuration,
  columns: ReturnType<typeof columnsOf>,
): Promise<Run> {
  const breaker = new DeviceBreaker(devices);
  await using session = await gpuDataFrame.session({
    devices,
    ...(inTurns ? { costs: "even", partitions: 12 } : {}),
    ...(hostMemory === null ? {} : { hostMemory }),
  });
  breaker.release();
  const frames = {
    facts: session.fromColumns(columns.facts),
    names: session.fromColumns(columns.names),
  };
  await query.of(frames).compute();
  const startedAt = performance.now();
  let bytesSpilled = 0;
  let lostAfter: number | null = null;
  const profile = await query.of(frames).profile({
    onProgress: ({ fraction, devices: done }) => {
      const host = session.memory().find(({ tier }) => tier === "host");
      bytesSpilled = Math.max(bytesSpilled, host?.spilled ?? 0);
      if (lost === null || lostAfter !== null || fraction < 0.5 || fraction === 1) return;
      breaker.destroy(lost);
      lostAfter = done[lost]?.tasks ?? 0;
    },
  });
  const ms = performance.now() - startedAt;
  const tasks: Record<string, number> = {};
  for (const { device } of profile.tasks) tasks[device] = (tasks[device] ?? 0) + 1;
  return {
    ms,
    tasks,
    lostAfter,
    bytesUploaded: profile.totals.bytesUploaded,
    bytesDownloaded: profile.totals.bytesDownloaded,
    bytesSpilled,
    bits: bitsOf(profile.table),
  };
}

/** A hash of every value, in order; validity included. */
function bitsOf(table: Table): string {
  const hash = createHash("sha256").update(`${table.numRows} ${table.columnNames.join()}`);
  for (const name of table.columnNames) {
    const { values, validity } = table.column(name);
    for (const array of [values, validity]) {
      if (ArrayBuffer.isView(array)) {
        hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      }
    }
  }
  return hash.digest("hex");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
