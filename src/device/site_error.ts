// What every executor reports when a check of a program fails.

import {
  assertNever,
  CastError,
  type DataFrameError,
  IntegerOverflowError,
} from "../base/index.ts";
import type { Site } from "../ir/index.ts";

/** @param row zero-based, in the input batch. The message does not say it: whoever knows the whole input does. */
export function siteError(site: Site, row: number): DataFrameError {
  switch (site.error) {
    case "overflow":
      return new IntegerOverflowError(`${site.text} overflows`, {
        row,
        hint: "Cast an operand to a wider dtype first.",
      });
    case "cast":
      return new CastError(`${site.text} fails`, {
        row,
        hint: "Use cast(dtype, { strict: false }) to get null for such values.",
      });
    case "localTime":
      return new CastError(`${site.text} has no single instant`, {
        row,
        hint: 'Say which one: { ambiguous: "earliest", nonExistent: "shift" }, or "null" for either.',
      });
    default:
      return assertNever(site.error);
  }
}
