// The commands: gpudataframe doctor | head | schema | bench | demo.

import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { runBench } from "./bench.ts";
import { runDemo } from "./demo/demo.ts";
import { runDoctor } from "./doctor.ts";
import { printHead, printSchema, type Write } from "./files.ts";

const ENGINES = ["auto", "gpu", "cpu", "reference"] as const;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("It is a whole number.");
}

function engine(text: string): (typeof ENGINES)[number] {
  const found = ENGINES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It is one of ${ENGINES.join(", ")}.`);
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String(JSON.parse(manifest).version);
}

/** The program; `write` gets each piece of output, without its line end. */
export function program(write: Write): Command {
  const root = new Command("gpudataframe")
    .description(
      "A lazy dataframe engine for Node.js that runs on every GPU, and on the CPU with the same bits.",
    )
    .version(version());
  root
    .command("doctor")
    .description(
      "what this machine has: devices, limits, the native addon, and what to do about the rest",
    )
    .option("--capabilities", "also which operation runs on which device")
    .option("--measure", 'also what the devices cost, measured now and kept for engine "auto"')
    .option("--json", "as JSON")
    .action(async (options) => await runDoctor(options, write));
  root
    .command("head")
    .description("the first rows of a CSV or Arrow file")
    .argument("<file>")
    .option("-n, --rows <count>", "how many", wholeNumber, 10)
    .action(async (file, { rows }) => await printHead(file, rows, write));
  root
    .command("schema")
    .description("the columns and dtypes of a CSV or Arrow file")
    .argument("<file>")
    .action(async (file) => await printSchema(file, write));
  root
    .command("bench")
    .description("CPU against GPU, and against peers where they are installed (in a checkout)")
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption(false)
    .action(async (_, command: Command) => {
      process.exitCode = await runBench(command.args);
    });
  root
    .command("demo")
    .description(
      "3 million flights: read two CSV files, filter, join, group, sort; on the CPU and on each GPU",
    )
    .option("--rows <count>", "only so many flights", wholeNumber)
    .option("--runs <count>", "runs to take the best of", wholeNumber, 3)
    .option("--engine <engine>", "only this one", engine)
    .option("--plan", "print the plan before and after every rule of the optimizer")
    .action(async (options) => await runDemo(options, write));
  return root;
}
