// Bitmaps in Arrow layout: bit i is bit (i & 7) of byte (i >> 3), least significant first.

export function bitmapBytes(length: number): number {
  return Math.ceil(length / 8);
}

export function getBit(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >> 3] as number) >> (index & 7)) & 1) === 1;
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >> 3] = (bitmap[index >> 3] as number) | (1 << (index & 7));
}

/** How many of the first `length` bits are set. */
export function countBits(bitmap: Uint8Array, length: number): number {
  let count = 0;
  const whole = length >> 3;
  for (let byte = 0; byte < whole; byte++) count += popcount(bitmap[byte] as number);
  const rest = length & 7;
  if (rest > 0) count += popcount((bitmap[whole] as number) & ((1 << rest) - 1));
  return count;
}

/** The bits [start, start + length), moved to bit 0. Shares memory when `start` is a multiple of 8. */
export function sliceBitmap(bitmap: Uint8Array, start: number, length: number): Uint8Array {
  const first = start >> 3;
  const shift = start & 7;
  const bytes = bitmapBytes(length);
  if (shift === 0) return bitmap.subarray(first, first + bytes);
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) {
    const low = (bitmap[first + i] as number) >> shift;
    const high = (bitmap[first + i + 1] ?? 0) << (8 - shift);
    out[i] = low | high;
  }
  return out;
}

function popcount(byte: number): number {
  let bits = byte - ((byte >> 1) & 0x55);
  bits = (bits & 0x33) + ((bits >> 2) & 0x33);
  return (bits + (bits >> 4)) & 0x0f;
}
