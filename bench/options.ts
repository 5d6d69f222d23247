// The command line of the benchmark.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { TaskName } from "./questions/question.ts";

export interface Options {
  readonly rows: readonly number[];
  readonly tasks: readonly TaskName[];
  /** Question ids to keep, `null` for all. */
  readonly questions: readonly string[] | null;
  /** Engine ids to keep; `null` for all but software adapters above `softwareRowLimit`. */
  readonly engines: readonly string[] | null;
  readonly runs: number;
  readonly threads: number;
  readonly outputDirectory: string;
}

/** A software adapter needs minutes for more (a sort of 1e6 rows), and its times say nothing about a GPU. */
export const softwareRowLimit = 100_000;

const TASKS: readonly string[] = ["groupby", "join", "scan"];
const ENGINES = /^(cpu|duckdb|polars|gpu:\d+)$/;

const usage = `npm run bench -- [options]

  --rows 1e6,1e7       table sizes (default 1e6)
  --tasks groupby,join,scan
  --questions q1,q5    only these
  --engines cpu,duckdb,polars,gpu:0
                       default: all; software adapters only up to ${softwareRowLimit} rows
  --runs N             timed runs of each question, after one that is not timed (default 5)
  --threads N          for every engine (default: all)
  --out DIRECTORY      default bench/results

The data is generated once, in node_modules/.cache/gpudataframe/bench or $GPUDATAFRAME_BENCH_DATA:
0.2 GB for 1e6 rows, 1.5 GB for 1e7. Polars is installed by: npm ci --prefix bench`;

/** `null` where there is nothing to run: the user asked for help, or for what there is not (exit code 2). */
export function parseOptions(args: readonly string[]): Options | null {
  const values = parsed(args);
  if (values === null) return null;
  if (values.help) {
    console.log(usage);
    return null;
  }
  const wrong = wrongValue(values);
  if (wrong !== null) {
    console.error(`${wrong}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
  return {
    rows: list(values.rows).map(Number),
    tasks: list(values.tasks) as TaskName[],
    questions: values.questions === undefined ? null : list(values.questions),
    engines: values.engines === undefined ? null : list(values.engines),
    runs: Number(values.runs),
    threads: Number(values.threads),
    outputDirectory: values.out,
  };
}

interface Values {
  readonly rows: string;
  readonly tasks: string;
  readonly engines?: string | undefined;
  readonly runs: string;
  readonly threads: string;
}

/** What is wrong with an option's value; null: nothing. Which questions and adapters there are, the run says. */
function wrongValue({ rows, tasks, engines, runs, threads }: Values): string | null {
  const counts: [string, string][] = [
    ...list(rows).map((count): [string, string] => ["--rows", count]),
    ["--runs", runs],
    ["--threads", threads],
  ];
  for (const [option, text] of counts) {
    const count = Number(text);
    if (!Number.isSafeInteger(count) || count < 1)
      return `${option} ${text}: a number of at least 1`;
  }
  const task = list(tasks).find((name) => !TASKS.includes(name));
  if (task !== undefined) return `--tasks ${task}: one of ${TASKS.join(", ")}`;
  const engine = list(engines ?? "cpu").find((id) => !ENGINES.test(id));
  if (engine !== undefined) return `--engines ${engine}: one of cpu, duckdb, polars, gpu:N`;
  return null;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rows: { type: "string", default: "1e6" },
        tasks: { type: "string", default: "groupby,join,scan" },
        questions: { type: "string" },
        engines: { type: "string" },
        runs: { type: "string", default: "5" },
        threads: { type: "string", default: String(availableParallelism()) },
        out: { type: "string", default: fileURLToPath(new URL("results", import.meta.url)) },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error)) throw error;
    // ERR_PARSE_ARGS_*: the message names the option.
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
    return null;
  }
}

const list = (text: string) => text.split(",").map((part) => part.trim());
