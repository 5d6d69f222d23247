// The rows as a table.
import type { Row } from "./measure.ts";

export function reportText(rows: readonly Row[]): string {
  const mebibytes = (bytes: number) => (bytes === 0 ? "-" : (bytes / 2 ** 20).toFixed(1));
  const cells = [
    ["", "ms", "up MiB", "down MiB", "spilled MiB", "tasks", "lost after", "same bits"],
    ...rows.map((row) => [
      row.label,
      row.medianMs.toFixed(1),
      mebibytes(row.bytesUploaded),
      mebibytes(row.bytesDownloaded),
      mebibytes(row.bytesSpilled),
      Object.entries(row.tasks)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([device, count]) => `${device} ${count}`)
        .join(", "),
      row.lostAfter === null ? "-" : `${row.lostAfter} tasks`,
      row.agrees ? "yes" : "NO",
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}
