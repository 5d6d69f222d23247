// One plan, one answer: every query of queries.ts gives the same bits on every engine and adapter, over any number of
// partitions, with the optimizer on and off.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import gpuDataFrame, { type Session, type SessionOptions, type Table } from "gpudataframe";
import { batchDifference } from "../../src/column/index.ts";
import { QUERIES } from "./queries.ts";

const adapters = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");

const SETTINGS: readonly { readonly name: string; readonly options: SessionOptions }[] = [
  { name: "reference, optimizer off", options: { engine: "reference", disableRules: "all" } },
  { name: "reference, 7 partitions", options: { engine: "reference", partitions: 7 } },
  { name: "cpu", options: { engine: "cpu" } },
  { name: "cpu, 1 thread, 2 partitions", options: { engine: "cpu", threads: 1, partitions: 2 } },
  { name: "cpu, 31 partitions", options: { engine: "cpu", partitions: 31 } },
  { name: "cpu, optimizer off", options: { engine: "cpu", disableRules: "all" } },
  ...adapters.flatMap(({ id, name }) => [
    { name: `${id} ${name}`, options: { engine: "gpu" as const, devices: [id, "cpu"] } },
    {
      name: `${id} ${name}, 7 partitions`,
      options: { engine: "gpu" as const, devices: [id, "cpu"], partitions: 7 },
    },
  ]),
  {
    name: "all devices at once, 7 partitions",
    options: { engine: "auto" as const, devices: [...adapters.map(({ id }) => id), "cpu"], partitions: 7 },
  },
];

let reference: Session;
const expected = new Map<string, Table>();

beforeAll(async () => {
  reference = await gpuDataFrame.session({ engine: "reference" });
  for (const query of QUERIES) expected.set(query.name, await query.run(reference).compute());
});
afterAll(() => reference.close());

describe.each(SETTINGS)("$name", ({ options }) => {
  let session: Session;
  beforeAll(async () => {
    session = await gpuDataFrame.session(options);
  });
  afterAll(() => session.close());

  it.each(QUERIES)("$name", async ({ name, run }) => {
    const table = await run(session).compute();
    const wanted = expected.get(name);
    if (wanted === undefined) throw new Error(`no expected table of ${name}`);
    expect(table.columnNames).toEqual(wanted.columnNames);
    expect(batchDifference(wanted.batch, table.batch)).toBeNull();
  });
});
