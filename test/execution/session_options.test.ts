// The environment mirrors every session option; what a caller gives wins.

import { expect, test } from "vitest";
import { resolveOptions } from "../../src/execution/index.ts";
import type { SessionOptions } from "../../src/index.ts";

/** By option: the variable, its text, and what comes of it. */
const MIRROR: Readonly<Record<keyof SessionOptions, readonly [string, string, unknown]>> = {
  engine: ["ENGINE", "cpu", "cpu"],
  devices: ["DEVICES", "gpu:0, cpu", ["gpu:0", "cpu"]],
  threads: ["THREADS", "3", 3],
  hostMemory: ["HOST_MEMORY", "8GiB", 8 * 2 ** 30],
  deviceMemory: ["DEVICE_MEMORY", "512MiB", 512 * 2 ** 20],
  spillDirectory: ["SPILL_DIRECTORY", "./spill", "./spill"],
  partitionBytes: ["PARTITION_BYTES", "64MiB", 64 * 2 ** 20],
  partitions: ["PARTITIONS", "7", 7],
  costs: ["COSTS", "even", "even"],
  spill: ["SPILL", "always", "always"],
  isa: ["ISA", "avx2", "avx2"],
  disableRules: ["DISABLE_RULES", "foldConstants,pushFilters", ["foldConstants", "pushFilters"]],
};

test.each(Object.entries(MIRROR))("%s", (option, [variable, text, expected]) => {
  const environment = { [`GPUDATAFRAME_${variable}`]: text };
  expect(resolveOptions({}, environment)).toMatchObject({ [option]: expected });
  const defaults = resolveOptions({}, {});
  expect(defaults).not.toMatchObject({ [option]: expected });
});

test("an option wins over the environment", () => {
  const environment = { GPUDATAFRAME_ENGINE: "cpu", GPUDATAFRAME_PARTITIONS: "7" };
  const resolved = resolveOptions({ engine: "reference", partitions: 2 }, environment);
  expect(resolved).toMatchObject({ engine: "reference", partitions: 2 });
});

test.each([
  ["ENGINE", "fast", /engine/],
  ["THREADS", "many", /threads/],
  ["PARTITIONS", "0", /partitions/],
  ["COSTS", "none", /costs/],
  ["HOST_MEMORY", "lots", /hostMemory/],
])("GPUDATAFRAME_%s=%s is refused", (variable, text, message) => {
  expect(() => resolveOptions({}, { [`GPUDATAFRAME_${variable}`]: text })).toThrow(message);
});
