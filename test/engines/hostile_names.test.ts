// Names that are hard on objects, shaders, files and printers, on every engine: what a query gives under plain names it
// gives under these, with the names put in their place.

import { join } from "node:path";
import gpuDataFrame, { col, count, type DataFrame, type Session, type Table } from "gpudataframe";
import { expect, test } from "vitest";
import { batchDifference } from "../../src/column/index.ts";
import { HOSTILE, type Names, namesFrom, plain } from "../hostile_names.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { onEachEngine } from "./each_engine.ts";

const folder = temporaryFolder();

async function results(session: Session, n: Names): Promise<Table[]> {
  const frame = session.fromColumns(
    Object.fromEntries([
      [n(0), [3, 1, null, 1]],
      [n(1), ["b", "a", "b", null]],
      [n(2), [0.5, -1, 2, null]],
    ]) as Record<string, number[]>,
  ) as unknown as DataFrame;
  const named = (...pairs: [string, unknown][]) => Object.fromEntries(pairs) as never;
  const file = join(folder, "names.csv");
  await frame.writeCsv(file);
  await frame.writeArrow(`${file}.arrow`);
  const groups = frame.groupBy(n(1) as never);
  const other = frame.select(col(n(0)), col(n(1)).as(n(5)));
  const queries = [
    frame
      .filter(col(n(0)).ge(1))
      .groupBy(n(1) as never)
      .agg(named([n(3), col(n(2)).sum()], [n(4), count()])),
    frame.join(other as never, { on: n(0), how: "full" } as never),
    frame.sort([{ by: col(n(2)).neg(), descending: true }] as never),
    frame.withColumns(named([n(6), col(n(1)).ne("zz")], [n(0), col(n(0)).add(1)])),
    groups.topK(1, n(2) as never),
    frame.distinct([n(1)] as never),
    frame.concat(frame),
    frame.describe(),
    await session.readCsv(file),
    await session.readArrow(`${file}.arrow`),
  ] as unknown as DataFrame[];
  const tables: Table[] = [];
  for (const query of queries) tables.push(await query.compute());
  for await (const table of frame.stream()) tables.push(table);
  tables.push((await frame.profile()).table);
  return tables;
}

onEachEngine((session) => {
  test("every operator, reader and output", async () => {
    const expected = await results(session(), plain);
    for (const first of HOSTILE.keys()) {
      const names = namesFrom(HOSTILE, first);
      const actual = await results(session(), names);
      for (const [index, table] of expected.entries()) {
        const given = actual[index] as Table;
        const wanted = table.columnNames.map((name) =>
          name.replace(/^n(\d)/, (_, place) => names(Number(place))),
        );
        expect(given.columnNames).toEqual(wanted);
        expect(batchDifference(table.batch, given.batch), `${first}, ${index}`).toBeNull();
        const rows = given.toRows() as object[];
        if (rows[0]) expect(Object.getOwnPropertyNames(rows[0]).sort()).toEqual([...wanted].sort());
      }
    }
  }, 300_000);
});

const gpu = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu").at(-1);

test.runIf(gpu !== undefined)(
  "the shaders are the same whatever the names",
  async () => {
    await using session = await gpuDataFrame.session({ engine: "gpu", devices: [gpu?.id ?? ""] });
    const shaders = async (n: Names) => {
      const columns = [
        [n(0), [3, 1, null, 1]],
        [n(1), ["b", "a", "b", null]],
        [n(2), [0.5, -1, 2, null]],
      ];
      const frame = session.fromColumns(Object.fromEntries(columns)) as unknown as DataFrame;
      const { tasks } = await frame
        .filter(
          col(n(0))
            .ge(1)
            .or(col(n(1)).eq(n(1))),
        )
        .withColumns(Object.fromEntries([[n(3), col(n(2)).mul(2)]]))
        .join(frame.select(n(0) as never), { on: n(0) } as never)
        .groupBy(n(1) as never)
        .agg(Object.fromEntries([[n(4), col(n(3)).sum()]]))
        .sort(n(4) as never)
        .profile();
      return tasks.flatMap(({ work }) => (work?.kernels ?? []).map(({ wgsl }) => wgsl)).sort();
    };
    const expected = await shaders(plain);
    expect(expected.length).toBeGreaterThan(5);
    for (const first of HOSTILE.keys())
      expect(await shaders(namesFrom(HOSTILE, first))).toEqual(expected);
  },
  120_000,
);
