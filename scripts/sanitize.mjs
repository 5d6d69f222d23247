// npm run test:sanitize [-- SANITIZERS] [VITEST ARGS]: default address,undefined; or thread.
//
// First native/test/races, which runs what works on threads without JavaScript; then the tests on an addon built with the
// sanitizers. With thread these are run only where arguments name them: the whole addon takes long to build, and Node
// itself is not instrumented. The runtime must come first in the process, hence LD_PRELOAD.
import { execFileSync } from "node:child_process";
import { ensureDependencies } from "./ensure.mjs";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf, run } from "./run-process.mjs";

const [first, ...others] = process.argv.slice(2);
const named = /^(address|undefined|thread|,)+$/.test(first ?? "");
const sanitizers = named ? first : "address,undefined";
const vitestArgs = named ? others : process.argv.slice(2);
const suffix = sanitizers.replace(",", "-");
const threads = sanitizers.includes("thread");

const environment = {
  ...process.env,
  UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
};

process.exitCode = await testRaces();
if (process.exitCode === 0 && !(threads && vitestArgs.length === 0)) {
  process.exitCode = await testAddon();
}

async function testRaces() {
  const folder = rootPath(`build/cmake-races-${suffix}`);
  await withBuildLock(async () => {
    await ensureDependencies();
    const options = ["-DGDF_ISAS=baseline", `-DGDF_SANITIZE=${sanitizers}`];
    await run("cmake", ["-S", rootPath("."), "-B", folder, ...options]);
    await run("cmake", ["--build", folder, "--target", "gdf_races", "--parallel", "2"]);
  });
  // Addresses that are not random: the thread sanitizer's map of memory leaves little room for those of new kernels.
  return exitCodeOf("setarch", ["-R", `${folder}/native/gdf_races`], { env: environment });
}

async function testAddon() {
  process.env.GDF_SANITIZE = sanitizers;
  process.env.GDF_ISAS ??= "baseline";
  await withBuildLock(async () => {
    const { buildNative } = await import("./build-native.mjs");
    await buildNative();
  });
  const runtime = `-print-file-name=${threads ? "libtsan.so" : "libasan.so"}`;
  return exitCodeOf(
    process.execPath,
    [rootPath("node_modules/vitest/vitest.mjs"), "run", ...vitestArgs],
    {
      env: {
        ...environment,
        // Node itself keeps memory to its end.
        ASAN_OPTIONS: "detect_leaks=0:alloc_dealloc_mismatch=0",
        TSAN_OPTIONS: "report_bugs=1:ignore_noninstrumented_modules=1",
        LD_PRELOAD: execFileSync("g++", [runtime], { encoding: "utf8" }).trim(),
        GPUDATAFRAME_ADDON_DIRECTORY: rootPath(`build/native-${suffix}`),
      },
    },
  );
}
