// The routines as text: the C++ that is kept in the repository is that of the routines as they are, and the WGSL passes
// Dawn's validation (the null backend has the full front end). They run in test/lattice/routines.test.ts.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTINES_HEADER, routinesHeader } from "../../scripts/routines.ts";
import { routineText } from "../../src/codegen/wgsl/routine.ts";
import { importsOf } from "../../src/codegen/wgsl/shared_functions.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { ROUTINES, routine } from "../../src/ir/index.ts";
import { openNull } from "../gpu/adapters.ts";

test("the addon has the routines as they are (npx tsx scripts/routines.ts writes them)", () => {
  expect(readFileSync(ROUTINES_HEADER, "utf8") === routinesHeader()).toBe(true);
});

test.each(ROUTINES)("%s is one WGSL function without names from outside", (name) => {
  const text = routineText(routine(name), () => 7);
  expect(text.match(/\bfn /g)).toHaveLength(1);
  expect(text.startsWith(`fn routine_${name}(`)).toBe(true);
  // Every value is used: dead instructions were dropped.
  for (const [, id] of text.matchAll(/let (v\d+) =/g)) {
    expect(text.match(new RegExp(`\\b${id}\\b`, "g"))?.length, id).toBeGreaterThan(1);
  }
});

let context: GpuContext;
beforeAll(async () => {
  context = await openNull();
});
afterAll(() => context.destroy());

test.each(ROUTINES)("%s compiles", async (name) => {
  const text = routineText(routine(name), () => 7);
  const operands = Array.from({ length: routine(name).arity }, () => "result[id.x]").join(", ");
  const generated = `${importsOf(text)}
    ${text}
    @group(0) @binding(0) var<storage, read_write> result: array<vec2<u32>>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
      result[id.x] = routine_${name}(${operands});
    }`;
  const { bindings } = await context.kernels.load({ path: "generated", generated });
  await context.device.settle(0);
  expect(bindings.length).toBeGreaterThan(0);
});
