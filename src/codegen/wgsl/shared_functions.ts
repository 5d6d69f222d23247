// The functions of kernels/ that rendered programs call, by the file that has them.

const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  "shared::int32": [
    "divI32",
    "remI32",
    "floorDivI32",
    "modI32",
    "addOverflowsI32",
    "subOverflowsI32",
    "mulOverflowsI32",
    "divOverflowsI32",
    "isMinimumI32",
    "addOverflowsU32",
    "mulOverflowsU32",
  ],
  "shared::int64": [
    "add64",
    "sub64",
    "neg64",
    "absI64",
    "isNegative64",
    "isZero64",
    "eq64",
    "ltU64",
    "ltI64",
    "shl64",
    "shrU64",
    "shrI64",
    "mul64",
    "divU64",
    "remU64",
    "divI64",
    "remI64",
    "floorDivI64",
    "modI64",
    "addOverflowsI64",
    "subOverflowsI64",
    "mulOverflowsI64",
    "divOverflowsI64",
    "isMinimumI64",
    "addOverflowsU64",
    "mulOverflowsU64",
  ],
  "shared::float64": [
    "addF64",
    "subF64",
    "mulF64",
    "divF64",
    "negF64",
    "absF64",
    "isNanF64",
    "isFiniteF64",
    "isZeroF64",
  ],
  "shared::float64_functions": [
    "eqF64",
    "ltF64",
    "sqrtF64",
    "remF64",
    "modF64",
    "floorDivF64",
    "truncF64",
    "floorF64",
    "ceilF64",
    "roundF64",
  ],
  "shared::float32": [
    "addF32",
    "subF32",
    "mulF32",
    "divF32",
    "negF32",
    "absF32",
    "isNanF32",
    "isFiniteF32",
    "isZeroF32",
    "eqF32",
    "ltF32",
    "sqrtF32",
    "remF32",
    "modF32",
    "floorDivF32",
    "truncF32",
    "floorF32",
    "ceilF32",
    "roundF32",
  ],
  "shared::float_convert": [
    "f64FromI32",
    "f64FromU32",
    "f64FromI64",
    "f64FromU64",
    "f64FromF32",
    "f32FromI32",
    "f32FromU32",
    "f32FromI64",
    "f32FromU64",
    "f32FromF64",
    "i32FromF64",
    "u32FromF64",
    "i64FromF64",
    "u64FromF64",
  ],
  "shared::order": ["orderI32", "orderI64", "orderF32", "orderF64"],
  "evaluate::failures": ["fail"],
  "evaluate::literals": [
    "constant32",
    "constant64",
    "lookupBit",
    "lookup32",
    "lookup64",
    "inSet32",
    "inSet64",
  ],
};

const MODULE_OF = new Map(
  Object.entries(FUNCTIONS).flatMap(([module, names]) =>
    names.map((name) => [name, module] as const),
  ),
);

/** The import lines of the functions that a WESL text calls. */
export function importsOf(text: string): string {
  const called = new Map<string, Set<string>>();
  for (const [, name = ""] of text.matchAll(/\b([a-z]\w*)\(/g)) {
    const module = MODULE_OF.get(name);
    if (module === undefined) continue;
    called.set(module, (called.get(module) ?? new Set()).add(name));
  }
  return [...called]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([module, names]) => `import package::${module}::{${[...names].sort().join(", ")}};`)
    .join("\n");
}
