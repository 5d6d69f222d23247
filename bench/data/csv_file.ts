// Writes CSV fields into one reused block of bytes: 1e7 rows take seconds, not minutes.
import { closeSync, openSync, renameSync, writeSync } from "node:fs";

const blockBytes = 1 << 20;
/** Larger than any row that the generators write. */
const rowReserveBytes = 512;

const comma = 0x2c;
const newline = 0x0a;
const zero = 0x30;

export class CsvFile {
  readonly #path: string;
  readonly #partialPath: string;
  readonly #descriptor: number;
  readonly #block = Buffer.allocUnsafe(blockBytes);
  #used = 0;

  constructor(path: string, header: readonly string[]) {
    this.#path = path;
    this.#partialPath = `${path}.partial`;
    this.#descriptor = openSync(this.#partialPath, "w");
    this.#used = this.#block.write(`${header.join(",")}\n`, 0, "latin1");
  }

  /** A whole number, with leading zeros up to `width`; ends the field. */
  integer(value: number, width = 1): void {
    this.#digits(value, width);
    this.#block[this.#used++] = comma;
  }

  /** `id` and a number, as the key columns of db-benchmark are; ends the field. */
  identifier(value: number, width = 1): void {
    this.#block[this.#used++] = 0x69;
    this.#block[this.#used++] = 0x64;
    this.integer(value, width);
  }

  /** `millionths / 1e6` without trailing zeros; ends the field. */
  decimal(millionths: number): void {
    const whole = Math.floor(millionths / 1e6);
    let fraction = millionths - whole * 1e6;
    this.#digits(whole, 1);
    if (fraction !== 0) {
      let places = 6;
      while (fraction % 10 === 0) {
        fraction /= 10;
        places--;
      }
      this.#block[this.#used++] = 0x2e;
      this.#digits(fraction, places);
    }
    this.#block[this.#used++] = comma;
  }

  endRow(): void {
    this.#block[this.#used - 1] = newline;
    if (this.#used > blockBytes - rowReserveBytes) this.#flush();
  }

  /** The file appears under its name only when it is whole. */
  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
    renameSync(this.#partialPath, this.#path);
  }

  #digits(value: number, width: number): void {
    let places = width;
    for (let bound = 10 ** width; value >= bound; bound *= 10) places++;
    let rest = value;
    for (let at = this.#used + places - 1; at >= this.#used; at--) {
      const tenth = Math.floor(rest / 10);
      this.#block[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#used += places;
  }

  #flush(): void {
    for (let written = 0; written < this.#used; ) {
      written += writeSync(this.#descriptor, this.#block, written, this.#used - written);
    }
    this.#used = 0;
  }
}
