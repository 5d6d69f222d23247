// Streams of partitions: their order, how far the computation runs ahead of the consumer, what is left when it goes.

import { describe, expect, it, vi } from "vitest";
import { AbortError, CastError, DeviceLostError } from "../../src/base/index.ts";
import { columnToValues } from "../../src/column/index.ts";
import type { Partition } from "../../src/execution/partition.ts";
import { stream } from "../../src/execution/scheduler.ts";
import type { Workplace } from "../../src/execution/workplace.ts";
import type { Operation } from "../../src/physical/index.ts";
import { FaultyExecutor, sortGraph, workplace } from "./faulty_executor.ts";

const NOWHERE = { uploaded: 0, downloaded: 0 };

/** The largest value of each partition that comes, until `enough`; then the error, if one ended it. */
async function consumed(
  partitions: AsyncGenerator<Partition>,
  place: Workplace,
  { enough = Number.POSITIVE_INFINITY, onEach = async () => {} } = {},
): Promise<unknown[]> {
  const firsts: unknown[] = [];
  try {
    for await (const partition of partitions) {
      const [column] = (await partition.toBatch(place.host, NOWHERE)).columns;
      firsts.push(column === undefined ? undefined : columnToValues(column)[0]);
      await partition.release();
      await onEach();
      if (firsts.length >= enough) break;
    }
  } catch (error) {
    firsts.push(error);
  }
  return firsts;
}

/** For what is certain to come, on a machine however busy. */
const PATIENCE_MS = 200_000;

/** Time for everything to run that may. */
const quiet = () => new Promise<void>((resolve) => setTimeout(resolve, 10));

describe("stream", () => {
  it("gives the partitions in order", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const place = workplace([gpu, new FaultyExecutor("host")]);
    const partitions = stream(sortGraph(4, ["gpu:0"]), place, { collect: true, lookAhead: 1 });
    expect(await consumed(partitions, place)).toEqual([9, 20, 31, 42]);
    expect(gpu.held).toBe(0);
  });

  it.each([0, 1, 3])("computes %i partitions ahead and no more", async (lookAhead) => {
    const ran: number[] = [];
    const record = (_: Operation, rows: number) => {
      ran.push(rows - 10);
      return null;
    };
    const place = workplace([new FaultyExecutor("host", record)]);
    const partitions = stream(sortGraph(8, ["host"]), place, { collect: true, lookAhead });
    let taken = 0;
    const onEach = async () => {
      const most = Math.min(8, ++taken + lookAhead);
      await vi.waitFor(() => expect(ran).toHaveLength(most), { timeout: PATIENCE_MS });
      await quiet();
      expect(ran).toHaveLength(most);
    };
    const found = await consumed(partitions, place, { enough: 5, onEach });
    expect(found).toEqual([9, 20, 31, 42, 53]);
  });

  it("frees everything when its consumer leaves", async () => {
    const gpu = new FaultyExecutor("gpu:0");
    const place = workplace([gpu, new FaultyExecutor("host")]);
    const lingering: Promise<void>[] = [];
    const lingers = (until: Promise<void>) => void lingering.push(until);
    const partitions = stream(
      sortGraph(8, ["gpu:0"]),
      { ...place, lingers },
      { collect: true, lookAhead: 3 },
    );
    expect(await consumed(partitions, place, { enough: 2 })).toEqual([9, 20]);
    await Promise.all(lingering);
    expect(gpu.held).toBe(0);
  });

  it("fails in place of the first partition that needs the failing task", async () => {
    // Partitions 5 and 3 fail; whichever is seen first, three partitions come before the error of partition 3.
    const fail = (_: Operation, rows: number) =>
      rows === 13 || rows === 15 ? new CastError(`no ${rows}`) : null;
    const gpu = new FaultyExecutor("gpu:0", fail);
    const place = workplace([gpu, new FaultyExecutor("host")]);
    const partitions = stream(sortGraph(8, ["gpu:0"]), place, { collect: true, lookAhead: 6 });
    const [error, ...values] = (await consumed(partitions, place)).reverse();
    expect(values.reverse()).toEqual([9, 20, 31]);
    expect((error as CastError).message).toMatch(/no 13/);
    expect(gpu.held).toBe(0);
  });

  it("rejects at the next partition after a cancellation", async () => {
    const controller = new AbortController();
    const place = workplace([new FaultyExecutor("host")]);
    const partitions = stream(sortGraph(8, ["host"]), place, {
      collect: true,
      lookAhead: 2,
      signal: controller.signal,
    });
    const found = await consumed(partitions, place, {
      onEach: async () => controller.abort("enough"),
    });
    expect(found).toHaveLength(2);
    expect(found[1]).toBeInstanceOf(AbortError);
  });

  it("makes partitions again that a lost device held before they were taken", async () => {
    let runs = 0;
    const fail = () => (++runs > 3 ? new DeviceLostError("gone") : null);
    const lost = new FaultyExecutor("gpu:0", fail);
    const host = new FaultyExecutor("host");
    const partitions = stream(sortGraph(8, ["gpu:0"]), workplace([lost, host]), {
      collect: true,
      lookAhead: 3,
    });
    const values = await consumed(partitions, workplace([lost, host]), { onEach: quiet });
    expect(values).toEqual([9, 20, 31, 42, 53, 64, 75, 86]);
  });
});
