// One session an engine: the reference, the CPU, and one adapter (llvmpipe where it is: it compiles fastest).

import gpuDataFrame, { type Session, type SessionOptions } from "gpudataframe";
import { afterAll, beforeAll, describe } from "vitest";

const gpus = (await gpuDataFrame.devices()).filter(({ kind }) => kind === "gpu");
const gpu = gpus.find(({ name }) => name.includes("llvmpipe")) ?? gpus[0];
if (gpu === undefined) console.warn("ENGINES: no gpu session is tested: no adapter is found");

const ENGINES: readonly SessionOptions[] = [
  { engine: "reference" },
  { engine: "cpu" },
  ...(gpu === undefined ? [] : [{ engine: "gpu" as const, devices: [gpu.id, "cpu"] }]),
];

/** Declares the tests once an engine. The session is there inside of tests. */
export function onEachEngine(declare: (session: () => Session) => void): void {
  describe.each(ENGINES)("$engine", (options) => {
    let session: Session;
    beforeAll(async () => {
      session = await gpuDataFrame.session(options);
    });
    afterAll(() => session.close());
    declare(() => session);
  });
}
