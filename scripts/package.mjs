// npm run package: the tarball that is published, with the addon of this platform inside, for every
// instruction set. Modules of other platforms that are already in prebuilds/ travel along.
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { rootPath } from "./paths.mjs";
import { run } from "./run-process.mjs";

process.env.GDF_ISAS = "all";
const { ensureAll } = await import("./ensure.mjs");

rmSync(rootPath("dist"), { recursive: true, force: true });
await ensureAll();

const prebuilds = rootPath(`prebuilds/${process.platform}-${process.arch}`);
mkdirSync(prebuilds, { recursive: true });
for (const name of readdirSync(rootPath("build/native")).filter((file) => file.endsWith(".node"))) {
  cpSync(rootPath(`build/native/${name}`), `${prebuilds}/${name}`);
}
await run("npm", ["pack", "--pack-destination", rootPath("build")], {
  shell: process.platform === "win32",
});
