// Byte sizes as people write them: "8GiB", "64MiB", 1048576.

import { InvalidArgumentError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * Parses a byte size.
 * @throws InvalidArgumentError if the text is no non-negative number followed by an optional unit.
 */
export function parseByteSize(size: number | string, option: string): number {
  if (typeof size === "number") {
    if (Number.isFinite(size) && size >= 0) return Math.floor(size);
  } else if (typeof size === "string") {
    const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B)?\s*$/i.exec(size);
    const unit = UNITS[(match?.[2] ?? "B").toUpperCase()];
    if (match && unit !== undefined) return Math.floor(Number(match[1]) * unit);
  }
  throw new InvalidArgumentError(`${option}: ${JSON.stringify(size)} is not a byte size`, {
    hint: 'Write a number of bytes or a text such as "64MiB" or "8GB".',
  });
}

/** Formats bytes with a binary unit and at most one decimal: 1536 -> "1.5 KiB". */
export function formatByteSize(bytes: number): string {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 1024 && unit < names.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  const text = unit === 0 || scaled >= 100 ? Math.round(scaled).toString() : scaled.toFixed(1);
  return `${text.replace(/\.0$/, "")} ${names[unit]}`;
}
