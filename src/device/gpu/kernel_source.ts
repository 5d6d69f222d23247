// Links a kernel: a WESL file of `kernels/` with its imports, for one set of conditions and constants, becomes plain
// WGSL. Files are read and parsed once per process (a link takes 1 to 3 ms).

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type CompositeResolver,
  createConstantsResolver,
  linkWithResolver,
  type ModuleResolver,
  RecordResolver,
} from "wesl";

/** What makes two kernels the same one: equal specs share module and pipeline. */
export interface KernelSpec {
  /** File under `kernels/`, without extension: "sort/histogram". Its entry point is `main`. */
  readonly path: string;
  /** Flags of `@if(NAME)`. Absent ones are false. */
  readonly conditions?: Readonly<Record<string, boolean>>;
  /** Numbers that the file imports as `import constants::NAME;`. */
  readonly constants?: Readonly<Record<string, number | string>>;
  /** WESL text that the file imports from `package::generated`. */
  readonly generated?: string;
}

const KERNELS = fileURLToPath(new URL("../../../kernels/", import.meta.url));
let kernelFiles: RecordResolver | undefined;

const keys = new WeakMap<KernelSpec, string>();

/** Equal for specs of the same kernel. Remembered by object: operators keep those with long generated texts. */
export function kernelKey(spec: KernelSpec): string {
  const known = keys.get(spec) ?? makeKey(spec);
  keys.set(spec, known);
  return known;
}

function makeKey(spec: KernelSpec): string {
  const sorted = (record: object = {}) =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const on = sorted(spec.conditions).filter(([, value]) => value === true);
  return JSON.stringify([spec.path, on, sorted(spec.constants), spec.generated ?? ""]);
}

/** The plain WGSL of a kernel. Only what `main` reaches is in it. */
export async function linkKernel(spec: KernelSpec): Promise<string> {
  kernelFiles ??= readKernels();
  const resolvers: ModuleResolver[] = [kernelFiles];
  const options = { keepComments: false };
  if (spec.generated !== undefined) {
    resolvers.push(new RecordResolver({ "./generated.wesl": spec.generated }, options));
  }
  const constants = createConstantsResolver({ ...spec.constants });
  if (constants) resolvers.push(constants);
  const linked = await linkWithResolver({
    resolver: firstOf(resolvers),
    rootModuleName: `./${spec.path}.wesl`,
    conditions: { ...spec.conditions },
    sourceMap: false,
  });
  return linked.dest;
}

function firstOf(resolvers: readonly ModuleResolver[]): Pick<CompositeResolver, "resolveModule"> {
  return {
    resolveModule(path) {
      for (const resolver of resolvers) {
        const module = resolver.resolveModule(path);
        if (module) return module;
      }
      return undefined;
    },
  };
}

/** The paths of all kernels with an entry point, for tests that compile every one of them. */
export function kernelPaths(): readonly string[] {
  return Object.entries(kernelTexts())
    .filter(([, text]) => text.includes("@compute"))
    .map(([path]) => path.replace(/^\.\/|\.wesl$/g, ""));
}

function readKernels(): RecordResolver {
  return new RecordResolver(kernelTexts(), { keepComments: false });
}

function kernelTexts(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const file of readdirSync(KERNELS, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".wesl")) continue;
    texts[`./${file.replaceAll("\\", "/")}`] = readFileSync(`${KERNELS}${file}`, "utf8");
  }
  return texts;
}
