// Ctrl-C ends the query, and then the process: a process that just ends leaves its files behind.

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that a first signal cancels. When the work has let go of what it holds, the process ends by that signal, as its
 * caller expects; a second signal does not wait for that.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let caught: NodeJS.Signals | null = null;
  const stop = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  const interrupt = (name: NodeJS.Signals) => {
    caught = name;
    stop();
    controller.abort(name);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    stop();
    if (caught !== null) process.kill(process.pid, caught);
  }
}
