// A program: workers that are ended while calls of theirs run and others wait for a thread. Its argument is the addon's
// path. Writes what the addon still does and holds afterwards, as JSON.
import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { NativeAddon } from "../../src/device/cpu/index.ts";
import { allEnd } from "./native_usage.ts";

const WORKERS = 8;
/** A sort of so many rows takes longer than a worker takes to end. */
const ROWS = 1 << 20;
const CALLS = 6;

const [path = ""] = process.argv.slice(2);

const worker = `
  const { parentPort, workerData: { path, rows, calls } } = require("node:worker_threads");
  const native = require(path);
  const values = Int32Array.from({ length: rows }, (_, row) => Math.imul(row, 0x9e3779b1));
  const column = { storage: 5, length: rows, nullCount: 0, validity: null, values };
  const run = native.newRun(1);
  // Columns that were not all taken, and some that no call has read.
  const short = { ...column, length: 5000, values: values.slice(0, 5000) };
  const keys = Int32Array.of(0, 0, 0);
  const sorted = native.sort(Array(100).fill(short), 100, 5000, keys, -1, run);
  globalThis.left = sorted.then(({ columns }) => {
    globalThis.taken = native.takeColumns(columns, 30);
    globalThis.views = native.newViews();
    native.addViews(globalThis.views, [globalThis.taken[0], short]);
    begin();
    return columns;
  });
  const begin = () => {
  for (let call = 0; call < calls; call++) native.sort([column], 1, rows, Int32Array.of(0, 0, 0), -1, run);
  parentPort.postMessage("begun");
  };
`;

const native = createRequire(import.meta.url)(path) as NativeAddon;
let begun = 0;
for (let round = 0; round < WORKERS; round++) {
  const workerData = { path, rows: ROWS, calls: CALLS };
  const ending = new Worker(worker, { eval: true, workerData });
  await once(ending, "message");
  begun += native.usage().jobs > 0 ? 1 : 0;
  await ending.terminate();
}
await allEnd(native);
process.stdout.write(JSON.stringify({ begun, ...native.usage() }));
