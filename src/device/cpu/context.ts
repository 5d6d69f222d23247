// What the operations of one CPU executor share.

import { StringResolver } from "../../codegen/index.ts";
import { NativeDictionaryOperations } from "./dictionary_operations.ts";
import type { NativeAddon, NativeRun } from "./native_addon.ts";
import { withRun } from "./run.ts";

export class CpuContext {
  readonly native: NativeAddon;
  /** The last argument of every call. */
  readonly run: NativeRun;
  readonly dictionaries: NativeDictionaryOperations;
  readonly strings: StringResolver;
  /** Cancels `run`. */
  readonly signal: AbortSignal | undefined;
  readonly #threads: number;

  constructor(native: NativeAddon, threads: number, during?: During) {
    this.native = native;
    this.#threads = threads;
    this.run = during?.run ?? native.newRun(threads);
    this.signal = during?.signal;
    this.dictionaries = during?.dictionaries ?? new NativeDictionaryOperations(native, threads);
    this.strings = during?.strings ?? new StringResolver(this.dictionaries);
  }

  /**
   * `work` with a context whose calls end soon once the signal aborts.
   * @throws AbortError then, with the signal's reason.
   */
  async during<T>(
    signal: AbortSignal | undefined,
    work: (context: CpuContext) => Promise<T>,
  ): Promise<T> {
    if (signal === undefined) return await work(this);
    return await withRun(this.native, this.#threads, signal, (run) => {
      const dictionaries = this.dictionaries.during(run, signal);
      const during = { run, signal, dictionaries, strings: this.strings };
      return work(new CpuContext(this.native, this.#threads, during));
    });
  }
}

interface During {
  readonly run: NativeRun;
  readonly signal: AbortSignal;
  readonly dictionaries: NativeDictionaryOperations;
  readonly strings: StringResolver;
}
