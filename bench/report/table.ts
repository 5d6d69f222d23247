// The report as text: one table for each task and size, the fastest engine marked with a star. Software adapters compete
// with nobody: their times say nothing about a GPU.
import {
  measurementOf,
  outcomeText,
  type Report,
  type ReportEngine,
  type ReportSection,
} from "./report.ts";

export function headerText({ machine, threads, runs, startedAt }: Report): string {
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `${threads} threads an engine; medians of ${runs} run${runs === 1 ? "" : "s"}, engines in turns; ${startedAt}`,
  ].join("\n");
}

export function sectionText(section: ReportSection, engines: readonly ReportEngine[]): string {
  const measured = engines.filter((engine) =>
    section.measurements.some((measurement) => measurement.engineId === engine.id),
  );
  const rows = [
    [
      `${section.task}, ${section.rowCount.toExponential(0).replace("+", "")} rows`,
      ...measured.map((e) => e.id),
    ],
    ...section.questions.map((question) => [
      `${question.id}: ${question.title}`,
      ...measured.map((engine) => cell(section, engine, question.id, measured)),
    ]),
  ];
  const legend = measured.map((engine) => `  ${engine.id}: ${engine.label}`);
  const notes = section.measurements
    .filter(({ note }) => note !== null && note !== "not yet")
    .map(({ engineId, questionId, note }) => `  ${engineId}, ${questionId}: ${note}`);
  const disagreements = section.disagreements.map((line) => `  DISAGREE ${line}`);
  return [aligned(rows), ...legend, ...notes, ...disagreements].join("\n");
}

function cell(
  section: ReportSection,
  engine: ReportEngine,
  questionId: string,
  engines: readonly ReportEngine[],
): string {
  const measurement = measurementOf(section, engine.id, questionId);
  if (measurement === undefined || measurement.medianMs === null) return outcomeText(measurement);
  const times = engines
    .filter(({ software }) => !software)
    .map(({ id }) => measurementOf(section, id, questionId)?.medianMs ?? Number.POSITIVE_INFINITY);
  const isFastest = !engine.software && measurement.medianMs === Math.min(...times);
  const star = isFastest ? " *" : "  ";
  return outcomeText(measurement) + star;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
        )
        .join("  "),
    )
    .join("\n");
}
