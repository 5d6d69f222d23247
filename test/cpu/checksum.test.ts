// The addon's CRC-32, of any length at any alignment, against zlib's.

import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { availableIsas, createCpuExecutor } from "../../src/device/cpu/index.ts";

const bytes = Uint8Array.from({ length: 5000 }, (_, at) => Math.imul(at + 1, 2654435761) >>> 24);
const LONGER = [127, 128, 129, 191, 192, 4095, 4096, 4900];
const LENGTHS = [...Array.from({ length: 100 }, (_, length) => length), ...LONGER];

describe.each(availableIsas())("%s", (isa) => {
  const executor = createCpuExecutor({ isa, threads: 1 });
  test("gives zlib's checksums", async () => {
    for (const [index, length] of LENGTHS.entries()) {
      const part = bytes.subarray(index % 17, (index % 17) + length);
      const before = index % 3 === 0 ? 0 : crc32(bytes.subarray(0, index));
      expect(await executor.checksum(part, before), `${length}`).toBe(crc32(part, before));
    }
  });

  test("goes on where it ended", async () => {
    let crc = 0;
    for (let at = 0; at < bytes.length; at += 777) {
      crc = await executor.checksum(bytes.subarray(at, at + 777), crc);
    }
    expect(crc).toBe(crc32(bytes));
  });
});
