// What shaders must not contain, and that all of them compile.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { at } from "../../src/base/index.ts";
import {
  planStages,
  renderStage,
  resolveStrings,
  typescriptDictionaryOperations,
} from "../../src/codegen/index.ts";
import { Dictionary } from "../../src/column/index.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import { parseValue } from "../../src/device/reference/index.ts";
import { FLOAT64, INT64, STRING } from "../../src/dtype/index.ts";
import type { Program, ResolvedProgram } from "../../src/ir/index.ts";
import { openNull } from "../gpu/adapters.ts";
import { ProgramBuilder } from "./program_builder.ts";
import { programCases } from "./program_cases.ts";

const operations = typescriptDictionaryOperations(parseValue);

async function texts(program: Program, dictionaries: readonly (Dictionary | null)[]) {
  const { program: resolved } = await resolveStrings(program, dictionaries, operations);
  return { resolved, texts: textsOf(resolved) };
}

function textsOf(program: ResolvedProgram, maxBuffers = 16): string[] {
  const nullable = program.inputs.map((_, column) => column % 2 === 0);
  const { predicate, outputs } = planStages(program, nullable, maxBuffers, true);
  const stages = predicate === null ? outputs : [predicate, ...outputs];
  return stages.map((stage) => renderStage(program, nullable, stage).text);
}

/** A program in which everything that a user can type occurs. */
function programWith(
  text: string,
  integer: bigint,
  float: number,
  members: readonly string[],
): Program {
  const b = new ProgramBuilder([STRING, INT64, FLOAT64]);
  const s = b.load(0);
  const matches = b.match("contains", s, text);
  const isMember = b.inSet({ lane: "string", values: [...new Set(members)] }, s);
  const below = b.compare("lt", "string", s, b.constant({ lane: "string", value: text }));
  const literal = b.constant({ lane: "string", value: text });
  const isText = b.compare("eq", "string", s, literal);
  const isOther = b.compare("ne", "string", literal, s);
  const equal = b.logic("or", isText, isOther);
  b.filter(b.logic("or", b.logic("or", matches, equal), b.logic("or", isMember, below)));
  const site = { error: "overflow" as const, text: `${text} + ${integer}` };
  const value = b.constant({ lane: "i64", value: integer });
  b.output(INT64, b.arithmetic("add", "i64", b.load(1), value, b.check(site)), b.valid(1));
  const scaled = b.arithmetic("mul", "f64", b.load(2), b.constant({ lane: "f64", value: float }));
  b.output(FLOAT64, scaled, b.valid(2));
  const chosen = b.select("string", matches, s, b.constant({ lane: "string", value: text }));
  b.output(STRING, chosen, b.valid(0));
  return b.build();
}

test("no name, text or number of the user reaches a shader", async () => {
  const user = fc.tuple(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.array(fc.string({ unit: "binary", maxLength: 10 }), { maxLength: 5 }),
    fc.array(fc.string({ unit: "binary", maxLength: 10 }), { maxLength: 20 }),
  );
  const fixed = await texts(programWith("x", 1n, 1, []), [Dictionary.fromTexts(["a"]), null, null]);
  await fc.assert(
    fc.asyncProperty(user, async ([text, integer, float, members, entries]) => {
      const dictionary = Dictionary.fromTexts([...new Set(entries)]);
      const program = programWith(text, integer, float, members);
      const rendered = await texts(program, [dictionary, null, null]);
      expect(rendered.texts).toEqual(fixed.texts);
    }),
    { numRuns: 100 },
  );
});

test("shaders hold only letters, digits and WGSL's own signs", async () => {
  const rendered = await texts(programWith('日本 "`$\\', -1n, Number.NaN, ["'; }"]), [
    Dictionary.fromTexts(["\0", "@group(0)"]),
    null,
    null,
  ]);
  for (const text of rendered.texts) expect(text).toMatch(/^[\w\s(){}<>[\]:;,.=+\-*/%&|^!@~]*$/);
});

describe("on the null backend", () => {
  let context: GpuContext;
  beforeAll(async () => {
    context = await openNull();
  });
  afterAll(() => context.destroy());

  const programs = programCases.flatMap(([, cases]) =>
    cases.flatMap(({ name, operation, inputs }) =>
      operation.kind === "evaluate"
        ? [{ name, program: operation.program, batch: at(inputs, 0) }]
        : [],
    ),
  );
  test.each(programs)("$name compiles", async ({ program, batch }) => {
    const dictionaries = batch.columns.map(({ data }) =>
      data.encoding === "dictionary" ? data.dictionary : null,
    );
    const { program: resolved } = await resolveStrings(program, dictionaries, operations);
    // The null backend has the fewest that WebGPU guarantees.
    const maxBuffers = context.device.limits.maxStorageBuffersPerShaderStage;
    for (const nulls of [0, 1]) {
      const nullable = resolved.inputs.map((_, column) => column % 2 === nulls);
      const { predicate, outputs } = planStages(resolved, nullable, maxBuffers, true);
      for (const stage of predicate === null ? outputs : [predicate, ...outputs]) {
        const { text: generated } = renderStage(resolved, nullable, stage);
        const path = stage.predicate === null ? "evaluate/outputs" : "evaluate/predicate";
        const kernel = await context.kernels.load({
          path,
          conditions: { selected: true },
          generated,
        });
        const storage = kernel.bindings.filter(({ access }) => access !== "uniform");
        expect(storage.length, "bound buffers").toBeLessThanOrEqual(maxBuffers);
      }
    }
    await context.device.settle(0);
  });
});
