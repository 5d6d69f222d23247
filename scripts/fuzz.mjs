// npm run fuzz: the random tests (test/fuzz) with a long run and a fresh, printed seed.

import { rootPath } from "./paths.mjs";
import { exitCodeOf } from "./run-process.mjs";

const seed = process.env.GPUDATAFRAME_SEED ?? String(Date.now() % 0x7fffffff);
const runs = process.env.GPUDATAFRAME_FUZZ_RUNS ?? "2000";
console.log(
  `seed ${seed}, ${runs} runs a property; repeat with GPUDATAFRAME_SEED=${seed} npm run fuzz`,
);
process.exitCode = await exitCodeOf(
  process.execPath,
  [rootPath("scripts/test.mjs"), "test/fuzz", "--testTimeout=3600000", ...process.argv.slice(2)],
  { env: { ...process.env, GPUDATAFRAME_SEED: seed, GPUDATAFRAME_FUZZ_RUNS: runs } },
);
