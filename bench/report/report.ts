// What a run found: printed, and written as JSON and SVG.
import type { Machine } from "../machine.ts";
import type { Measurement } from "../measure.ts";

export interface ReportEngine {
  readonly id: string;
  readonly label: string;
  readonly software: boolean;
}

export interface ReportSection {
  readonly task: string;
  readonly rowCount: number;
  readonly questions: readonly { readonly id: string; readonly title: string }[];
  readonly measurements: readonly Measurement[];
  /** One line for each pair of engines that did not agree. */
  readonly disagreements: readonly string[];
}

export interface Report {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly threads: number;
  readonly runs: number;
  readonly engines: readonly ReportEngine[];
  readonly sections: readonly ReportSection[];
}

export function measurementOf(
  section: ReportSection,
  engineId: string,
  questionId: string,
): Measurement | undefined {
  return section.measurements.find(
    (measured) => measured.engineId === engineId && measured.questionId === questionId,
  );
}

/** The median, or what stands in its place. */
export function outcomeText(measurement: Measurement | undefined): string {
  if (measurement === undefined) return "";
  if (measurement.medianMs !== null) return milliseconds(measurement.medianMs);
  return measurement.outcome === "unsupported" ? "not yet" : "failed";
}

/** 1234.5 -> "1235 ms", 1.234 -> "1.23 ms" */
function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
