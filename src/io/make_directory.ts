// A directory, with those above it.

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Of this user alone where it is new. Not mkdir's `recursive`: below a directory that takes none, as /proc, Node.js then
 * tries for ever. @throws the system's error
 */
export async function makeDirectory(path: string): Promise<void> {
  const missing = await made(path);
  if (!missing) return;
  if (dirname(path) === path) throw missing;
  await makeDirectory(dirname(path));
  const still = await made(path);
  if (still) throw still;
}

/** The error that says that what is above it is missing; null: it is there. */
async function made(path: string): Promise<Error | null> {
  try {
    await mkdir(path, { mode: 0o700 });
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return null;
    if (code !== "ENOENT") throw error;
    return error as Error;
  }
}
