// Measured costs on disk, one file a device, so that a device is measured once a machine. Named by all that the device
// says of itself: another driver, another thread count or another instruction set is another device.

import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, unlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeDirectory } from "../../io/index.ts";
import type { DeviceCosts, DeviceDescriptor } from "../../physical/index.ts";
import { isCosts } from "./calibrate.ts";

/** Raised when what is measured or its units change. */
const VERSION = 1;

/** GPUDATAFRAME_CACHE, else XDG_CACHE_HOME/gpudataframe, else ~/.cache/gpudataframe. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  if (environment.GPUDATAFRAME_CACHE) return environment.GPUDATAFRAME_CACHE;
  const base = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "gpudataframe");
}

/** Null where there is no file, or none that makes sense. */
export async function loadCosts(
  directory: string,
  descriptor: DeviceDescriptor,
): Promise<DeviceCosts | null> {
  try {
    const text = await readFile(pathOf(directory, descriptor), "utf8");
    const costs: unknown = JSON.parse(text, (_, value: unknown) =>
      value === "infinite" ? Number.POSITIVE_INFINITY : value,
    );
    return isCosts(costs) ? costs : null;
  } catch {
    return null;
  }
}

/** Written beside and renamed: a reader never sees half a file. A directory that cannot be written costs nothing. */
export async function saveCosts(
  directory: string,
  descriptor: DeviceDescriptor,
  costs: DeviceCosts,
): Promise<void> {
  const path = pathOf(directory, descriptor);
  const text = JSON.stringify(costs, (_, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? "infinite" : value,
  );
  const temporary = `${path}.${randomUUID()}`;
  try {
    await makeDirectory(directory);
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch {
    // The next session measures again.
    await unlink(temporary).catch(() => {});
  }
}

function pathOf(directory: string, descriptor: DeviceDescriptor): string {
  const { kind, name, vendor, isa, threads, features, limits } = descriptor;
  const identity = JSON.stringify([VERSION, kind, name, vendor, isa, threads, features, limits]);
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 24);
  return join(directory, `costs-${hash}.json`);
}
