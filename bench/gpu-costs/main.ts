// npm run bench -- gpu-costs: integer operations a value or row of the functions and kernels of the GPU, counted in the SPIR-V
// that Dawn hands to a Vulkan driver. Figures of shaders, not times: they are the same on every machine.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Cost, costOf, costOfFunction, valueFunctionOf } from "./count.ts";
import { runFunction } from "./interpret.ts";
import { type CountedKernel, countedKernels } from "./kernels.ts";
import { readShader, type Shader, type Value } from "./spirv.ts";

const DRAWS = 1000;

function compiled(): ReadonlyMap<number, Shader> {
  const child = fileURLToPath(new URL("compile.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", child], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`the shaders do not compile: ${stderr}`);
  const [, ...parts] = stdout.split(/^\/\/ counted (?=\d+$)/m);
  return new Map(parts.map((part) => [Number.parseInt(part, 10), readShader(part)]));
}

/** One word is a number, several a vector. */
function valueOf(bits: bigint, words: number): Value {
  const all = Array.from({ length: words }, (_, word) =>
    Number(BigInt.asUintN(32, bits >> BigInt(32 * word))),
  );
  return words === 1 ? Number(BigInt.asUintN(32, bits)) : all;
}

/** The mean over drawn values. What they give must be right: then the operations were understood. */
function operationsOf({ name, draw }: CountedKernel, shader: Shader): number | null {
  if (draw === undefined) return null;
  const callee = valueFunctionOf(shader);
  const widths =
    shader.functions.get(callee)?.parameterTypes.map((type) => shader.widths.get(type) ?? 1) ?? [];
  let operations = 0;
  for (let count = 0; count < DRAWS; count++) {
    const { operands, result } = draw();
    const values = operands.map((bits, index) => valueOf(bits, widths[index] ?? 1));
    const run = runFunction(shader, callee, values);
    const right = valueOf(result, Array.isArray(run.value) ? run.value.length : 1);
    if (String(run.value) !== String(right)) {
      throw new Error(`${name} of ${operands} gives ${run.value}, not ${right}`);
    }
    operations += run.operations;
  }
  return Math.round(operations / DRAWS);
}

function costOfKernel({ per, passes }: CountedKernel, shader: Shader): Cost {
  return per === "function"
    ? costOfFunction(shader, valueFunctionOf(shader))
    : costOf(shader, per, passes);
}

const shaders = compiled();
console.log("| | mostly | at most | atomics | barriers |\n|---|---:|---:|---:|---:|");
for (const [index, counted] of countedKernels.entries()) {
  const shader = shaders.get(index);
  if (shader === undefined) throw new Error(`Dawn printed no shader of ${counted.name}`);
  const { integer, float, atomic, barriers } = costOfKernel(counted, shader);
  if (float > 0) throw new Error(`${counted.name} has operations of floats`);
  const mostly = operationsOf(counted, shader) ?? "";
  console.log(`| ${counted.name} | ${mostly} | ${integer} | ${atomic} | ${barriers} |`);
}
