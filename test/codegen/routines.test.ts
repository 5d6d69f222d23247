// The routines as text: the C++ that is kept in the repository is that of the routines as they are; WGSL is compiled and
// run in test/lattice/routines.test.ts.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROUTINES_HEADER, routinesHeader } from "../../scripts/routines.ts";
import { routineText } from "../../src/codegen/wgsl/routine.ts";
import { ROUTINES, routine } from "../../src/ir/index.ts";

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
