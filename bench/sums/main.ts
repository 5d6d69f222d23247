// npm run bench -- sums [turns]: the exact sum of doubles beside a naive one, for every instruction set that is built and
// that this machine runs. What is measured is sums.cc; here it is built, by the addon's CMake project, and run.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = fileURLToPath(new URL("../../build/bench", import.meta.url));
const headers = createRequire(import.meta.url)("node-api-headers") as {
  readonly include_dir: string;
};
const sets = process.arch === "x64" ? ["baseline", "avx2", "avx512"] : ["baseline"];
const targets = sets.map((isa) => `gdf_bench_sums_${isa}`);

run("cmake", [
  "-S",
  root,
  "-B",
  folder,
  "-DCMAKE_BUILD_TYPE=Release",
  `-DGDF_ISAS=${sets.join(",")}`,
  `-DCMAKE_JS_INC=${headers.include_dir}`,
]);
run("cmake", ["--build", folder, "--parallel", "2", "--target", ...targets]);
for (const target of targets) run(`${folder}/native/${target}`, process.argv.slice(2));

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
