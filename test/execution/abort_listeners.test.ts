// However many wait for one signal, a process hears of no leak: Node.js warns where a signal has more than ten listeners.

import { Table as ArrowTable, Utf8, vectorFromArray } from "apache-arrow";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SharedWork, whenAborted } from "../../src/base/index.ts";
import gpuDataFrame, { col, type DataFrame } from "../../src/index.ts";

const warnings: Error[] = [];
const listen = (warning: Error) => void warnings.push(warning);
beforeEach(() => {
  warnings.length = 0;
  process.on("warning", listen);
});
afterEach(async () => {
  // Warnings come in a turn of their own.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});

const PARTS = 300;
const texts = (part: number) => Array.from({ length: 16 }, (_, row) => `${part % 7} ${row}`);

test("a concatenation of hundreds of parts of mixed encodings", async () => {
  await using session = await gpuDataFrame.session({ engine: "cpu" });
  const parts = Array.from({ length: PARTS }, (_, part): DataFrame => {
    if (part % 2 === 0) return session.fromColumns({ s: texts(part) }) as unknown as DataFrame;
    return session.fromArrow(new ArrowTable({ s: vectorFromArray(texts(part), new Utf8()) }));
  });
  const { signal } = new AbortController();
  const [first, ...rest] = parts;
  const table = await first?.concat(...rest).compute({ signal });
  expect(table?.numRows).toBe(PARTS * 16);
});

test("hundreds of queries with one signal", async () => {
  await using session = await gpuDataFrame.session({ engine: "cpu" });
  const { signal } = new AbortController();
  const frame = session.fromColumns({ x: [1, 2, 3] });
  const queries = Array.from({ length: PARTS }, (_, add) =>
    frame.select(col("x").add(add).as("y")).compute({ signal }),
  );
  const tables = await Promise.all(queries);
  expect(tables.map((table) => Number(table.toRows()[0]?.y))).toEqual(
    Array.from({ length: PARTS }, (_, add) => 1 + add),
  );
});

test("hundreds of waits with one signal, all of which it ends", async () => {
  const controller = new AbortController();
  const waits = Array.from({ length: PARTS }, () =>
    new SharedWork(() => new Promise<never>(() => {})).wait(controller.signal),
  );
  controller.abort();
  const ends = await Promise.allSettled(waits);
  expect(ends.every(({ status }) => status === "rejected")).toBe(true);
});

test("who has stopped listening is not told, not even by another who is", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const stops: (() => void)[] = [];
  stops.push(
    whenAborted(controller.signal, () => {
      told.push("first");
      stops[2]?.();
    }),
  );
  for (const name of ["second", "third", "fourth"]) {
    stops.push(whenAborted(controller.signal, () => told.push(name)));
  }
  stops[1]?.();
  stops[1]?.();
  controller.abort();
  expect(told).toEqual(["first", "fourth"]);
});
