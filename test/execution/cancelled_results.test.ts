// Results that are there, and have only to come back from the disk or to go there: a signal does not wait for it. And whoever
// is told of progress may throw: that ends the query as a signal does.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NODE_FILES, type SpillHandle } from "../../src/execution/memory/spill_files.ts";
import gpuDataFrame, {
  AbortError,
  type AnyDataFrame,
  col,
  type RunOptions,
  type Session,
} from "../../src/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

/** For what is certain to come, on a machine however busy. */
const PATIENCE_MS = 200_000;

const root = temporaryFolder();
const working = { ...NODE_FILES };
const rows = Array.from({ length: 3000 }, (_, row) => row);

async function drain(tables: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of tables);
}

const ACTIONS: Record<string, (frame: AnyDataFrame, options: RunOptions) => Promise<unknown>> = {
  compute: (frame, options) => frame.compute(options),
  profile: (frame, options) => frame.profile(options),
  stream: (frame, options) => drain(frame.stream(options)),
  writeCsv: (frame, options) => frame.writeCsv(join(root, "out.csv"), options),
  writeArrow: (frame, options) => frame.writeArrow(join(root, "out.arrow"), options),
  persist: async (frame, options) => await (await frame.persist(options)).unpersist(),
};
const NAMES = Object.keys(ACTIONS);

let session: Session;
let persisted: AnyDataFrame;
/** What reads, or writes, wait for, in files that stay open from one query to the next. */
let hanging: { readonly direction: "read" | "write"; wait(): Promise<void> } | null = null;
beforeEach(async () => {
  NODE_FILES.open = async (path, flags, mode): Promise<SpillHandle> => {
    const handle = await working.open(path, flags, mode);
    return {
      close: () => handle.close(),
      write: async (bytes) => {
        if (hanging?.direction === "write") await hanging.wait();
        return await handle.write(bytes);
      },
      read: async (...into) => {
        if (hanging?.direction === "read") await hanging.wait();
        return await handle.read(...into);
      },
    };
  };
  session = await gpuDataFrame.session({
    engine: "cpu",
    partitions: 3,
    spill: "always",
    spillDirectory: join(root, "spill"),
  });
  const frame = session.fromColumns({ x: rows, y: rows }).withColumns({ x: col("x").add(1) });
  persisted = await frame.persist();
});
afterEach(async () => {
  hanging = null;
  Object.assign(NODE_FILES, working);
  await session.close();
  // What is whole has its name.
  const whole = ["out.arrow", "out.csv", "spill"];
  const left = readdirSync(root, { recursive: true }).map(String);
  expect(left.filter((name) => !whole.includes(name))).toEqual([]);
});

/** Nothing but what is persisted, and that on disk. */
async function atRest(): Promise<void> {
  const expected = persisted.schema.length * rows.length * 8;
  const look = () => {
    const [host] = session.memory().filter(({ tier }) => tier === "host");
    expect(host).toMatchObject({ used: 0, pinned: 0, spilled: expected });
  };
  await vi.waitFor(look, { timeout: PATIENCE_MS, interval: 1 });
}

/** From now on reads, or writes, wait until they are let go on. Resolves when one waits. */
function hangingDisk(direction: "read" | "write") {
  let goOn = () => {};
  let arrive = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const wait = async () => {
    arrive();
    await held;
  };
  hanging = { direction, wait };
  return { reached, goOn };
}

describe("a query that is cancelled while it waits for the disk", () => {
  test.each([
    ...NAMES.filter((name) => name !== "persist").map((name) => [name, "read"] as const),
    ["persist", "write"] as const,
  ])("%s rejects at once while a %s takes for ever", async (name, direction) => {
    await atRest();
    const controller = new AbortController();
    const reason = { why: "enough" };
    const disk = hangingDisk(direction);
    const frame =
      direction === "read" ? persisted : session.fromColumns({ z: rows }).select(col("z").add(1));
    const ended = ACTIONS[name]?.(frame, { signal: controller.signal }).then(
      () => null,
      (error: unknown) => error,
    );
    await disk.reached;
    controller.abort(reason);
    const error = await ended;
    expect(error).toBeInstanceOf(AbortError);
    expect((error as AbortError).cause).toBe(reason);
    disk.goOn();
    hanging = null;
    await atRest();
  });
});

describe("a query whose session is closed meanwhile", () => {
  test.each(NAMES)("%s rejects with an AbortError, after however many turns", async (name) => {
    for (const turns of [0, 1, 2, 4, 8, 16, 32]) {
      await using other = await gpuDataFrame.session({
        engine: "cpu",
        partitions: 7,
        spill: "always",
        spillDirectory: join(root, "spill"),
      });
      const frame = other.fromColumns({ x: rows }).withColumns({ y: col("x").mod(7) });
      const ended = ACTIONS[name]?.(frame.sort("y"), {}).then(
        () => null,
        (error: unknown) => error,
      );
      for (let turn = 0; turn < turns; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      await other.close();
      const error = await ended;
      if (error !== null) {
        expect(error).toBeInstanceOf(AbortError);
        expect((error as AbortError).message).toMatch(/is closed/);
      } else expect(turns).toBeGreaterThan(0);
      const held = other.memory().map(({ used, pinned, spilled }) => used + pinned + spilled);
      expect(held).toEqual([0, 0]);
    }
  });

  test("a stream that was left standing fails at its next table", async () => {
    const other = await gpuDataFrame.session({ engine: "cpu", partitions: 7 });
    const frame = other.fromColumns({ x: rows }).withColumns({ y: col("x").mod(7) });
    const tables = frame.stream();
    await tables.next();
    await other.close();
    await expect(drain(tables)).rejects.toThrow(/the session is closed/);
    const held = other.memory().map(({ used, pinned, spilled }) => used + pinned + spilled);
    expect(held).toEqual([0, 0]);
  });
});

describe("a query whose progress is told to a function that throws", () => {
  const told = async (name: string, failAt: number, error: Error): Promise<number> => {
    let calls = 0;
    const onProgress = () => {
      calls += 1;
      if (calls === failAt) throw error;
    };
    const frame = persisted.withColumns({ z: col("x").mul(2) }).sort("z");
    const ended = ACTIONS[name]?.(frame, { onProgress });
    if (failAt === 0) await ended;
    else await expect(ended).rejects.toBe(error);
    return calls;
  };

  test.each(NAMES)("%s rejects with what it threw, and frees everything", async (name) => {
    const error = new Error("thrown by a function of the caller's");
    const calls = await told(name, 0, error);
    expect(calls).toBeGreaterThan(3);
    for (const failAt of [1, 2, calls - 1, calls]) {
      await told(name, failAt, error);
      await atRest();
    }
  });
});
