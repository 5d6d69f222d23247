// Finds and loads the native addon: one module per instruction set, all of the same source and the same results. The
// baseline module runs everywhere and says what the processor can do; the best module there is then does the work.
//
// Nothing here throws: an addon that cannot be loaded is a fact with a reason, which `doctor` and `explain()` print.

import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NativeAddon } from "./native_addon.ts";

export const ISAS = ["baseline", "avx2", "avx512"] as const;
export type Isa = (typeof ISAS)[number];

export interface LoadedAddon {
  readonly ok: true;
  readonly native: NativeAddon;
  readonly isa: Isa;
  readonly path: string;
}
export interface MissingAddon {
  readonly ok: false;
  /** One sentence, for people. */
  readonly reason: string;
}
export type AddonLoad = LoadedAddon | MissingAddon;

export interface LoadAddonOptions {
  /** This instruction set and no other. Default: GPUDATAFRAME_ISA, else the best that there is. */
  readonly isa?: Isa | undefined;
  /** Where the modules are. Default: GPUDATAFRAME_ADDON_DIRECTORY, else the checkout's build, else the package's. */
  readonly directory?: string | undefined;
}

const require = createRequire(import.meta.url);
const packageRoot = fileURLToPath(new URL("../../../", import.meta.url));
const loads = new Map<string, AddonLoad>();

/** Loads once per process, directory and instruction set; several sets can be loaded side by side. */
export function loadAddon(options: LoadAddonOptions = {}): AddonLoad {
  const directory = options.directory ?? addonDirectory();
  if (directory === null) {
    return missing(`no addon is built for ${platformName()}: looked in ${candidates().join(", ")}`);
  }
  const wanted = options.isa ?? (process.env.GPUDATAFRAME_ISA || undefined);
  const key = JSON.stringify([directory, wanted]);
  const known = loads.get(key);
  if (known !== undefined) return known;
  const load = wanted === undefined ? loadBest(directory) : loadNamed(directory, wanted);
  loads.set(key, load);
  return load;
}

/** The instruction sets that can be loaded here, best first; only GPUDATAFRAME_ISA where that is set. */
export function availableIsas(directory: string | null = addonDirectory()): readonly Isa[] {
  if (directory === null) return [];
  const forced = process.env.GPUDATAFRAME_ISA;
  if (forced) {
    const load = loadNamed(directory, forced);
    return load.ok ? [load.isa] : [];
  }
  const baseline = loadModule(directory, "baseline");
  if (!baseline.ok) return [];
  const supported = baseline.native.supportedIsas();
  return ISAS.filter(
    (isa) => supported.includes(isa) && existsSync(modulePath(directory, isa)),
  ).reverse();
}

function loadBest(directory: string): AddonLoad {
  const baseline = loadModule(directory, "baseline");
  if (!baseline.ok) return baseline;
  const failures: string[] = [];
  for (const isa of availableIsas(directory)) {
    const load = loadModule(directory, isa);
    if (load.ok) return load;
    failures.push(load.reason);
  }
  return missing(failures.join("; "));
}

function loadNamed(directory: string, name: string): AddonLoad {
  const isa = ISAS.find((known) => known === name);
  if (isa === undefined) {
    return missing(`${JSON.stringify(name)} is no instruction set; there are ${ISAS.join(", ")}`);
  }
  // An unsupported set would end the process at its first instruction. Without a baseline nobody can tell.
  const baseline = loadModule(directory, "baseline");
  if (baseline.ok && !baseline.native.supportedIsas().includes(isa)) {
    return missing(`this processor does not run ${isa}`);
  }
  return loadModule(directory, isa);
}

function loadModule(directory: string, isa: Isa): AddonLoad {
  const path = modulePath(directory, isa);
  if (!existsSync(path)) return missing(`${path} does not exist`);
  try {
    const native = require(path) as NativeAddon;
    if (native.isaName() !== isa) return missing(`${path} was built for ${native.isaName()}`);
    return { ok: true, native, isa, path };
  } catch (error) {
    return missing(`${path} cannot be loaded: ${error instanceof Error ? error.message : error}`);
  }
}

function addonDirectory(): string | null {
  const forced = process.env.GPUDATAFRAME_ADDON_DIRECTORY;
  if (forced) return forced;
  return candidates().find(holdsModule) ?? null;
}

function candidates(): readonly string[] {
  return [join(packageRoot, "build/native"), join(packageRoot, "prebuilds", platformName())];
}

function holdsModule(directory: string): boolean {
  return (
    existsSync(directory) && readdirSync(directory).some((name) => /^gdf_\w+\.node$/.test(name))
  );
}

const platformName = () => `${process.platform}-${process.arch}`;
const modulePath = (directory: string, isa: Isa) => join(directory, `gdf_${isa}.node`);
const missing = (reason: string): MissingAddon => ({ ok: false, reason });
