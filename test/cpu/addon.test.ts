// Finding and loading the addon: reasons instead of exceptions.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NoDeviceError } from "../../src/base/index.ts";
import { columnFromValues } from "../../src/column/index.ts";
import {
  availableIsas,
  createCpuExecutor,
  type Isa,
  loadAddon,
} from "../../src/device/cpu/index.ts";
import { temporaryFolder } from "../temporary_folder.ts";

describe("loadAddon", () => {
  test("gives the reason when the folder has no module", () => {
    const directory = temporaryFolder();
    expect(loadAddon({ directory, isa: "baseline" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("does not exist"),
    });
    expect(availableIsas(directory)).toEqual([]);
  });

  test("gives the reason when a module cannot be loaded", () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, "gdf_baseline.node"), "no shared object");
    expect(loadAddon({ directory, isa: "baseline" })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("cannot be loaded"),
    });
  });

  test("names the instruction sets when there is no such one", () => {
    expect(loadAddon({ isa: "mmx" as Isa })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("baseline, avx2, avx512"),
    });
  });

  test("loads every available instruction set side by side", () => {
    for (const isa of availableIsas()) expect(loadAddon({ isa })).toMatchObject({ ok: true, isa });
  });
});

describe("createCpuExecutor", () => {
  test("throws NoDeviceError with the reason", () => {
    expect(() => createCpuExecutor({ isa: "mmx" as Isa })).toThrow(NoDeviceError);
  });

  test.runIf(availableIsas().length > 0)("describes the CPU", async () => {
    const executor = createCpuExecutor({ threads: 2 });
    expect(executor.descriptor).toMatchObject({
      id: "cpu",
      kind: "cpu",
      threads: 2,
      software: false,
    });
    await executor.close();
    await executor.close();
  });

  test.runIf(availableIsas().length > 0)("does not block the event loop", async () => {
    const executor = createCpuExecutor({ threads: 1 });
    const rowCount = 2_000_000;
    const values = Float64Array.from({ length: rowCount }, (_, i) => (i * 2654435761) % 1_000_003);
    const input = await executor.upload({ rowCount, columns: [columnFromValues(values)] });
    let turns = 0;
    let isRunning = true;
    const turn = () => {
      turns++;
      if (isRunning) setImmediate(turn);
    };
    setImmediate(turn);
    await executor.execute(
      { kind: "sort", keys: [{ column: 0, descending: false, nulls: "last" }], limit: null },
      [input],
    );
    isRunning = false;
    // On the thread of JavaScript the sort would leave it one at the most; beside it there are thousands.
    expect(turns).toBeGreaterThan(10);
  });
});
