// Work on dictionaries for a GPU: the host's, except that large ones are matched by the device.

import { inSlices, type Steps } from "../../base/index.ts";
import type { DictionaryOperations } from "../../codegen/index.ts";
import type { Dictionary } from "../../column/index.ts";
import type { StringPredicate } from "../../ir/index.ts";
import { type CompiledRegex, compiledPredicate, compiledRegex } from "../../text/index.ts";
import type { GpuContext } from "./context.ts";
import { canMatchRegex, matchRegex } from "./operators/match_regex.ts";

/** Units of a text to look for. The host needs no automaton for longer ones, which may be refused one. */
const LONGEST_PREDICATE = 1024;

/**
 * From here on the host's work is worth a transfer and a round trip. The addon's automaton reads some 300 MB/s a thread,
 * so 32 MiB keep one busy for 0.1 s; PCIe takes them over in 3 to 5 ms. Software adapters share the host's threads.
 */
const WORTH_A_TRANSFER = 32 << 20;

export function gpuDictionaries(
  context: GpuContext,
  host: DictionaryOperations,
  minimumBytes = context.device.descriptor.software ? Number.POSITIVE_INFINITY : WORTH_A_TRANSFER,
): DictionaryOperations {
  async function matched(
    dictionary: Dictionary,
    compiled: () => Steps<CompiledRegex>,
  ): Promise<Uint32Array | null> {
    if (dictionary.bytes.length < minimumBytes || !canMatchRegex(context, dictionary)) return null;
    const { alphabet, dfa } = await inSlices(compiled());
    const automaton = await inSlices(dfa());
    return automaton && matchRegex(context.during(context.signal), dictionary, alphabet, automaton);
  }
  return {
    cancellable: (signal) =>
      gpuDictionaries(context.during(signal), host.cancellable?.(signal) ?? host, minimumBytes),
    ranks: (dictionary) => host.ranks(dictionary),
    unify: (dictionaries) => host.unify(dictionaries),
    find: (dictionary, texts) => host.find(dictionary, texts),
    parse: (dictionary, dtype, radix, pattern) => host.parse(dictionary, dtype, radix, pattern),
    lengths: (dictionary, unit) => host.lengths(dictionary, unit),
    map: (dictionary, apply) => host.map(dictionary, apply),
    match: async (dictionary, predicate: StringPredicate, pattern) =>
      (pattern.length > LONGEST_PREDICATE
        ? null
        : await matched(dictionary, () => compiledPredicate(predicate, pattern))) ??
      host.match(dictionary, predicate, pattern),
    matchRegex: async (dictionary, pattern) =>
      (await matched(dictionary, () => compiledRegex(pattern))) ??
      host.matchRegex(dictionary, pattern),
  };
}
