// Verifies a FlatBuffer against a description of its tables, before somebody reads it who believes every offset and every
// length in it. Layout: https://flatbuffers.dev/internals, the rules those of the Verifier of the C++ library.

/** What a slot of a table holds: so many bytes in place, or something that an offset leads to. */
export type Slot =
  | { readonly kind: "scalar"; readonly bytes: number }
  | { readonly kind: "text" }
  /** Elements of a fixed number of bytes. */
  | { readonly kind: "vector"; readonly bytes: number }
  | { readonly kind: "table"; readonly of: () => TableShape }
  | { readonly kind: "tables"; readonly of: () => TableShape }
  /** The table that the number in slot `tag` names; names that are not listed hold scalars alone. */
  | {
      readonly kind: "union";
      readonly tag: number;
      readonly of: Readonly<Record<number, TableShape>>;
    };

/** Slots in the order of the schema. */
export type TableShape = readonly Slot[];

export class DamagedFlatBuffer extends Error {}

const MOST_DEPTH = 64;
const LEAF: TableShape = [];

/** @throws DamagedFlatBuffer unless everything that the shape reaches from the root lies inside of the bytes. */
export function verifyFlatBuffer(bytes: Uint8Array, root: TableShape): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const verifier = new Verifier(view);
  const at = verifier.target(0);
  verifier.table(at, root, 0);
  return new FlatTable(view, at);
}

class Verifier {
  readonly #view: DataView;
  /** Tables may be shared, and so multiply: no honest buffer has more of them than words. */
  #tablesLeft: number;

  constructor(view: DataView) {
    this.#view = view;
    this.#tablesLeft = view.byteLength / 4;
  }

  /** Where the offset at `at` leads. */
  target(at: number): number {
    this.#inside(at, 4);
    return at + this.#view.getUint32(at, true);
  }

  table(at: number, shape: TableShape, depth: number): void {
    this.#tablesLeft -= 1;
    if (depth > MOST_DEPTH || this.#tablesLeft < 0)
      throw new DamagedFlatBuffer("too deep or too many tables");
    this.#inside(at, 4);
    const layout = at - this.#view.getInt32(at, true);
    this.#inside(layout, 4);
    const layoutBytes = this.#view.getUint16(layout, true);
    const tableBytes = this.#view.getUint16(layout + 2, true);
    if (layoutBytes < 4 || layoutBytes % 2 !== 0)
      throw new DamagedFlatBuffer("a table without a layout");
    this.#inside(layout, layoutBytes);
    this.#inside(at, tableBytes);
    const place = (slot: number) =>
      4 + 2 * slot < layoutBytes ? this.#view.getUint16(layout + 4 + 2 * slot, true) : 0;
    for (const [index, slot] of shape.entries()) {
      const offset = place(index);
      if (offset === 0) continue;
      const bytes = slot.kind === "scalar" ? slot.bytes : 4;
      if (offset + bytes > tableBytes) throw new DamagedFlatBuffer("a field outside of its table");
      if (slot.kind === "scalar") continue;
      const tag = slot.kind === "union" ? this.#byte(at, place(slot.tag)) : 0;
      this.#reached(this.target(at + offset), slot, tag, depth + 1);
    }
  }

  #reached(at: number, slot: Exclude<Slot, { kind: "scalar" }>, tag: number, depth: number): void {
    switch (slot.kind) {
      case "text":
        this.#elements(at, 1);
        return;
      case "vector":
        this.#elements(at, slot.bytes);
        return;
      case "table":
        this.table(at, slot.of(), depth);
        return;
      case "union":
        this.table(at, slot.of[tag] ?? LEAF, depth);
        return;
      case "tables": {
        const count = this.#elements(at, 4);
        for (let element = 0; element < count; element++) {
          this.table(this.target(at + 4 + 4 * element), slot.of(), depth);
        }
      }
    }
  }

  #elements(at: number, bytes: number): number {
    this.#inside(at, 4);
    const count = this.#view.getUint32(at, true);
    this.#inside(at + 4, count * bytes);
    return count;
  }

  #byte(at: number, offset: number): number {
    return offset === 0 ? 0 : this.#view.getUint8(at + offset);
  }

  #inside(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.#view.byteLength) {
      throw new DamagedFlatBuffer("an offset leads outside of the bytes");
    }
  }
}

/** A table that has been verified. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
  }

  byte(slot: number): number {
    const at = this.#place(slot);
    return at === null ? 0 : this.#view.getUint8(at);
  }

  int64(slot: number): bigint {
    const at = this.#place(slot);
    return at === null ? 0n : this.#view.getBigInt64(at, true);
  }

  table(slot: number): FlatTable | null {
    const at = this.#place(slot);
    return at === null ? null : new FlatTable(this.#view, at + this.#view.getUint32(at, true));
  }

  /** A vector of structures: where they begin, and how many there are. */
  vector(slot: number): { readonly at: number; readonly count: number } {
    const at = this.#place(slot);
    if (at === null) return { at: 0, count: 0 };
    const begin = at + this.#view.getUint32(at, true);
    return { at: begin + 4, count: this.#view.getUint32(begin, true) };
  }

  /** A number inside of a structure. */
  int64At(at: number): bigint {
    return this.#view.getBigInt64(at, true);
  }

  #place(slot: number): number | null {
    const layout = this.#at - this.#view.getInt32(this.#at, true);
    if (4 + 2 * slot >= this.#view.getUint16(layout, true)) return null;
    const offset = this.#view.getUint16(layout + 4 + 2 * slot, true);
    return offset === 0 ? null : this.#at + offset;
  }
}
