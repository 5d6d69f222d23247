// A program: the same query on the main thread and in two workers at once, each with a device of its own of one adapter.
// Writes a hash of the result's bits for each, as JSON.
import { createHash } from "node:crypto";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { listAdapters } from "../../src/device/gpu/index.ts";
import { Runner, resolveOptions } from "../../src/execution/index.ts";
import { col, count } from "../../src/expr/index.ts";
import { frameFromColumns } from "../../src/frame/index.ts";
import { slowDawnDown } from "../dawn_polling.ts";

slowDawnDown();

const ROWS = 5000;

/** Float sums, whose rounding any other order of additions would show. */
async function resultBits(): Promise<string> {
  const id = (await listAdapters()).at(-1)?.descriptor.id ?? "";
  const runner = new Runner(resolveOptions({ engine: "gpu", devices: [id] }));
  await runner.open();
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const facts = frameFromColumns(runner, {
    k: Int32Array.from(rows, (row) => (row * 7919) % 97),
    x: Float64Array.from(rows, (row) => Math.sin(row) * 10 ** (row % 9)),
  });
  const query = facts
    .filter(col("x").gt(-1e6))
    .groupBy("k")
    .agg({ n: count(), sum: col("x").sum() });
  const profile = await query.profile({ strict: true });
  const hash = createHash("sha256").update(profile.tasks.map(({ device }) => device).join());
  for (const name of profile.table.columnNames) {
    const { values } = profile.table.column(name);
    if (!ArrayBuffer.isView(values)) throw new Error(`${name} holds numbers`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  await runner.close();
  return hash.digest("hex");
}

if (isMainThread) {
  const inWorker = () =>
    new Promise<string>((resolve, reject) => {
      // Workers do not inherit the loader of TypeScript.
      const [loader, program] = [import.meta.resolve("tsx/esm/api"), import.meta.url];
      const code = `import("${loader}").then(({ register }) => (register(), import("${program}")))`;
      const worker = new Worker(code, { eval: true });
      let bits = "";
      worker.on("message", (message: string) => {
        bits = message;
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve(bits));
    });
  const [main, ...workers] = await Promise.all([resultBits(), inWorker(), inWorker()]);
  process.stdout.write(JSON.stringify({ main, workers }));
} else {
  parentPort?.postMessage(await resultBits());
}
