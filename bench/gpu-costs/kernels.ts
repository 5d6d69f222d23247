// What is counted: functions of values, and the kernels that do something with every row.
import type { KernelSpec } from "../../src/device/gpu/kernel_source.ts";

export interface CountedKernel {
  readonly name: string;
  readonly spec: KernelSpec;
  /** What stands for one row: a thread, a pass of the thread's loop over rows, or a function that the entry point calls. */
  readonly per: "thread" | "loop" | "function";
  /** Of loops without a constant bound, within. */
  readonly passes: number;
  /** Of functions: the bits of operands as values mostly are, and what they give. */
  readonly draw?: () => { readonly operands: readonly bigint[]; readonly result: bigint };
}

const WORDS: Readonly<Record<string, string>> = {
  u32: "u32",
  f64: "vec2<u32>",
  i64: "vec2<u32>",
  i128: "vec4<u32>",
};

type Operand = "u32" | "f64" | "i64" | "i128";

function valueFunction(
  label: string,
  [module, name]: readonly [module: string, name: string],
  operands: readonly Operand[],
  result: Operand,
  draw: CountedKernel["draw"],
): CountedKernel {
  const inputs = operands.map(
    (type, k) => `@group(0) @binding(${k}) var<storage, read> operand${k}: array<${WORDS[type]}>;`,
  );
  const call = `${name}(${operands.map((_, k) => `operand${k}[row]`).join(", ")})`;
  const generated = /* wgsl */ `
    import package::shared::${module}::${name};
    ${inputs.join("\n")}
    @group(0) @binding(${operands.length}) var<storage, read_write> result: array<${WORDS[result]}>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
      let row = id.x;
      result[row] = ${call};
    }`;
  return { name: label, spec: { path: "generated", generated }, per: "function", passes: 1, draw };
}

function kernel(
  name: string,
  path: string,
  per: "thread" | "loop",
  { passes = 1, ...spec }: Omit<KernelSpec, "path"> & { readonly passes?: number } = {},
): CountedKernel {
  return { name, spec: { path, ...spec }, per, passes };
}

