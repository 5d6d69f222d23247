// The executors of this machine: the reference, the addon once for every instruction set that is built and runs here,
// and every adapter. What is absent is said aloud, once, with its reason.
import { existsSync } from "node:fs";
import type { Executor } from "../../src/device/index.ts";
import { ReferenceExecutor } from "../../src/device/reference/index.ts";
import type { DType } from "../../src/dtype/index.ts";
import { type Operation, SUPPORTED, type Support } from "../../src/physical/index.ts";

export interface TestExecutor {
  /** "reference", "cpu avx512", "gpu:0 llvmpipe". */
  readonly name: string;
  readonly executor: Executor;
  readonly supports: (operation: Operation, inputs: readonly (readonly DType[])[]) => Support;
}

let opened: Promise<readonly TestExecutor[]> | undefined;

/**
 * Opened once a process. GDF_EXECUTORS, a comma-separated list of prefixes ("cpu", "gpu:0"), leaves out the others.
 */
export function executorsUnderTest(): Promise<readonly TestExecutor[]> {
  opened ??= openAll();
  return opened;
}

async function openAll(): Promise<readonly TestExecutor[]> {
  const wanted = process.env.GDF_EXECUTORS?.split(",");
  const isWanted = (kind: string) =>
    wanted === undefined || wanted.some((prefix) => prefix.startsWith(kind));
  const executors: TestExecutor[] = [
    { name: "reference", executor: new ReferenceExecutor(), supports: () => SUPPORTED },
    ...(isWanted("cpu") ? await openCpu() : []),
    ...(isWanted("gpu") ? await openGpus() : []),
  ];
  return executors.filter(
    ({ name }) => wanted === undefined || wanted.some((prefix) => name.startsWith(prefix)),
  );
}

async function openCpu(): Promise<TestExecutor[]> {
  const path = new URL("../../src/device/cpu/index.ts", import.meta.url);
  if (!existsSync(path)) return absent("cpu", "src/device/cpu/index.ts does not exist yet");
  const { availableIsas, CpuExecutor, cpuSupports } = await import(path.href);
  const isas: string[] = availableIsas();
  if (isas.length === 0) return absent("cpu", "no addon is built; run npm run build:native");
  return isas.map((isa) => ({
    name: `cpu ${isa}`,
    executor: CpuExecutor.open({ isa }),
    supports: cpuSupports,
  }));
}

async function openGpus(): Promise<TestExecutor[]> {
  const path = new URL("../../src/device/gpu/index.ts", import.meta.url);
  if (!existsSync(path)) return absent("gpu", "src/device/gpu/index.ts does not exist yet");
  const { listAdapters, GpuExecutor, gpuSupports } = await import("../../src/device/gpu/index.ts");
  const adapters = await listAdapters();
  if (adapters.length === 0) return absent("gpu", "no adapter is found");
  return Promise.all(
    adapters.map(async (adapter) => ({
      name: `${adapter.descriptor.id} ${adapter.descriptor.name}`,
      executor: await GpuExecutor.open(adapter),
      supports: gpuSupports,
    })),
  );
}

/**
 * The cases that an executor takes. A program compiles once a case, which costs software adapters up to a second: there
 * the adapters share the cases in turn, so that each case runs on one of them. GDF_EVERY_ADAPTER=1 runs all on all.
 */
export function casesFor<T>(
  executor: TestExecutor,
  executors: readonly TestExecutor[],
  cases: readonly T[],
): readonly T[] {
  const adapters = executors.filter(({ executor: { descriptor } }) => descriptor.kind === "gpu");
  const turn = adapters.indexOf(executor);
  if (turn < 0 || adapters.length < 2 || process.env.GDF_EVERY_ADAPTER === "1") return cases;
  const share = cases.filter((_, index) => index % adapters.length === turn);
  return share.length > 0 ? share : cases;
}

function absent(what: string, reason: string): [] {
  console.warn(`LATTICE: no ${what} executor is tested: ${reason}`);
  return [];
}
