// Resolves programs and remembers the results: partitions that were read together share their dictionaries, so that a
// program is resolved once for all of them, and its tables are the same arrays.

import { SharedWork } from "../../base/index.ts";
import type { Dictionary } from "../../column/index.ts";
import type { Program } from "../../ir/index.ts";
import type { DictionaryOperations } from "./dictionary_operations.ts";
import { namesNoStrings, resolveStrings } from "./resolve_strings.ts";
import type { ResolvedStrings } from "./resolved.ts";

interface Known {
  readonly dictionaries: readonly (Dictionary | null)[];
  readonly resolved: SharedWork<ResolvedStrings>;
}

// Partitions of one file have one set of dictionaries; a few files are read at a time.
const MAX_KNOWN = 8;

export class StringResolver {
  readonly #operations: DictionaryOperations;
  readonly #known = new WeakMap<Program, Known[]>();

  constructor(operations: DictionaryOperations) {
    this.#operations = operations;
  }

  async resolve(
    program: Program,
    dictionaries: readonly (Dictionary | null)[],
    signal?: AbortSignal,
  ): Promise<ResolvedStrings> {
    if (namesNoStrings(program)) {
      return { program, dictionaries: program.outputs.map(() => null) };
    }
    const known = (this.#known.get(program) ?? []).filter(({ resolved }) => resolved.isUsable);
    const same = known.find((entry) => entry.dictionaries.every((d, i) => d === dictionaries[i]));
    if (same) return await same.resolved.wait(signal);
    const operations = this.#operations;
    const resolved = new SharedWork((shared) =>
      resolveStrings(program, dictionaries, operations.cancellable?.(shared) ?? operations),
    );
    this.#known.set(program, [{ dictionaries, resolved }, ...known].slice(0, MAX_KNOWN));
    return await resolved.wait(signal);
  }
}
