// Rows cut into runs of nearly equal length.

export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Share `index` of `count` of the rows. Those of 8 rows or more start at multiples of 8, so that validity bitmaps are shared,
 * not shifted; smaller ones are cut where they must be: who asks for single rows gets them.
 */
export function shareOf(rows: number, index: number, count: number): RowRange {
  const each = Math.ceil(rows / count);
  const step = each < 8 ? each : Math.ceil(each / 8) * 8;
  const start = Math.min(rows, index * step);
  return { start, end: index === count - 1 ? rows : Math.min(rows, start + step) };
}
