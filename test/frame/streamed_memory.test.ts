// Memory is bounded: a process of its own streams a file, then many times as much, writes it, and streams as much from one
// compressed file.

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary_folder.ts";

const ROWS = 300_000;
/** How often the file is read in one query. */
const COPIES = 8;
/** Seven numbers of 8 bytes, one of them computed, and a code. */
const DECODED_BYTES = COPIES * ROWS * (7 * 8 + 4);

const line = (row: number) =>
  `${row},${row % 977},${row % 13},${row % 101},${row % 31},${row % 7},key-${row % 50}\n`;

test("files that stream through leave no trace of their size", async () => {
  const folder = temporaryFolder();
  const input = join(folder, "input.csv");
  const lines = Array.from({ length: ROWS }, (_, row) => line(row));
  const [header, content] = ["a,b,c,d,e,f,k\n", lines.join("")];
  await writeFile(input, header + content);
  // One file of as much as all copies: members of a gzip file follow each other.
  const packed = join(folder, "packed.csv.gz");
  const member = gzipSync(content, { level: 1 });
  const members = Array.from({ length: COPIES }, () => member);
  await writeFile(packed, Buffer.concat([gzipSync(header), ...members]));
  const script = fileURLToPath(new URL("./streamed_memory.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    script,
    input,
    String(COPIES),
    packed,
    join(folder, "out.arrow"),
  ]);
  const { streamed, written, unpacked } = JSON.parse(stdout) as Record<string, number>;
  // Measured: 1 to 10 MB.
  expect(streamed, stdout).toBeLessThan(0.3 * DECODED_BYTES);
  expect(written, stdout).toBeLessThan(16e6);
  // More than twice the budget.
  expect(COPIES * content.length).toBeGreaterThan(2 * 24 * 2 ** 20);
  expect(unpacked, stdout).toBeLessThan(24e6);
});
