// The report as an SVG bar chart: one group of bars for each question, on a scale of its own, with
// the time written at the bar. A software adapter is drawn pale, and does not set the scale.
import {
  measurementOf,
  outcomeText,
  type Report,
  type ReportEngine,
  type ReportSection,
} from "./report.ts";

const labelWidth = 300;
const barWidth = 420;
const timeWidth = 90;
const barHeight = 13;
const groupGap = 9;
const width = labelWidth + barWidth + timeWidth;

const colors = ["#1b6ef3", "#f2a900", "#7a7a85", "#0f9d76", "#c2478f", "#8457d6"];

export function chartOf(report: Report, section: ReportSection): string {
  const engines = report.engines.filter((engine) =>
    section.measurements.some((measurement) => measurement.engineId === engine.id),
  );
  const parts: string[] = [];
  let y = 24;
  parts.push(
    text(
      12,
      y,
      `${section.task}, ${section.rowCount.toLocaleString("en")} rows: shorter is faster`,
      "bold",
    ),
  );
  y += 18;
  parts.push(
    text(
      12,
      y,
      `${report.machine.processor}, ${report.threads} threads, Node ${report.machine.node}`,
      "note",
    ),
  );
  y += 14;
  for (const engine of engines) {
    parts.push(rectangle(12, y, 10, 10, colorOf(report, engine), engine.software));
    parts.push(text(28, y + 9, engine.label, "note"));
    y += 15;
  }
  y += 8;
  for (const question of section.questions) {
    parts.push(...groupOf(report, section, engines, question, y));
    y += engines.length * barHeight + groupGap;
  }
  return documentOf(parts, y + 4);
}

function groupOf(
  report: Report,
  section: ReportSection,
  engines: readonly ReportEngine[],
  question: { readonly id: string; readonly title: string },
  top: number,
): string[] {
  const times = engines.map(
    (engine) => measurementOf(section, engine.id, question.id)?.medianMs ?? null,
  );
  const scaling = times.filter((ms, index) => ms !== null && !engines[index]!.software) as number[];
  const longest = Math.max(...(scaling.length > 0 ? scaling : [1]));
  const parts = [text(12, top + 11, `${question.id}: ${question.title}`, "label")];
  for (const [index, engine] of engines.entries()) {
    const y = top + index * barHeight;
    const ms = times[index] ?? null;
    const length = ms === null ? 0 : Math.max(1, Math.min(1, ms / longest) * barWidth);
    if (ms !== null) {
      parts.push(
        rectangle(labelWidth, y, length, barHeight - 2, colorOf(report, engine), engine.software),
      );
    }
    const label = outcomeText(measurementOf(section, engine.id, question.id));
    parts.push(text(labelWidth + length + 5, y + 10, label, "time"));
  }
  return parts;
}

function documentOf(parts: readonly string[], height: number): string {
  const style = [
    "text{font-family:system-ui,sans-serif;fill:#1d1d22}",
    ".bold{font-size:15px;font-weight:600}.note{font-size:11px;fill:#55555f}",
    ".label{font-size:12px}.time{font-size:10px;font-variant-numeric:tabular-nums}",
  ].join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** The same color for an engine in all charts of a report. */
const colorOf = (report: Report, { id }: ReportEngine) =>
  colors[report.engines.findIndex((engine) => engine.id === id) % colors.length]!;

const rectangle = (x: number, y: number, w: number, h: number, fill: string, pale: boolean) =>
  `<rect x="${x}" y="${y}" width="${w.toFixed(1)}" height="${h}" rx="1.5" fill="${fill}"${pale ? ' opacity="0.35"' : ""}/>`;

const text = (x: number, y: number, content: string, kind: string) =>
  `<text x="${x.toFixed(1)}" y="${y}" class="${kind}">${escaped(content)}</text>`;

const escaped = (content: string) =>
  content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
