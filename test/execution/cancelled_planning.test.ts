// A query is cancelled while it is planned, or while its devices open, as soon as while it runs.

import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import { frameFromColumns } from "../../src/frame/index.ts";
import { col, Session } from "../../src/index.ts";

const WIDTH = 3000;
/** Of the turns that planning takes, a few. */
const MOST_TURNS = 8;

test("a wide query stops where its planning is", async () => {
  await using session = new Session({ engine: "cpu" });
  const names = Array.from({ length: WIDTH }, (_, index) => `c${index}`);
  const frame = session
    .fromColumns(Object.fromEntries(names.map((name) => [name, [1, 2, 3]])))
    .filter(col("c0").gt(1))
    .withColumns(Object.fromEntries(names.map((name) => [name, col(name).add(1)])));
  const grouped = frame
    .groupBy("c0")
    .agg(Object.fromEntries(names.slice(1).map((name) => [name, col(name).sum()])));
  const controller = new AbortController();
  let isOver = false;
  const query = grouped.compute({ signal: controller.signal }).finally(() => {
    isOver = true;
  });
  const rejected = expect(query).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  await turn();
  controller.abort("enough");
  for (let turns = 0; !isOver; turns++) {
    expect(turns).toBeLessThan(MOST_TURNS);
    await turn();
  }
  await rejected;
});

test("nobody waits for a driver", async () => {
  const runner = new Runner(resolveOptions({ engine: "cpu" }));
  const controller = new AbortController();
  let opened = () => {};
  vi.spyOn(runner.devices, "openFor").mockReturnValue(
    new Promise((resolve) => {
      opened = resolve;
    }),
  );
  const query = frameFromColumns(runner, { x: [1] }).compute({ signal: controller.signal });
  controller.abort("enough");
  await expect(query).rejects.toMatchObject({ code: "ABORTED", cause: "enough" });
  opened();
  await runner.close();
});
