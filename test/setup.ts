// Runs in every test process before its file: one seed for all random tests, printed so that a
// failure can be repeated with GPUDATAFRAME_SEED.
import fc from "fast-check";

const seed = Number(process.env.GPUDATAFRAME_SEED ?? Date.now() % 0x7fffffff);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed, verbose: 1 });
