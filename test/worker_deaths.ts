// Runs in vitest's own process, whose "Worker exited unexpectedly" says neither how nor where: prints the signal or exit
// code of a test worker that ended by itself, the most memory it was seen with, and the random case it was at.

import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync, rmSync } from "node:fs";
import { caseNotePath } from "./fuzz/case_note.ts";

const POLL_MS = 5000;

export default function reportWorkerDeaths(): () => void {
  const onProcess = (message: unknown) => watch((message as { process: ChildProcess }).process);
  subscribe("child_process", onProcess);
  return () => {
    unsubscribe("child_process", onProcess);
  };
}

function watch(child: ChildProcess): void {
  let peak = "unknown";
  const look = () => {
    peak = peakMemory(child.pid) ?? peak;
  };
  const poll = setInterval(look, POLL_MS).unref();
  child.on("spawn", look);
  child.on("exit", (code, signal) => {
    clearInterval(poll);
    const note = takeCaseNote(child.pid);
    // Vitest ends its workers by a signal of its own, which `killed` tells.
    if (child.killed || code === 0) return;
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    console.error(
      `WORKER DIED: process ${child.pid} ended ${how}; peak memory ${peak}; at ${note ?? "no random case"}. ` +
        "SIGKILL without anybody's doing is the kernel's out-of-memory killer: see dmesg.",
    );
  });
}

/** Linux only; the last value seen while it lived. */
function peakMemory(pid: number | undefined): string | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^VmHWM:\s*(.*)$/m.exec(status)?.[1] ?? null;
  } catch {
    return null;
  }
}

function takeCaseNote(pid: number | undefined): string | null {
  if (pid === undefined) return null;
  try {
    const path = caseNotePath(pid);
    const note = readFileSync(path, "utf8");
    rmSync(path);
    return note;
  } catch {
    return null;
  }
}
