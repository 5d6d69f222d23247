// Reads a kernel's bindings and parameters from its WGSL, so that the shader is their one definition: hosts name
// buffers by variable and parameters by member.
//
//   struct Params { rowCount: u32, shift: u32 }
//   @group(0) @binding(0) var<uniform> params: Params;
//   @group(0) @binding(1) var<storage, read> keys: array<u32>;
//
// Members of Params are u32, i32, f32 or vec2/vec4 of them; at most 64 words.

import { assert } from "../../base/index.ts";

export interface KernelBinding {
  readonly name: string;
  readonly binding: number;
  readonly access: "uniform" | "read" | "write";
}

export interface KernelParameter {
  readonly name: string;
  readonly wordOffset: number;
  readonly words: number;
}

export interface KernelInterface {
  readonly bindings: readonly KernelBinding[];
  readonly parameters: readonly KernelParameter[];
}

export const MAX_PARAMETER_WORDS = 64;

export function readInterface(wgsl: string): KernelInterface {
  const pattern =
    /@group\(\s*0u?\s*\)\s*@binding\(\s*(\d+)u?\s*\)\s*var<\s*(\w+)\s*(?:,\s*(\w+)\s*)?>\s*(\w+)\s*:\s*(\w+)/g;
  const bindings: KernelBinding[] = [];
  let parameters: KernelParameter[] = [];
  for (const [, binding, space, mode, name = "", type = ""] of wgsl.matchAll(pattern)) {
    const access = space === "uniform" ? "uniform" : mode === "read_write" ? "write" : "read";
    bindings.push({ name, binding: Number(binding), access });
    if (access === "uniform") parameters = readParameters(wgsl, type);
  }
  bindings.sort((a, b) => a.binding - b.binding);
  return { bindings, parameters };
}

function readParameters(wgsl: string, type: string): KernelParameter[] {
  const body = new RegExp(`struct\\s+${type}\\s*\\{([^}]*)\\}`).exec(wgsl)?.[1];
  assert(body !== undefined, `struct ${type} is declared`);
  const parameters: KernelParameter[] = [];
  let end = 0;
  for (const [, name = "", memberType = ""] of body.matchAll(/(\w+)\s*:\s*([\w<>]+)/g)) {
    const words = memberType.startsWith("vec2") ? 2 : memberType.startsWith("vec4") ? 4 : 1;
    const wordOffset = Math.ceil(end / words) * words;
    parameters.push({ name, wordOffset, words });
    end = wordOffset + words;
  }
  assert(end <= MAX_PARAMETER_WORDS, `${type} has at most ${MAX_PARAMETER_WORDS} words`);
  return parameters;
}

/** Values of parameters by name: a number a word, negative ones in two's complement. */
export type ParameterValues = Readonly<Record<string, number | readonly number[]>>;

/** Writes named values to their places. Every member must be given, and nothing else. */
export function writeParameters(
  parameters: readonly KernelParameter[],
  values: ParameterValues,
  words: Uint32Array,
): void {
  const given = Object.keys(values).length;
  assert(given === parameters.length, `${parameters.length} parameters are given, not ${given}`);
  for (const { name, wordOffset, words: width } of parameters) {
    const value = values[name];
    assert(value !== undefined, `parameter ${name} is given`);
    const list = typeof value === "number" ? [value] : value;
    assert(list.length === width, `parameter ${name} has ${width} words`);
    for (const [word, part] of list.entries()) words[wordOffset + word] = part;
  }
}
