// Runs in every test process before its file: slower turns of Dawn, and one seed for all random tests, printed so that a
// failure can be repeated with GPUDATAFRAME_SEED. It is fixed, so that npm test is the same test every time; npm run fuzz
// takes fresh ones. A property that names its own numRuns keeps it.
import fc from "fast-check";
import { slowDawnDown } from "./dawn_polling.ts";

slowDawnDown();

const seed = Number(process.env.GPUDATAFRAME_SEED ?? 20_261_122);

const numRuns = process.env.GPUDATAFRAME_FUZZ_RUNS;

fc.configureGlobal({
  seed,
  verbose: 1,
  ...(numRuns === undefined ? {} : { numRuns: Number(numRuns) }),
});
