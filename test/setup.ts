// Runs in every test process before its file: one seed for all random tests, printed so that a
// failure can be repeated with GPUDATAFRAME_SEED. A property that names its own numRuns keeps it.
import fc from "fast-check";

const seed = Number(process.env.GPUDATAFRAME_SEED ?? Date.now() % 0x7fffffff);

const numRuns = process.env.GPUDATAFRAME_FUZZ_RUNS;

fc.configureGlobal({
  seed,
  verbose: 1,
  ...(numRuns === undefined ? {} : { numRuns: Number(numRuns) }),
});
