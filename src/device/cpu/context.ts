// What the operations of one CPU executor share.

import { StringResolver } from "../../codegen/index.ts";
import { NativeDictionaryOperations } from "./dictionary_operations.ts";
import type { NativeAddon } from "./native_addon.ts";

export class CpuContext {
  readonly native: NativeAddon;
  readonly threads: number;
  readonly dictionaries: NativeDictionaryOperations;
  readonly strings: StringResolver;

  constructor(native: NativeAddon, threads: number) {
    this.native = native;
    this.threads = threads;
    this.dictionaries = new NativeDictionaryOperations(native, threads);
    this.strings = new StringResolver(this.dictionaries);
  }
}
