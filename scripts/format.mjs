// npm run format [PATH...]: rewrites TypeScript, JSON and C++ in the project's format.
import { formatCpp } from "./clang-format.mjs";
import { rootPath } from "./paths.mjs";
import { runNode } from "./run-process.mjs";

const paths = process.argv.slice(2);
await runNode([rootPath("node_modules/@biomejs/biome/bin/biome"), "check", "--write", ...paths]);
if (paths.length === 0) await formatCpp();
