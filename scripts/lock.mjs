// One build at a time: ninja and tsc do not protect their output folders from each other.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { rootPath } from "./paths.mjs";

export async function withBuildLock(body) {
  const path = rootPath("build/.lock");
  mkdirSync(rootPath("build"), { recursive: true });
  for (let told = false; !tryTake(path); told = true) {
    if (!told) console.error("waiting for another build of this folder");
    await sleep(250);
  }
  try {
    return await body();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isHeld(path)) rmSync(path, { force: true });
  return false;
}

function isHeld(path) {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    if (pid === 0) return true; // being written right now
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
