// gpudataframe demo: one query over real data, on the CPU and on every GPU, with the same bits.

import { NoDeviceError } from "../../base/index.ts";
import { batchDifference } from "../../column/index.ts";
import type { DeviceInfo } from "../../execution/index.ts";
import { col, count } from "../../expr/index.ts";
import { type DataFrame, Session, type Table } from "../../frame/index.ts";
import { optimize } from "../../optimizer/index.ts";
import type { Engine } from "../../physical/index.ts";
import { planText } from "../../plan/index.ts";
import type { Write } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { withProgressBar } from "../progress_bar.ts";
import { type DemoFiles, demoFiles } from "./data.ts";

export interface DemoOptions {
  readonly rows?: number;
  readonly runs: number;
  readonly engine?: Engine;
  readonly plan?: boolean;
}

/** A place to run the query. */
interface Contender {
  readonly label: string;
  readonly engine: Engine;
  readonly devices: readonly string[] | null;
  readonly software: boolean;
}

interface Timing {
  readonly label: string;
  /** From CSV files to the result, the first time: compilation of kernels included. */
  readonly firstMs: number;
  /** The same, best of the runs. */
  readonly csvMs: number;
  /** With the data of both files persisted where it is needed, best of the runs. */
  readonly warmMs: number;
  readonly table: Table;
}

export async function runDemo(options: DemoOptions, write: Write): Promise<void> {
  await interruptible((signal) => demonstrate(options, write, signal));
}

async function demonstrate(options: DemoOptions, write: Write, signal: AbortSignal): Promise<void> {
  const files = await demoFiles(options.rows ?? null, write);
  const contenders = await chooseContenders(options.engine ?? null);
  const timings: Timing[] = [];
  for (const [index, contender] of contenders.entries()) {
    const { label, engine, devices, software } = contender;
    // session() opens the devices, so that the plan below names them.
    const session = await new Session().session(
      devices === null ? { engine } : { engine, devices },
    );
    try {
      const query = await delayedFlights(session, files);
      if (index === 0 && options.plan === true) printRules(query, write);
      write(`\n=== ${label}\n\n${physicalPart(query.explain())}`);
      const timing = await measure(label, session, files, query, {
        runs: software ? 1 : options.runs,
        signal,
      });
      if (index === 0) write(`\n${timing.table.toString({ rows: 12 })}`);
      timings.push(timing);
    } finally {
      await session.close();
    }
  }
  printTimings(timings, write);
  verifySameBits(timings, write);
}

async function delayedFlights(session: Session, files: DemoFiles): Promise<DataFrame> {
  return queryOver(await session.readCsv(files.flights), await session.readCsv(files.airports));
}

/** Flights that were more than 15 minutes late, by the state of the airport that they left. */
export function queryOver(flights: DataFrame, airports: DataFrame): DataFrame {
  return flights
    .filter(col("delay").gt(15))
    .join(airports, { leftOn: "origin", rightOn: "iata" })
    .groupBy("state")
    .agg({
      flights: count(),
      meanDelay: col("delay").mean(),
      maxDelay: col("delay").max(),
      distance: col("distance").sum(),
    })
    .sort("flights", { descending: true }) as unknown as DataFrame;
}

async function chooseContenders(engine: Engine | null): Promise<readonly Contender[]> {
  if (engine !== null && engine !== "gpu")
    return [{ label: engine, engine, devices: null, software: false }];
  const session = new Session();
  const devices = await session.devices();
  await session.close();
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  if (engine === "gpu" && gpus.length === 0) {
    throw new NoDeviceError("this machine has no GPU adapter", {
      hint: "Run `gpudataframe doctor`.",
    });
  }
  const hasCpu = devices.some(({ kind }) => kind === "cpu");
  const host: Contender = hasCpu
    ? { label: hostLabel(devices), engine: "cpu", devices: null, software: false }
    : {
        label: "reference executor (the addon is not loaded)",
        engine: "reference",
        devices: null,
        software: false,
      };
  const adapters = gpus.map(
    (gpu): Contender => ({
      label: gpuLabel(gpu),
      engine: "gpu",
      devices: [gpu.id],
      software: gpu.software,
    }),
  );
  return engine === "gpu" ? adapters : [host, ...adapters];
}

function hostLabel(devices: readonly DeviceInfo[]): string {
  const cpu = devices.find(({ kind }) => kind === "cpu");
  return `cpu: ${cpu?.name ?? "CPU"}, ${cpu?.threads ?? "?"} threads, ${cpu?.isa ?? ""}`;
}

function gpuLabel({ id, name, software }: DeviceInfo): string {
  return software
    ? `${id}: ${name} [SOFTWARE adapter: shader code on the CPU; not the time of a GPU]`
    : `${id}: ${name}`;
}

async function measure(
  label: string,
  session: Session,
  files: DemoFiles,
  query: DataFrame,
  { runs, signal }: { readonly runs: number; readonly signal: AbortSignal },
): Promise<Timing> {
  const first = await timed(() =>
    withProgressBar((onProgress) => query.compute({ onProgress, signal })),
  );
  // One run only: the first is the best that there is.
  let csvMs = first.ms;
  for (let run = 1; run < runs; run++)
    csvMs = Math.min(csvMs, (await timed(() => query.compute({ signal }))).ms);
  const flights = await (await session.readCsv(files.flights)).persist({ signal });
  const airports = await (await session.readCsv(files.airports)).persist({ signal });
  const warm = queryOver(flights, airports);
  let warmMs = (await timed(() => warm.compute({ signal }))).ms;
  for (let run = 1; run < runs; run++)
    warmMs = Math.min(warmMs, (await timed(() => warm.compute({ signal }))).ms);
  await flights.unpersist();
  await airports.unpersist();
  return { label, firstMs: first.ms, csvMs, warmMs, table: first.value };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

function printRules(query: DataFrame, write: Write): void {
  write(`\nAs written\n${planText(query.plan)}`);
  for (const { rule, plan, changed } of optimize(query.plan).steps) {
    if (changed) write(`\nAfter ${rule}\n${planText(plan)}`);
  }
}

function physicalPart(explained: string): string {
  return explained.slice(explained.indexOf("Physical plan"));
}

function printTimings(timings: readonly Timing[], write: Write): void {
  const text = (ms: number) => `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const rows = [
    ["first run", "from CSV", "data persisted", ""],
    ...timings.map(({ firstMs, csvMs, warmMs, label }) => [
      text(firstMs),
      text(csvMs),
      text(warmMs),
      label,
    ]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  write("\n=== Times");
  for (const row of rows) {
    const cells = widths.map((width, column) => (row[column] ?? "").padStart(width));
    write(`${cells.join("  ")}  ${row[3] ?? ""}`.trimEnd());
  }
}

/** The promise of the engine, checked on what was just computed. */
function verifySameBits(timings: readonly Timing[], write: Write): void {
  const [first, ...others] = timings;
  if (first === undefined || others.length === 0) return;
  for (const other of others) {
    const difference = batchDifference(first.table.batch, other.table.batch);
    if (difference !== null)
      throw new Error(`${other.label} differs from ${first.label}: ${difference}`);
  }
  write(`\nAll ${timings.length} results are the same, bit for bit.`);
}
