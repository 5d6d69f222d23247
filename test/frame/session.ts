// One session on the reference executor for a test file.

import { afterAll, beforeAll } from "vitest";
import gpuDataFrame, { type Session } from "../../src/index.ts";

/** Call at the top of a test file; the session is there inside of tests. */
export function referenceSession(): () => Session {
  let session: Session | null = null;
  beforeAll(async () => {
    session = await gpuDataFrame.session({ engine: "reference" });
  });
  afterAll(async () => await session?.close());
  return () => {
    if (session === null) throw new Error("the session opens in beforeAll");
    return session;
  };
}
