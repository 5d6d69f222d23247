// A program: workers that are ended while queries of theirs have spilled. Its argument is the spill directory. Writes, for
// each, how many files were there and what is left, as JSON.
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { col, Session } from "../../../src/index.ts";

const WORKERS = 3;
const ROWS = 400_000;

async function spillForEver(): Promise<void> {
  const session = new Session({ engine: "cpu", hostMemory: "2MiB", spillDirectory: workerData });
  const frame = session
    .fromColumns({ x: Float64Array.from({ length: ROWS }, (_, row) => (row * 7919) % ROWS) })
    .withColumns({ y: col("x").mul(2) });
  const onProgress = () => {
    if (session.memory().some(({ spilled }) => spilled > 0)) parentPort?.postMessage("spilled");
  };
  for (;;) await frame.sort("y").count({ onProgress });
}

if (isMainThread) {
  const [, , directory = ""] = process.argv;
  const ends: { files: number; left: string[] }[] = [];
  for (let count = 0; count < WORKERS; count++) {
    // Workers do not inherit the loader of TypeScript.
    const [loader, program] = [import.meta.resolve("tsx/esm/api"), import.meta.url];
    const code = `import("${loader}").then(({ register }) => (register(), import("${program}")))`;
    const worker = new Worker(code, { eval: true, workerData: directory });
    await once(worker, "message");
    const files = readdirSync(directory, { recursive: true }).length;
    await worker.terminate();
    ends.push({ files, left: readdirSync(directory) });
  }
  process.stdout.write(JSON.stringify(ends));
} else {
  await spillForEver();
}
