// The result of resolving a program's strings: what the GPU and the addon run.

import type { Dictionary } from "../../column/index.ts";
import type { ResolvedProgram } from "../../ir/index.ts";

export interface ResolvedStrings {
  readonly program: ResolvedProgram;
  /** For each output: the dictionary of its codes if it is a string, else null. */
  readonly dictionaries: readonly (Dictionary | null)[];
}
