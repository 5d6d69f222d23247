// Brings a clone to the state in which it can run: dependencies, compiled TypeScript, addon. Only
// what is stale is done. Needs nothing but Node.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { withBuildLock } from "./lock.mjs";
import { rootPath } from "./paths.mjs";
import { run } from "./run-process.mjs";

export async function ensureDependencies() {
  if (dependenciesAreCurrent()) return;
  console.error("installing dependencies (npm ci --ignore-scripts)");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  await run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    shell: process.platform === "win32",
  });
}

/** The installed tree is current when it holds every locked package in its locked version. */
function dependenciesAreCurrent() {
  const installedPath = rootPath("node_modules/.package-lock.json");
  if (!existsSync(installedPath)) return false;
  const { packages: locked } = JSON.parse(readFileSync(rootPath("package-lock.json"), "utf8"));
  const { packages: installed } = JSON.parse(readFileSync(installedPath, "utf8"));
  return Object.entries(locked).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

export async function ensureTypeScript() {
  if (!existsSync(rootPath("src/index.ts"))) return;
  await whenChanged(
    "dist",
    ["src", "tsconfig.json", "tsconfig.build.json"],
    "dist/index.js",
    async () => {
      const { buildTypeScript } = await import("./build-ts.mjs");
      await buildTypeScript();
    },
  );
}

/** Without a compiler the engine still runs, on its reference executor: say so and go on. */
export async function ensureNative() {
  const inputs = ["native", "CMakeLists.txt", "scripts/build-native.mjs"];
  await whenChanged(
    `native-${process.env.GDF_ISAS ?? "default"}`,
    inputs,
    "build/native",
    async () => {
      const { buildNative } = await import("./build-native.mjs");
      try {
        await buildNative();
      } catch (error) {
        if (process.env.CI) throw error;
        console.error(`the native addon was not built: ${error.message}`);
        console.error("it needs CMake 3.20 and a C++20 compiler; going on without it");
      }
    },
  );
}

/** Runs `build` unless the content of the inputs is what the last successful run saw. */
async function whenChanged(name, inputs, output, build) {
  const stampPath = rootPath(`build/stamps/${name}`);
  const digest = contentDigest(inputs);
  if (
    existsSync(rootPath(output)) &&
    existsSync(stampPath) &&
    readFileSync(stampPath, "utf8") === digest
  )
    return;
  await build();
  mkdirSync(rootPath("build/stamps"), { recursive: true });
  writeFileSync(stampPath, digest);
}

function contentDigest(inputs) {
  const hash = createHash("sha256").update(process.version);
  for (const path of inputs.flatMap(filesUnder).sort()) {
    hash.update(`${path}\0`).update(readFileSync(rootPath(path)));
  }
  return hash.digest("hex");
}

function filesUnder(path) {
  if (!existsSync(rootPath(path))) return [];
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(rootPath(path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(rootPath(".").length));
}

export async function ensureAll() {
  await withBuildLock(async () => {
    await ensureDependencies();
    await ensureNative();
    await ensureTypeScript();
  });
}

if (import.meta.filename === process.argv[1]) await ensureAll();
