// Compiles the addon into build/native with cmake-js, one module per instruction set. Incremental.
//
//   node scripts/build-native.mjs            the baseline and the best set this machine runs
//   GDF_ISAS=avx512 node scripts/build-native.mjs        only the named ones; "all" for packaging
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { runNode } from "./run-process.mjs";

const require = createRequire(import.meta.url);

/** The baseline is always needed: it is the module that says what the processor can do. */
function instructionSets() {
  if (process.env.GDF_ISAS) return process.env.GDF_ISAS;
  if (process.arch !== "x64") return "baseline";
  if (process.platform !== "linux") return "all";
  const flags = new Set(
    readFileSync("/proc/cpuinfo", "latin1")
      .match(/^flags\s*:.*$/m)?.[0]
      .split(/\s+/),
  );
  const has = (...names) => names.every((name) => flags.has(name));
  if (has("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")) return "baseline,avx512";
  return has("avx2", "bmi2", "fma") ? "baseline,avx2" : "baseline";
}

export async function buildNative() {
  const cmakeJs = require.resolve("cmake-js/bin/cmake-js");
  const sanitizers = process.env.GDF_SANITIZE ?? "";
  const suffix = sanitizers === "" ? "" : `-${sanitizers.replace(",", "-")}`;
  const options = [
    "--out",
    rootPath(`build/cmake${suffix}`),
    "--parallel",
    "2",
    "--log-level",
    "warn",
    `--CDGDF_ISAS=${instructionSets()}`,
    `--CDGDF_SANITIZE=${sanitizers}`,
    `--CDGDF_OUTPUT_DIRECTORY=${rootPath(`build/native${suffix}`)}`,
  ];
  // "configure" each time: it costs a second and picks up changed options and new files.
  await runNode([cmakeJs, "configure", ...options]);
  await runNode([cmakeJs, "build", ...options]);
}

if (import.meta.filename === process.argv[1]) await withBuildLock(buildNative);
