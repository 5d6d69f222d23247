// What the operations of one CPU executor share.

import { turnIfOver } from "../../base/index.ts";
import { StringResolver } from "../../codegen/index.ts";
import { NativeDictionaryOperations } from "./dictionary_operations.ts";
import { BlockScope } from "./marshal.ts";
import type { NativeAddon, NativeRun } from "./native_addon.ts";
import { withRun } from "./run.ts";

export class CpuContext {
  readonly native: NativeAddon;
  /** Has what the calls make. */
  readonly blocks: BlockScope;
  /** The last argument of every call. */
  readonly run: NativeRun;
  readonly dictionaries: NativeDictionaryOperations;
  readonly strings: StringResolver;
  /** Cancels `run`. */
  readonly signal: AbortSignal | undefined;
  readonly #threads: number;

  constructor(native: NativeAddon, threads: number, during?: During) {
    this.native = native;
    this.blocks = during?.blocks ?? new BlockScope(native);
    this.#threads = threads;
    this.run = during?.run ?? native.newRun(threads);
    this.signal = during?.signal;
    this.dictionaries = during?.dictionaries ?? new NativeDictionaryOperations(native, threads);
    this.strings = during?.strings ?? new StringResolver(this.dictionaries);
  }

  /**
   * `work` with a context of its own, whose calls end soon once the signal aborts; what they made and `keep` does not hold
   * is freed.
   * @throws AbortError then, with the signal's reason.
   */
  async during<T, R>(
    signal: AbortSignal | undefined,
    work: (context: CpuContext) => Promise<T>,
    keep: (result: T) => R,
  ): Promise<R> {
    const blocks = new BlockScope(this.native);
    const workIn = (run: NativeRun) => {
      const dictionaries = this.dictionaries.during({ run, signal, blocks });
      const during = { run, signal, blocks, dictionaries, strings: this.strings };
      return work(new CpuContext(this.native, this.#threads, during));
    };
    try {
      const result =
        signal === undefined
          ? await workIn(this.run)
          : await withRun(this.native, this.#threads, signal, workIn);
      // What keeps it counts its columns.
      await turnIfOver();
      return keep(result);
    } finally {
      blocks.close();
    }
  }
}

interface During {
  readonly run: NativeRun;
  readonly signal: AbortSignal | undefined;
  readonly blocks: BlockScope;
  readonly dictionaries: NativeDictionaryOperations;
  readonly strings: StringResolver;
}
