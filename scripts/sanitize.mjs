// npm run test:sanitize [-- thread] [VITEST ARGS]: the tests on an addon built with sanitizers
// (default address,undefined). The runtime must come first in the process, hence LD_PRELOAD.
import { execFileSync } from "node:child_process";
import { ensureDependencies } from "./ensure.mjs";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

const [first, ...others] = process.argv.slice(2);
const named = /^(address|undefined|thread|,)+$/.test(first ?? "");
const sanitizers = named ? first : "address,undefined";
const vitestArgs = named ? others : process.argv.slice(2);

process.env.GDF_SANITIZE = sanitizers;
process.env.GDF_ISAS ??= "baseline";
await withBuildLock(async () => {
  await ensureDependencies();
  const { buildNative } = await import("./build-native.mjs");
  await buildNative();
});

const runtime = sanitizers.includes("thread") ? "libtsan.so" : "libasan.so";
process.exitCode = await exitCodeOf(
  process.execPath,
  [rootPath("node_modules/vitest/vitest.mjs"), "run", ...vitestArgs],
  {
    env: {
      ...process.env,
      LD_PRELOAD: execFileSync("g++", [`-print-file-name=${runtime}`], { encoding: "utf8" }).trim(),
      // Node itself keeps memory to its end.
      ASAN_OPTIONS: "detect_leaks=0:alloc_dealloc_mismatch=0",
      UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
      TSAN_OPTIONS: "report_bugs=1:ignore_noninstrumented_modules=1",
      GPUDATAFRAME_ADDON_DIRECTORY: rootPath(`build/native-${sanitizers.replace(",", "-")}`),
    },
  },
);
