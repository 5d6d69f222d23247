// npm run bench: this package, DuckDB and Polars on db-benchmark's group-by and join questions, and
// on reading, filtering and sorting; all in one process, in turns, with the answers compared.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { disagreement } from "./agreement.ts";
import { type Dataset, groupByDataset, joinDataset, scientific } from "./data/dataset.ts";
import { openDuckDb } from "./engines/duckdb.ts";
import type { Engine } from "./engines/engine.ts";
import { openPolars } from "./engines/polars.ts";
import { thisMachine } from "./machine.ts";
import { type Measurement, measureQuestion } from "./measure.ts";
import { type Options, parseOptions, softwareRowLimit } from "./options.ts";
import { groupByQuestions } from "./questions/group_by.ts";
import { joinQuestions } from "./questions/join.ts";
import type { Question, TaskName } from "./questions/question.ts";
import { scanQuestions } from "./questions/scan.ts";
import { chartOf } from "./report/chart.ts";
import type { Report, ReportSection } from "./report/report.ts";
import { headerText, sectionText } from "./report/table.ts";

const tasks: Record<TaskName, { questions: readonly Question[]; dataset(rows: number): Dataset }> =
  {
    groupby: { questions: groupByQuestions, dataset: groupByDataset },
    join: { questions: joinQuestions, dataset: joinDataset },
    scan: { questions: scanQuestions, dataset: groupByDataset },
  };

const options = parseOptions(process.argv.slice(2));
if (options !== null) await runBenchmark(options);

async function runBenchmark(options: Options): Promise<void> {
  const engines = await openEngines(options);
  const sections: ReportSection[] = [];
  const report: Report = {
    startedAt: new Date().toISOString(),
    machine: thisMachine(),
    threads: options.threads,
    runs: options.runs,
    engines: engines.map(({ id, label, software }) => ({ id, label, software })),
    sections,
  };
  console.log(headerText(report));
  for (const rowCount of options.rows) {
    for (const task of options.tasks) {
      const section = await runTask(task, rowCount, engines, options);
      if (section.questions.length === 0) continue;
      sections.push(section);
      console.log(`\n${sectionText(section, report.engines)}`);
      writeReport(options.outputDirectory, report, section);
    }
  }
  for (const engine of engines) await engine.close();
  if (engines.length === 0 || sections.length === 0) {
    console.error(
      engines.length === 0 ? "none of these engines is there" : "there is no such question",
    );
    process.exitCode = 2;
  }
  if (sections.some(({ disagreements }) => disagreements.length > 0)) process.exitCode = 1;
}

async function openEngines({ engines: chosen, threads }: Options): Promise<Engine[]> {
  const wanted = (id: string) => chosen === null || chosen.includes(id);
  const opened: Engine[] = [];
  if (chosen === null || chosen.some((id) => id === "cpu" || id.startsWith("gpu"))) {
    const { openOwnEngines } = await import("./engines/gpudataframe.ts");
    opened.push(...(await openOwnEngines(threads, wanted)));
  }
  if (wanted("duckdb")) opened.push(await openDuckDb(threads));
  if (wanted("polars")) {
    const polars = await openPolars(threads);
    if (polars === null) console.log("Polars is not installed: npm ci --prefix bench");
    else opened.push(polars);
  }
  return opened;
}

async function runTask(
  task: TaskName,
  rowCount: number,
  engines: readonly Engine[],
  options: Options,
): Promise<ReportSection> {
  const questions = tasks[task].questions.filter(
    ({ id }) =>
      options.questions === null || options.questions.some((name) => id.endsWith(` ${name}`)),
  );
  const taking = engines.filter(
    ({ software }) => !software || rowCount <= softwareRowLimit || options.engines !== null,
  );
  const dataset = tasks[task].dataset(rowCount);
  const measurements: Measurement[] = [];
  if (questions.length > 0) {
    for (const engine of taking) await engine.load(dataset);
    for (const question of questions) {
      measurements.push(...(await measureQuestion(question, taking, options.runs)));
      process.stderr.write(".");
    }
    for (const engine of taking) await engine.unload();
    process.stderr.write("\n");
  }
  return {
    task,
    rowCount,
    questions,
    measurements,
    disagreements: disagreementsIn(measurements, taking),
  };
}

/** Each engine is compared with the first that answered the question. */
function disagreementsIn(
  measurements: readonly Measurement[],
  engines: readonly Engine[],
): string[] {
  const exact = new Set(engines.filter((engine) => engine.exact).map(({ id }) => id));
  const firstAnswers = new Map<string, Measurement>();
  const found: string[] = [];
  for (const measured of measurements) {
    if (measured.fingerprint === null) continue;
    const first = firstAnswers.get(measured.questionId);
    if (first === undefined) {
      firstAnswers.set(measured.questionId, measured);
      continue;
    }
    const difference = disagreement(
      measured.fingerprint,
      first.fingerprint!,
      exact.has(measured.engineId) && exact.has(first.engineId),
    );
    if (difference === null) continue;
    found.push(`${measured.questionId}, ${measured.engineId} and ${first.engineId}: ${difference}`);
  }
  return found;
}

function writeReport(directory: string, report: Report, section: ReportSection): void {
  mkdirSync(directory, { recursive: true });
  const name = `${section.task}_${scientific(section.rowCount)}`;
  const single: Report = { ...report, sections: [section] };
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(single, null, 2)}\n`);
  writeFileSync(join(directory, `${name}.svg`), chartOf(report, section));
}
