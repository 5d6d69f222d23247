// Memory of the addon that no ArrayBuffer shows. V8 counts the bytes of ArrayBuffers, collects the whole heap for every 64
// MiB of them, and frees them when it likes; a block is freed when its last holder lets go. src/device/cpu/README.md has its life.

import { assert } from "../base/index.ts";

/** The addon's side of blocks: native/core/block.cc. Handles are opaque. */
export interface BlockMemory {
  /** The memory as an ArrayBuffer, which owns it from then on. */
  showBlock(handle: object): ArrayBuffer;
  freeBlock(handle: object): void;
  readBlock(handle: object, offset: number, into: Uint8Array): void;
  writeBlock(handle: object, offset: number, from: Uint8Array): void;
}

/** What says "the same memory", for whoever counts it. */
export type MemoryIdentity = Block | ArrayBufferLike;

const shownBlocks = new WeakMap<ArrayBufferLike, Block>();

export class Block {
  readonly byteLength: number;
  readonly #memory: BlockMemory;
  /** Null: shown or freed. */
  #handle: object | null;
  #buffer: ArrayBuffer | null = null;
  #holders = 0;

  constructor(memory: BlockMemory, handle: object, byteLength: number) {
    this.#memory = memory;
    this.#handle = handle;
    this.byteLength = byteLength;
  }

  /** Is the memory an ArrayBuffer's? Then the collector frees it, and holders do not matter. */
  get isShown(): boolean {
    return this.#buffer !== null;
  }

  get isFreed(): boolean {
    return this.#handle === null && this.#buffer === null;
  }

  /** What the addon takes. Not of a block that is shown. */
  get handle(): object {
    assert(
      this.#handle !== null,
      "a block is used before it is freed, and not as a block once it is shown",
    );
    return this.#handle;
  }

  hold(): void {
    assert(!this.isFreed, "a block is held before it is freed");
    this.#holders += 1;
  }

  /** The last holder frees it. */
  letGo(): void {
    this.#holders -= 1;
    assert(this.#holders >= 0, "who lets go of a block has held it");
    if (this.#holders === 0) this.#free();
  }

  /** The memory as JavaScript sees it: from the first call on it is the collector's. */
  show(): ArrayBuffer {
    if (this.#buffer === null) {
      this.#buffer = this.#memory.showBlock(this.handle);
      this.#handle = null;
      shownBlocks.set(this.#buffer, this);
    }
    return this.#buffer;
  }

  /** Copies bytes without showing them. */
  read(offset: number, into: Uint8Array): void {
    if (this.#buffer === null) this.#memory.readBlock(this.handle, offset, into);
    else into.set(new Uint8Array(this.#buffer, offset, into.length));
  }

  /** Only of whoever made the block, before anybody reads it. */
  write(offset: number, from: Uint8Array): void {
    this.#memory.writeBlock(this.handle, offset, from);
  }

  #free(): void {
    if (this.#handle === null) return;
    this.#memory.freeBlock(this.#handle);
    this.#handle = null;
  }
}

export type TypedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

interface ArrayType<V> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): V;
}

/** What a typed array over a block would be. */
export class BlockView<V extends TypedArray = TypedArray> {
  readonly block: Block;
  readonly byteOffset: number;
  readonly length: number;
  readonly type: ArrayType<V>;
  #array: V | undefined;

  constructor(block: Block, type: ArrayType<V>, byteOffset: number, length: number) {
    const end = byteOffset + length * type.BYTES_PER_ELEMENT;
    assert(byteOffset >= 0 && end <= block.byteLength, "a view lies in its block");
    this.block = block;
    this.byteOffset = byteOffset;
    this.length = length;
    this.type = type;
  }

  get byteLength(): number {
    return this.length * this.type.BYTES_PER_ELEMENT;
  }

  subarray(start: number, end: number): BlockView<V> {
    const offset = this.byteOffset + start * this.type.BYTES_PER_ELEMENT;
    return new BlockView(this.block, this.type, offset, end - start);
  }

  /** Shows the block. */
  get array(): V {
    this.#array ??= new this.type(this.block.show(), this.byteOffset, this.length);
    return this.#array;
  }

  /** The elements in memory of their own; the block stays as it is. */
  copy(): V {
    const bytes = new Uint8Array(this.byteLength);
    this.block.read(this.byteOffset, bytes);
    return new this.type(bytes.buffer);
  }
}

/** A run of elements: visible, or in a block. */
export type Span<V extends TypedArray = TypedArray> = V | BlockView<V>;

export function isVisible<V extends TypedArray>(span: Span<V>): span is V {
  return !(span instanceof BlockView);
}

/** The elements; a block that holds them is shown. */
export function shownSpan<V extends TypedArray>(span: Span<V>): V {
  return span instanceof BlockView ? span.array : span;
}

export function subspan<V extends TypedArray>(span: Span<V>, start: number, end: number): Span<V> {
  return span instanceof BlockView ? span.subarray(start, end) : (span.subarray(start, end) as V);
}

/** The memory that the span lies in; the same before and after it is shown. */
export function memoryOf(span: Span | ArrayBufferView): MemoryIdentity {
  if (span instanceof BlockView) return span.block;
  return shownBlocks.get(span.buffer) ?? span.buffer;
}
