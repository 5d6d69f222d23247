// CRC-32 of what goes to disk: on a thread of the host where it has some.

import { crc32 } from "node:zlib";
import type { Executor } from "../../device/index.ts";

/** Of the bytes after those whose checksum is `before` (0: of none). */
export type Checksum = (bytes: Uint8Array, before: number) => Promise<number>;

/** Below, the way to a thread takes longer: 16 KiB are eight microseconds. */
const LEAST_BYTES = 2 ** 14;

export function checksumOn(host: Pick<Executor, "checksum">): Checksum {
  return async (bytes, before) => {
    if (bytes.length < LEAST_BYTES || host.checksum === undefined) return crc32(bytes, before);
    return await host.checksum(bytes, before);
  };
}
