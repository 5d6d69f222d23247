// The directory of one session's spill files, and the end of those whose process is gone.
//
//   <spillDirectory>/gpudataframe-<host>-<pid>-<start>-<random>/     0700
//       <number>                                                     0600, see spill_files.ts
//
// `start` tells a process from a later one that got the same pid.

import { readFileSync, rmSync } from "node:fs";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { FileError } from "../../base/index.ts";
import type { Executor } from "../../device/index.ts";
import { makeDirectory } from "../../io/index.ts";

const PREFIX = "gpudataframe";
const NAME = /^gpudataframe-(.+)-(\d+)-(\d+)-[^-]+$/;

/** Where spill files lie unless an option says so: a directory of the user's own. */
export function defaultSpillDirectory(): string {
  return join(tmpdir(), `${PREFIX}-spill-${userInfo().uid}`);
}

/** Directories of this thread, removed when it ends, if not before. */
const open = new Set<string>();

/** What is told of them: of a worker that is terminated the process says nothing. */
export type ThreadEnd = Pick<Executor, "removeAtEnd">;

function removeAtExit(): void {
  for (const path of open) rmSync(path, { recursive: true, force: true });
}

/** A new directory for a session. @throws FileError */
export async function createSpillDirectory(base: string, end: ThreadEnd = {}): Promise<string> {
  const parent = resolve(base);
  const prefix = join(parent, `${PREFIX}-${safeHost()}-${process.pid}-${ownStart()}-`);
  try {
    await makeDirectory(parent);
    await requireOwn(parent);
    // mkdtemp makes it with mode 0700, and fails rather than take what is there.
    const path = await mkdtemp(prefix);
    if (open.size === 0) process.once("exit", removeAtExit);
    open.add(path);
    end.removeAtEnd?.([...open]);
    return path;
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`cannot make a spill directory in ${parent}`, {
      path: parent,
      cause: error,
      hint: "Set `spillDirectory` to a directory that this user may write to.",
    });
  }
}

export async function removeSpillDirectory(path: string, end: ThreadEnd = {}): Promise<void> {
  await rm(path, { recursive: true, force: true });
  open.delete(path);
  end.removeAtEnd?.([...open]);
  if (open.size === 0) process.removeListener("exit", removeAtExit);
}

/** Removes what processes of this machine that are gone have left. Gives the names; never rejects. */
export async function sweepSpillDirectories(base: string): Promise<readonly string[]> {
  const swept: string[] = [];
  const names = await readdir(base).catch(() => []);
  for (const name of names) {
    const [, host, pid, start] = NAME.exec(name) ?? [];
    if (host !== safeHost() || isAlive(Number(pid), Number(start))) continue;
    // Another session may sweep at the same time, or the directory may be another user's.
    const removed = await rm(join(base, name), { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (removed) swept.push(name);
  }
  return swept;
}

/** The default lies where everybody may write: nobody else may have put a directory, or a link, in its place. */
async function requireOwn(path: string): Promise<void> {
  if (path !== defaultSpillDirectory()) return;
  const { uid } = userInfo();
  const found = await lstat(path);
  if (found.isDirectory() && (uid < 0 || (found.uid === uid && (found.mode & 0o077) === 0))) return;
  throw new FileError(`${path} is not a directory of this user alone`, {
    path,
    hint: "Remove it, or set `spillDirectory`.",
  });
}

function safeHost(): string {
  return hostname().replaceAll(/[^\w.]/g, "_");
}

let start: number | null = null;

function ownStart(): number {
  start ??= startOf(process.pid) ?? Math.round(Date.now() - process.uptime() * 1000);
  return start;
}

/** Where the system does not tell when a process started, one with that pid counts as the same. */
function isAlive(pid: number, started: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and another user's.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const found = startOf(pid);
  return found === null || found === started;
}

/** In clock ticks since the machine started: field 22 of /proc/<pid>/stat (proc(5)). Null elsewhere than on Linux. */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[19]);
  } catch {
    return null;
  }
}
