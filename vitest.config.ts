import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { vulkanEnvironment } from "./scripts/vulkan-environment.mjs";

// Before the workers start, which inherit it: the linker reads LD_LIBRARY_PATH once.
Object.assign(process.env, vulkanEnvironment());

// llvmpipe takes longer to optimize a shader of these tests than to run it unoptimized.
process.env.GALLIVM_PERF ??= "nopt";

// Costs that other processes measured on this machine would choose other devices.
process.env.GPUDATAFRAME_CACHE ??= fileURLToPath(new URL("./build/test-cache", import.meta.url));

const sourceEntry = fileURLToPath(new URL("./src/index.ts", import.meta.url));

export default defineConfig({
  resolve: { alias: { gpudataframe: sourceEntry } },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    globalSetup: ["test/worker_deaths.ts"],
    // dawn.node keeps state for the life of the process and crashes are possible in a driver: one
    // process per worker keeps a crash inside one file. Two workers, because software adapters
    // already use every core.
    pool: "forks",
    maxWorkers: 2,
    // Software adapters compile some pipelines for tens of seconds on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 10_000,
    reporters: ["default"],
  },
});
