// Formats the C++ sources, or says which are not formatted. The npm package `clang-format` carries
// binaries for x64 only; elsewhere the check is skipped and says so.
import { existsSync, readdirSync } from "node:fs";
import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

const platforms = { linux: "linux_x64", darwin: "darwin_x64", win32: "win32" };

export const clangFormatIsClean = () => clangFormat("--dry-run", "--Werror");
export const formatCpp = () => clangFormat("-i");

async function clangFormat(...args) {
  const binary = rootPath(
    `node_modules/clang-format/bin/${platforms[process.platform]}/clang-format${process.platform === "win32" ? ".exe" : ""}`,
  );
  if (process.arch !== "x64" || !existsSync(binary)) {
    console.log(`skipped: no clang-format for ${process.platform}-${process.arch}`);
    return true;
  }
  const sources = cppSources();
  if (sources.length === 0) return true;
  return (await exitCodeOf(binary, [...args, ...sources])) === 0;
}

const cppSources = () =>
  readdirSync(rootPath("native"), { recursive: true })
    .filter((path) => /\.(cc|h)$/.test(path))
    .map((path) => `native/${path}`);
