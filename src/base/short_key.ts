// Keys of structures that hold parts several times: those of their parts go into a key, so that it would grow with the tree.

import { createHash } from "node:crypto";

const LONGEST = 1000;

/** The text, or its SHA-256 where it is long: equal texts share it and, as far as anybody knows, no others. */
export function shortKey(text: string): string {
  return text.length > LONGEST ? createHash("sha256").update(text).digest("base64") : text;
}
