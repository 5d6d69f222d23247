// Makes software Vulkan drivers reachable for tests and demos on a machine without a GPU.
//
// SwiftShader comes inside an npm package, with a Vulkan loader of its own, so nothing needs to be
// installed. dawn.node opens libvulkan.so.1 when its module is loaded, and the dynamic linker reads
// LD_LIBRARY_PATH only when a process starts: the variables must be set on the child process.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { rootPath } from "./paths.mjs";
import { readTar } from "./tar.mjs";

const cacheDirectory = rootPath("node_modules/.cache/gpudataframe");

// By path: the package exports neither its manifest nor its archive.
const packageDirectory = rootPath("node_modules/@sparticuz/chromium");

const systemLoaders = [
  "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
  "/usr/lib/aarch64-linux-gnu/libvulkan.so.1",
  "/usr/lib64/libvulkan.so.1",
  "/usr/lib/libvulkan.so.1",
];

/** Unpacks SwiftShader once; gives the folder, or null where the package has none for this platform. */
export function unpackSwiftShader() {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  if (!existsSync(packageDirectory)) return null;
  const archive = join(packageDirectory, "bin/swiftshader.tar.br");
  const { version } = JSON.parse(readFileSync(join(packageDirectory, "package.json"), "utf8"));
  const directory = join(cacheDirectory, `swiftshader-${version}`);
  if (existsSync(directory)) {
    nameLibrary(directory, realpathSync(directory));
    return directory;
  }
  // Unpacked beside and renamed, so that two processes starting together never see half of it.
  const partial = `${directory}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  for (const entry of readTar(brotliDecompressSync(readFileSync(archive)))) {
    if (!/vulkan|vk_swiftshader/.test(entry.name)) continue;
    writeFileSync(join(partial, entry.name), entry.bytes, { mode: 0o755 });
  }
  const target = join(realpathSync(cacheDirectory), `swiftshader-${version}`);
  nameLibrary(partial, target);
  try {
    renameSync(partial, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
    rmSync(partial, { recursive: true });
  }
  return directory;
}

/**
 * Writes the library's path into the manifest: the packed one is relative to itself, which loaders read differently, and an
 * older one goes nowhere when node_modules was moved or reached through a link. Replaced whole: other processes may read it.
 */
function nameLibrary(folder, target) {
  const manifest = join(folder, "vk_swiftshader_icd.json");
  const icd = JSON.parse(readFileSync(manifest, "utf8"));
  const library = join(target, "libvk_swiftshader.so");
  if (icd.ICD.library_path === library) return;
  icd.ICD.library_path = library;
  writeFileSync(`${manifest}.${process.pid}`, JSON.stringify(icd));
  renameSync(`${manifest}.${process.pid}`, manifest);
}

/**
 * The environment for a child process that shall see software adapters beside the real ones.
 * SwiftShader is added to what the loader finds by itself; a user's own choice of drivers wins.
 */
export function vulkanEnvironment(environment = process.env) {
  const directory = unpackSwiftShader();
  if (directory === null) return environment;
  const added = { ...environment };
  added.VK_ADD_DRIVER_FILES ??= join(directory, "vk_swiftshader_icd.json");
  if (!systemLoaders.some((path) => existsSync(path))) {
    added.LD_LIBRARY_PATH = [directory, environment.LD_LIBRARY_PATH].filter(Boolean).join(":");
  }
  return added;
}
