// A slow device gets its share and no more, and never holds up the end: a query ends when its result is there, whatever a
// device still works at. The slow device here goes on only when the test lets it, after the query has ended.

import { expect, it } from "vitest";
import { schedule } from "../../src/execution/scheduler.ts";
import type { TaskReport } from "../../src/execution/task_report.ts";
import { FaultyExecutor, SlowExecutor, sortGraph, workplace } from "./faulty_executor.ts";

const DEVICES = ["gpu:0", "host"];

it.each(["upload", "execute", "commands"] as const)(
  "ends while a device is still at its %s, twice in one session",
  async (step) => {
    const slow = new SlowExecutor("gpu:0", step);
    const host = new FaultyExecutor("host");
    const lingering: Promise<void>[] = [];
    const place = {
      ...workplace([slow, host]),
      lingers: (until: Promise<void>) => void lingering.push(until),
    };
    for (const partitions of [4, 1]) {
      const reports: TaskReport[] = [];
      const results = await schedule(sortGraph(partitions, DEVICES), place, {
        collect: true,
        onTask: (report) => reports.push(report),
      });
      expect(slow.waiting).toBeGreaterThan(0);
      const sorts = reports.filter(({ operator }) => operator === "sort");
      expect(sorts.map(({ device }) => device)).toEqual(Array(partitions).fill("host"));
      for (const result of results) await result.release();
    }
    // What it was at ends behind the queries, and is let go.
    slow.goOn();
    await Promise.all(lingering);
    expect([slow.held, host.held]).toEqual([0, 0]);
  },
);
