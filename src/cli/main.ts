#!/usr/bin/env node
// The command line.

import { DataFrameError } from "../base/index.ts";
import { program } from "./program.ts";

// Whoever reads the output may have read enough: `gpudataframe head big.csv | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await program((text) => process.stdout.write(`${text}\n`)).parseAsync();
} catch (error) {
  // What the user can act on is one message; anything else is a bug, and its stack says where.
  const known = error instanceof DataFrameError;
  process.stderr.write(
    known
      ? `${error.name}: ${error.message}\n`
      : `${error instanceof Error ? error.stack : error}\n`,
  );
  process.exitCode = 1;
}
