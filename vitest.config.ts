import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { vulkanEnvironment } from "./scripts/vulkan-environment.mjs";
import { LongestFirst } from "./test/longest_first.ts";

// Before the workers start, which inherit it: the linker reads LD_LIBRARY_PATH once.
Object.assign(process.env, vulkanEnvironment());

// llvmpipe takes longer to optimize a shader of these tests than to run it unoptimized.
process.env.GALLIVM_PERF ??= "nopt";

// Costs that other processes measured on this machine would choose other devices.
process.env.GPUDATAFRAME_CACHE ??= fileURLToPath(new URL("./build/test-cache", import.meta.url));

// New memory of the addon holds anything: the same anything in every run, and nothing that passes for a result.
process.env.GPUDATAFRAME_TEST_FILL ??= "0xA5";

const sourceEntry = fileURLToPath(new URL("./src/index.ts", import.meta.url));

const resolve = { alias: { gpudataframe: sourceEntry } };

/**
 * Files that may follow one another in a process: they neither change it (its environment, its devices, the addon's hash
 * mask) nor measure it (its memory, its event loop), nor lose devices on purpose. A process of their own costs each two
 * seconds of imports; those of the lattice also share their adapters' pipelines, which take long to compile.
 */
const SHARED = [
  "test/{aggregate,base,codegen,column,dtype,exchange,expr,frame,function}/*.test.ts",
  "test/{math,optimizer,plan,scheduler,text,types}/*.test.ts",
  "test/lattice/!(collisions).test.ts",
  "test/csv/!(scale).test.ts",
  "test/cpu/{parse,large,text_functions,dictionary_operations}.test.ts",
  "test/cli/{capabilities,progress_bar}.test.ts",
  "test/execution/{chosen_columns,concurrency,device_queue,session_options,sharing,slow_device,stream}.test.ts",
  "test/execution/memory/host_memory.test.ts",
  "test/gpu/{float,integer}.test.ts",
  "test/gpu_operators/*.test.ts",
  "test/architecture.test.ts",
];

const common = {
  setupFiles: ["test/setup.ts"],
  // Dawn keeps state for the life of the process and a driver can crash: in processes, not threads.
  pool: "forks" as const,
  // Software adapters compile some pipelines for tens of seconds on a busy machine.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  resolve,
  test: {
    globalSetup: ["test/run_folder.ts", "test/worker_deaths.ts"],
    // Two, because software adapters already use every core.
    maxWorkers: 2,
    teardownTimeout: 10_000,
    reporters: ["default"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        test: { ...common, name: "isolated", include: ["test/**/*.test.ts"], exclude: SHARED },
      },
      { resolve, test: { ...common, name: "shared", include: SHARED, isolate: false } },
    ],
  },
});
