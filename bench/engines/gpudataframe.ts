// This package, through its public API only: one engine for the CPU and one for each GPU adapter.
import gpuDataFrame from "gpudataframe";
import type { Dataset } from "../data/dataset.ts";
import type { OwnFrame, OwnTable, Question } from "../questions/question.ts";
import {
  type Engine,
  type Result,
  type Runnable,
  type Unsupported,
  unsupported,
} from "./engine.ts";

type Session = Awaited<ReturnType<typeof gpuDataFrame.session>>;

export async function openOwnEngines(
  threads: number,
  wanted: (id: string) => boolean,
): Promise<Engine[]> {
  const devices = await gpuDataFrame.devices();
  const engines: Engine[] = [];
  if (wanted("cpu")) {
    const session = await gpuDataFrame.session({ engine: "cpu", threads });
    engines.push(engineOf("cpu", "gpudataframe, CPU", false, session));
  }
  for (const device of devices.filter(({ kind, id }) => kind === "gpu" && wanted(id))) {
    const session = await gpuDataFrame.session({ engine: "gpu", devices: [device.id], threads });
    const label = `gpudataframe, ${device.name}${device.software ? " (software adapter)" : ""}`;
    engines.push(engineOf(device.id, label, device.software === true, session));
  }
  return engines;
}

function engineOf(id: string, label: string, software: boolean, session: Session): Engine {
  const tables: Record<string, OwnFrame> = {};
  let files: Dataset = {};
  return {
    id,
    label,
    software,
    exact: true,
    async load(dataset) {
      files = dataset;
      for (const [name, { path, types }] of Object.entries(dataset)) {
        tables[name] = await (await session.readCsv(path, { schema: types })).persist();
      }
    },
    // Strict: an operator that the GPU lacks must not be measured on the CPU under the GPU's name.
    prepare: (question) => prepare(session, question, tables, () => files, id !== "cpu"),
    async unload() {
      for (const name of Object.keys(tables)) delete tables[name];
    },
    close: () => session[Symbol.asyncDispose](),
  };
}

function prepare(
  session: Session,
  { ask }: Question,
  tables: Record<string, OwnFrame>,
  files: () => Dataset,
  strict: boolean,
): Runnable | Unsupported {
  if (ask.kind === "read") {
    if (strict) return unsupported("files are read by the CPU");
    const path = files()[ask.table]!.path;
    return {
      kind: "runnable",
      run: async () => resultOf(await (await session.readCsv(path)).compute()),
    };
  }
  const { gpudataframe } = ask;
  if (gpudataframe === null) return unsupported("not yet");
  return {
    kind: "runnable",
    run: async () => resultOf(await gpudataframe(tables).compute({ strict })),
  };
}

function resultOf(table: OwnTable): Result {
  return {
    rowCount: async () => table.numRows,
    sum: async (column) => sumOf(table, column),
    valuesAt: async (column, rows) => {
      const { values } = numericColumn(table, column);
      return rows.map((row) => Number(values[row]));
    },
  };
}

/** Sums in float64 whatever the type: enough to see a disagreement, and without BigInt's cost. */
function sumOf(table: OwnTable, column: string): number {
  const { values, validity } = numericColumn(table, column);
  let sum = 0;
  for (let row = 0; row < table.numRows; row++) {
    const valid = validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
    if (valid) sum += Number(values[row]);
  }
  return sum;
}

function numericColumn(table: OwnTable, name: string) {
  const { values, validity } = table.column(name);
  return {
    values: values as ArrayLike<number | bigint>,
    validity: (validity ?? undefined) as Uint8Array | undefined,
  };
}
