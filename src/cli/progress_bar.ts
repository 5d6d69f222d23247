// A line on the terminal that shows how far a query is; nothing where the output goes elsewhere.

import type { Progress } from "../execution/index.ts";

const WIDTH = 24;
/** Most queries are over before the line would be seen. */
const DELAY_MS = 200;
const INTERVAL_MS = 80;
/** Of a terminal that does not say, or says 0. */
const DEFAULT_COLUMNS = 80;

/** What of process.stderr is needed. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Runs the query with a bar, which is gone when it ends. */
export async function withProgressBar<T>(
  query: (onProgress: ((progress: Progress) => void) | undefined) => Promise<T>,
  terminal: Terminal = process.stderr,
  now: () => number = () => performance.now(),
): Promise<T> {
  if (!terminal.isTTY) return await query(undefined);
  let drawAt = now() + DELAY_MS;
  let isDrawn = false;
  const draw = (progress: Progress) => {
    if (now() < drawAt) return;
    drawAt = now() + INTERVAL_MS;
    isDrawn = true;
    // What a terminal breaks into two lines only the second of which is erased.
    const line = progressLine(progress).slice(0, (terminal.columns || DEFAULT_COLUMNS) - 1);
    terminal.write(`\r\u001b[K${line}`);
  };
  try {
    return await query(draw);
  } finally {
    if (isDrawn) terminal.write("\r\u001b[K");
  }
}

export function progressLine({ fraction, rows, bytes, devices }: Progress): string {
  const full = Math.floor(fraction * WIDTH);
  const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
  const tasks = Object.entries(devices).map(([id, device]) => `${id} ${device.tasks}`);
  const percent = String(Math.floor(100 * fraction)).padStart(3);
  return `${bar} ${percent} %  ${short(rows)} rows  ${short(bytes)}B  tasks: ${tasks.join(", ")}`;
}

function short(count: number): string {
  for (const [size, unit] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (count >= size) return `${(count / size).toFixed(1)} ${unit}`;
  }
  return `${count} `;
}
