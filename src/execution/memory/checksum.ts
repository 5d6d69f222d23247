// CRC-32 of what goes to disk: on a thread of the host where it has some.

import { crc32 } from "node:zlib";
import type { Executor } from "../../device/index.ts";

/** Of the bytes after those whose checksum is `before` (0: of none). */
export type Checksum = (bytes: Uint8Array, before: number) => Promise<number>;

/**
 * A tenth of a millisecond. A thread that is woken for less takes the core from the event loop for as long: with thousands of
 * small pieces on two cores that was a tenth of a query's time.
 */
const LEAST_BYTES = 2 ** 18;

export function checksumOn(host: Pick<Executor, "checksum">): Checksum {
  return async (bytes, before) => {
    if (bytes.length < LEAST_BYTES || host.checksum === undefined) return crc32(bytes, before);
    return await host.checksum(bytes, before);
  };
}
