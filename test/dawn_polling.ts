// Dawn looks for what its devices have finished in turns of setImmediate, one after the other for as long as anything is
// under way: that takes a whole core, and software adapters compile and run shaders on these same cores. In tests each of
// its turns sleeps first. Dawn fetches setImmediate from the global object at every turn, so it can be exchanged there.

const SLEEP_MS = 0.25;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

type Callback = (...args: unknown[]) => void;

/** Idempotent: test files that share a process exchange it once. */
export function slowDawnDown(): void {
  const turn = globalThis.setImmediate;
  if ("slowsDawn" in turn) return;
  const slower = (callback: Callback, ...args: unknown[]): NodeJS.Immediate =>
    isDawns(callback)
      ? turn(() => {
          Atomics.wait(sleeper, 0, 0, SLEEP_MS);
          callback();
        })
      : turn(callback, ...args);
  globalThis.setImmediate = Object.assign(slower, turn, { slowsDawn: true });
}

/** An anonymous function of an addon. That of a promise's `resolve`, native too, has a parameter. */
function isDawns(callback: Callback): boolean {
  return (
    callback.length === 0 &&
    callback.name === "" &&
    Function.prototype.toString.call(callback).endsWith("{ [native code] }")
  );
}
