// Runs one function of kernels/shared over arrays of operands: the arithmetic of the kernels, through actual WGSL.

import { at } from "../../src/base/index.ts";
import type { GpuContext } from "../../src/device/gpu/context.ts";
import type { KernelSpec } from "../../src/device/gpu/kernel_source.ts";

/** WGSL types of operands and results; values travel as bits: u32 words, or low and high words of a bigint. */
export type WgslType = "u32" | "i32" | "bool" | "vec2<u32>";

export interface SharedFunction {
  readonly module: string;
  readonly name: string;
  readonly operands: readonly WgslType[];
  readonly result: WgslType;
}

/** `operands[k][row]`: the bits of operand k. The result's bits by row. */
export async function applyFunction(
  context: GpuContext,
  fn: SharedFunction,
  operands: readonly (readonly bigint[])[],
): Promise<bigint[]> {
  const rowCount = at(operands, 0).length;
  const recording = context.record();
  const buffers = Object.fromEntries(
    operands.map((values, k) => [
      `operand${k}`,
      recording.constant(pack(values, at(fn.operands, k))),
    ]),
  );
  const result = recording.temporary(rowCount * wordsOf(fn.result) * 4);
  recording.dispatch({
    kernel: applyKernel(fn),
    buffers: { ...buffers, result },
    params: { rowCount },
    workgroups: Math.ceil(rowCount / 64),
  });
  const bytes = recording.read(result);
  await recording.submit();
  return unpack(new Uint32Array(await bytes), fn.result);
}

export function applyKernel({ module, name, operands, result }: SharedFunction): KernelSpec {
  const bindings = operands
    .map((type, k) => [`operand${k}`, type] as const)
    .map(([variable, type], k) => storage(k + 1, "read", variable, type))
    .join("\n");
  const args = operands.map((type, k) => load(`operand${k}[row]`, type)).join(", ");
  return {
    path: "generated",
    generated: /* wgsl */ `
      import package::shared::${module}::${name};
      struct Params { rowCount: u32 }
      @group(0) @binding(0) var<uniform> params: Params;
      ${bindings}
      ${storage(operands.length + 1, "read_write", "result", result)}
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
        let row = id.x;
        if (row >= params.rowCount) { return; }
        result[row] = ${store(`${name}(${args})`, result)};
      }`,
  };
}

const wordsOf = (type: WgslType) => (type === "vec2<u32>" ? 2 : 1);
const element = (type: WgslType) => (type === "vec2<u32>" ? type : "u32");
const storage = (binding: number, access: string, name: string, type: WgslType) =>
  `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${element(type)}>;`;

function load(text: string, type: WgslType): string {
  if (type === "i32") return `bitcast<i32>(${text})`;
  return type === "bool" ? `(${text} != 0u)` : text;
}

function store(text: string, type: WgslType): string {
  if (type === "i32") return `bitcast<u32>(${text})`;
  return type === "bool" ? `select(0u, 1u, ${text})` : text;
}

function pack(values: readonly bigint[], type: WgslType): Uint32Array {
  if (wordsOf(type) === 1) {
    return Uint32Array.from(values, (value) => Number(BigInt.asUintN(32, value)));
  }
  return new Uint32Array(BigUint64Array.from(values, (value) => BigInt.asUintN(64, value)).buffer);
}

function unpack(words: Uint32Array, type: WgslType): bigint[] {
  if (wordsOf(type) === 1) return Array.from(words, BigInt);
  return Array.from(new BigUint64Array(words.buffer));
}
