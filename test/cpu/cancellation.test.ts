// A cancelled call of the addon ends at its next look, whichever that is, frees everything, and the next call is as if
// nothing had happened.

import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { AbortError } from "../../src/base/index.ts";
import {
  availableIsas,
  createCpuExecutor,
  csvFormatter,
  cutCsv,
  loadAddon,
  readCsv,
} from "../../src/device/cpu/index.ts";
import { openCsv } from "../../src/io/index.ts";
import { fileOf } from "../csv/readers.ts";
import { type LatticeCase, outcomeDifference, referenceOutcome } from "../lattice/lattice.ts";
import { allEnd, heldBytes } from "./native_usage.ts";
import { casesOver, withFreshTexts } from "./operation_cases.ts";

const THREADS = 2;
/** At least as many results as the resolver of texts remembers. */
const REMEMBERED = 8;
const [isa] = availableIsas();
const addon = loadAddon({ isa });
if (!addon.ok) throw new Error(addon.reason);
const { native } = addon;
const executor = createCpuExecutor({ isa, threads: THREADS });
afterEach(async () => {
  native.cancelAtCheck(0);
  // Of a call that was aborted the last morsels may still be computed when another one has ended.
  await allEnd(native);
});

/** A run of its own for each call: one that was cancelled stays so. */
const never = () => new AbortController().signal;

async function run({ operation, inputs }: LatticeCase, signal = never()) {
  const residents = await Promise.all(inputs.map((input) => executor.upload(input)));
  return await executor.download(await executor.execute(operation, residents, { signal }));
}

/**
 * Runs `work` once for each of its first looks at the cancellation, which then finds it cancelled, and for every eighth
 * as many later ones, until none is left.
 */
async function cancelEverywhere(work: () => Promise<unknown>): Promise<number> {
  for (let check = 1; ; check += 1 + (check >> 3)) {
    native.cancelAtCheck(check);
    const error: unknown = await work().then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error === null) {
      native.cancelAtCheck(0);
      return check - 1;
    }
    // What several queries may wait for has a run of its own, of which no signal tells.
    expect(error, `look ${check}`).toMatchObject({
      code: expect.stringMatching(/^(ABORTED|CANCELLED)$/),
    });
    // Of several calls of one operation the first to end rejects it; the others have the same run.
    await allEnd(native);
  }
}

describe("at every look", () => {
  const small = casesOver(70_000);
  test.each(small)("$name", async (entry) => {
    // What is encoded once would otherwise leave later rounds nothing to cancel.
    const fresh = () => ({ ...entry, inputs: entry.inputs.map(withFreshTexts) });
    // Texts that were computed lately are kept: as many as ever will be.
    for (let round = 0; round < REMEMBERED; round++) await run(fresh());
    const before = await heldBytes(native);
    expect(await cancelEverywhere(() => run(fresh()))).toBeGreaterThan(0);
    expect(await heldBytes(native)).toBeLessThanOrEqual(before);
    const actual = { kind: "batch" as const, batch: await run(entry) };
    expect(outcomeDifference(referenceOutcome(entry.operation, entry.inputs), actual)).toBeNull();
  });

  test("csv", async () => {
    const line = (row: number) => `${row},${row / 7},"text ""${row % 99}""",${row % 2 === 0}\n`;
    const content = `a,b,c,d\n${Array.from({ length: 20_000 }, (_, row) => line(row)).join("")}`;
    const source = await openCsv(fileOf(content));
    const context = { native, threads: THREADS, chunkBytes: 64 * 1024 };
    const read = () => readCsv(source, { columns: ["a", "b", "c", "d"], signal: never() }, context);
    expect(await cancelEverywhere(read)).toBeGreaterThan(2);
    const cuts = { file: 0, begin: 8, positions: [100_000, content.length], signal: never() };
    expect(await cancelEverywhere(() => cutCsv(source, cuts, context))).toBeGreaterThan(2);
    expect(await read()).toMatchObject({ kind: "rows", batch: { rowCount: 20_000 } });
    const outcome = await read();
    if (outcome.kind !== "rows") throw new Error("the file is in order");
    const format = { delimiter: 0x2c, nullValue: "" };
    const { schema } = source;
    const formatter = csvFormatter({ native, threads: THREADS });
    const write = () => formatter(schema, outcome.batch, 0, 20_000, format, never());
    expect(await cancelEverywhere(write)).toBeGreaterThan(2);
    expect((await write()).reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(0);
  });
});

/** How `entry` ends where it is aborted as soon as its first job runs, and the processor time in ms after that. */
async function endWhenAborted(entry: LatticeCase, reason: Error) {
  const controller = new AbortController();
  let settled = false;
  const outcome = run(entry, controller.signal)
    .then(
      () => null,
      (error: unknown) => error,
    )
    .finally(() => {
      settled = true;
    });
  while (native.usage().jobs === 0 && !settled) await turn();
  controller.abort(reason);
  const before = process.cpuUsage();
  const error = await outcome;
  await allEnd(native);
  const { user, system } = process.cpuUsage(before);
  return { error, milliseconds: (user + system) / 1000 };
}

describe("AbortSignal", () => {
  const large = casesOver(200_000).filter(
    ({ name }) => !/slice|exponentRange|groupRows/.test(name),
  );
  test.each(large)("ends: $name", async (entry) => {
    const reason = new Error("enough");
    let ended = await endWhenAborted(entry, reason);
    // On a busy machine this thread may get to its turn after the operation's end: then there must be more of it.
    for (let rows = 400_000; ended.error === null && rows <= 6_400_000; rows *= 2) {
      const longer = casesOver(rows).find(({ name }) => name === entry.name);
      if (longer !== undefined) ended = await endWhenAborted(longer, reason);
    }
    expect(ended.error).toBeInstanceOf(AbortError);
    expect(ended.error).toMatchObject({ cause: reason });
    // Processor time, which does not depend on what else the machine does: 100 ms on every thread.
    expect(ended.milliseconds).toBeLessThan(100 * (THREADS + 1));
  });

  test("one waiter of shared work may leave: the other one gets the result", async () => {
    const [entry] = casesOver(100_000).filter(({ name }) => name === "sort by plain texts");
    if (entry === undefined) throw new Error("there is such a case");
    const controller = new AbortController();
    const [left, stayed] = [run(entry, controller.signal), run(entry)];
    controller.abort("enough");
    await expect(left).rejects.toMatchObject({ cause: "enough" });
    expect((await stayed).rowCount).toBe(100_000);
  });

  test("before the call nothing begins", async () => {
    const [entry] = casesOver(10);
    if (entry === undefined) throw new Error("there is a case");
    await expect(run(entry, AbortSignal.abort("early"))).rejects.toMatchObject({ cause: "early" });
    expect(native.usage().jobs).toBe(0);
  });
});