const view = new DataView(new ArrayBuffer(8));
function bitsOf(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
function singleBits(value: number): bigint {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

let state = 0x2545f491;
/** xorshift32. */
function below(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return Math.floor(((state >>> 0) / 2 ** 32) * limit);
}
const number = () => (below(2 ** 31) - 2 ** 30) / 1024 + 0.1;
const whole = () => BigInt(below(2 ** 31) - 2 ** 30) * BigInt(1 + below(2 ** 10));

const doubles = (of: (a: number, b: number) => number) => () => {
  const [a, b] = [number(), number()];
  return { operands: [bitsOf(a), bitsOf(b)].slice(0, of.length), result: bitsOf(of(a, b)) };
};
const singles = (of: (a: number, b: number) => number) => () => {
  const [a, b] = [Math.fround(number()), Math.fround(number())];
  return { operands: [singleBits(a), singleBits(b)], result: singleBits(of(a, b)) };
};
const wholes = (width: 64 | 128, of: (a: bigint, b: bigint) => bigint) => () => {
  const [a, b] = [whole(), whole() + 2n ** 45n];
  return { operands: [a, b].map((value) => BigInt.asUintN(width, value)), result: of(a, b) };
};
const HUNDRED = 100n;

const F64: readonly Operand[] = ["f64", "f64"];
const F32: readonly Operand[] = ["u32", "u32"];
const I64: readonly Operand[] = ["i64", "i64"];
const I128: readonly Operand[] = ["i128", "i128"];
const functions: readonly CountedKernel[] = [
  valueFunction(
    "float64 a + b",
    ["float64", "addF64"],
    F64,
    "f64",
    doubles((a, b) => a + b),
  ),
  valueFunction(
    "float64 a * b",
    ["float64", "mulF64"],
    F64,
    "f64",
    doubles((a, b) => a * b),
  ),
  valueFunction(
    "float64 a / b",
    ["float64", "divF64"],
    F64,
    "f64",
    doubles((a, b) => a / b),
  ),
  valueFunction("float64 sqrt(a)", ["float64_functions", "sqrtF64"], ["f64"], "f64", () => {
    const a = Math.abs(number());
    return { operands: [bitsOf(a)], result: bitsOf(Math.sqrt(a)) };
  }),
  valueFunction(
    "float32 a + b",
    ["float32", "addF32"],
    F32,
    "u32",
    singles((a, b) => a + b),
  ),
  valueFunction(
    "float32 a * b",
    ["float32", "mulF32"],
    F32,
    "u32",
    singles((a, b) => a * b),
  ),
  valueFunction(
    "float32 a / b",
    ["float32", "divF32"],
    F32,
    "u32",
    singles((a, b) => a / b),
  ),
  valueFunction("int64 as float64", ["float_convert", "f64FromI64"], ["i64"], "f64", () => {
    const a = whole();
    return { operands: [BigInt.asUintN(64, a)], result: bitsOf(Number(a)) };
  }),
  valueFunction(
    "int64 a + b",
    ["int64", "add64"],
    I64,
    "i64",
    wholes(64, (a, b) => a + b),
  ),
  valueFunction(
    "int64 a * b",
    ["int64", "mul64"],
    I64,
    "i64",
    wholes(64, (a, b) => a * b),
  ),
  valueFunction(
    "int64 a / b",
    ["int64", "divI64"],
    I64,
    "i64",
    wholes(64, (a, b) => a / b),
  ),
  valueFunction(
    "decimal a * b",
    ["int128", "mul128"],
    I128,
    "i128",
    wholes(128, (a, b) => a * b),
  ),
  valueFunction("decimal as float64", ["quotient128", "f64QuotientI128"], I128, "f64", () => {
    const a = whole();
    const operands = [BigInt.asUintN(128, a), HUNDRED];
    return { operands, result: bitsOf(Number(a) / Number(HUNDRED)) };
  }),
  valueFunction(
    "float64 as decimal",
    ["product128", "i128ProductF64"],
    ["f64", "i128"],
    "i128",
    () => {
      const a = BigInt(below(2 ** 30));
      return { operands: [bitsOf(Number(a) / 4), HUNDRED], result: (a * HUNDRED) / 4n };
    },
  ),
];

const FLOAT64 = { float: true } as const;
const sumOf = (limbs: number, squared = false): Omit<KernelSpec, "path"> => ({
  conditions: { ...FLOAT64, sum: true, squared },
  constants: { CELL_BITS: "64u", LIMBS: `${limbs}u` },
});

const rows: readonly CountedKernel[] = [
  kernel("exact sum of float64, window of 3 words", "aggregate/reduce_all", "loop", sumOf(3)),
  kernel("exact sum of float64, 5 words", "aggregate/reduce_all", "loop", sumOf(5)),
  kernel("exact sum of float64, 10 words", "aggregate/reduce_all", "loop", sumOf(10)),
  kernel("exact sum of squares, 5 words", "aggregate/reduce_all", "loop", sumOf(5, true)),
  kernel("exact sum of float64 by group", "aggregate/fold_groups", "loop", {
    conditions: { ...FLOAT64, sum: true },
    constants: { CELL_BITS: "64u" },
    passes: 3,
  }),
  kernel("sum of int64 by group", "aggregate/fold_groups", "loop", {
    conditions: { signed: true, sum: true },
    constants: { CELL_BITS: "64u" },
    passes: 2,
  }),
  kernel("groups by slots of known keys", "aggregate/key_slots", "loop"),
  kernel("groups by a table of few keys", "aggregate/few_slots", "loop"),
  kernel("groups by a hash table", "shared/hash_insert", "thread"),
  kernel("radix sort: digits of a pass", "shared/radix_count", "loop"),
  kernel("radix sort: places of a pass", "shared/radix_scatter", "loop"),
  kernel("join: build by dense keys", "shared/direct_insert", "thread"),
  kernel("join: probe of a hash table", "join/hash_probe", "thread"),
  kernel("join: matches of a row", "join/match_counts", "thread"),
  kernel("join: pairs, 20 steps of a search", "join/emit_pairs", "thread", { passes: 20 }),
  kernel("gather of 64-bit values", "shared/gather_words", "thread", {
    constants: { WIDTH: "2u" },
  }),
];

export const countedKernels: readonly CountedKernel[] = [...functions, ...rows];
