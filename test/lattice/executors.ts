// The executors of this machine: the reference, the addon once for every instruction set that is built and runs here,
// and every adapter. What is absent is said aloud, once, with its reason.
import { existsSync } from "node:fs";
import type { Executor } from "../../src/device/index.ts";
import { ReferenceExecutor } from "../../src/device/reference/index.ts";
import type { DType } from "../../src/dtype/index.ts";
import { type Operation, SUPPORTED, type Support } from "../../src/physical/index.ts";
import { turnsOf } from "./adapter_turns.ts";

export interface TestExecutor {
  /** "reference", "cpu avx512", "gpu:0 llvmpipe". */
  readonly name: string;
  readonly executor: Executor;
  readonly supports: (operation: Operation, inputs: readonly (readonly DType[])[]) => Support;
}

export interface ExecutorOptions {
  /** Bits of hashes that count; with 0 all collide. The addon reads it when it is loaded: it holds for the process. */
  readonly hashMask?: number;
}

let opened: Promise<readonly TestExecutor[]> | undefined;

/**
 * Opened once a process, by the first call. GDF_EXECUTORS, a comma-separated list of prefixes ("cpu", "gpu:0"), leaves out
 * the others.
 */
export function executorsUnderTest(
  options: ExecutorOptions = {},
): Promise<readonly TestExecutor[]> {
  opened ??= openAll(options);
  return opened;
}

async function openAll(options: ExecutorOptions): Promise<readonly TestExecutor[]> {
  if (options.hashMask !== undefined) {
    process.env.GPUDATAFRAME_TEST_HASH_MASK = String(options.hashMask);
  }
  const wanted = process.env.GDF_EXECUTORS?.split(",");
  const isWanted = (kind: string) =>
    wanted === undefined || wanted.some((prefix) => prefix.startsWith(kind));
  const executors: TestExecutor[] = [
    { name: "reference", executor: new ReferenceExecutor(), supports: () => SUPPORTED },
    ...(isWanted("cpu") ? await openCpu() : []),
    ...(isWanted("gpu") ? await openGpus(options) : []),
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

async function openGpus(options: ExecutorOptions): Promise<TestExecutor[]> {
  const path = new URL("../../src/device/gpu/index.ts", import.meta.url);
  if (!existsSync(path)) return absent("gpu", "src/device/gpu/index.ts does not exist yet");
  const { listAdapters, GpuExecutor, gpuSupports } = await import("../../src/device/gpu/index.ts");
  const adapters = await listAdapters();
  if (adapters.length === 0) return absent("gpu", "no adapter is found");
  return Promise.all(
    adapters.map(async (adapter) => ({
      name: `${adapter.descriptor.id} ${adapter.descriptor.name}`,
      executor: await GpuExecutor.open(adapter, options),
      supports: gpuSupports,
    })),
  );
}

/**
 * The cases that an executor takes. The addon takes all, with every instruction set. Adapters, which are slow where they
 * are software, share them (`adapter_turns.ts`): each case runs on one of them, or of `everyNth` cases one. The reference executor takes one in
 * eight: it is what all are compared with, and only its interface is tested. GDF_LATTICE=full runs all on all.
 */
export function casesFor<T>(
  executor: TestExecutor,
  executors: readonly TestExecutor[],
  cases: readonly T[],
  everyNth = 1,
): readonly T[] {
  if (process.env.GDF_LATTICE === "full") return cases;
  if (executor.name === "reference") return share(cases, 8, (turn) => turn === 0);
  const adapters = executors.filter(({ executor: { descriptor } }) => descriptor.kind === "gpu");
  const adapter = adapters.indexOf(executor);
  if (adapter < 0) return cases;
  const turns = turnsOf(adapters.map(({ name }) => name));
  return share(cases, turns.length * everyNth, (turn) => turns[turn] === adapter);
}

/**
 * The cases of some of `count` turns. Which turn a case has is mixed, because tables repeat with short periods: one after the
 * other, one adapter would have all inner joins and the other all full ones.
 */
function share<T>(
  cases: readonly T[],
  count: number,
  isTaken: (turn: number) => boolean,
): readonly T[] {
  const mixed = (index: number) => (Math.imul(index + 1, 0x9e3779b1) >>> 15) % count;
  const taken = cases.filter((_, index) => isTaken(mixed(index)));
  return taken.length > 0 ? taken : cases;
}

function absent(what: string, reason: string): [] {
  console.warn(`LATTICE: no ${what} executor is tested: ${reason}`);
  return [];
}
