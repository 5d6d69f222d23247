// Bits of a bool table: bit k & 31 of word k >> 5.

export function bitsWhere(length: number, holds: (index: number) => boolean): Uint32Array {
  const words = new Uint32Array(Math.ceil(length / 32));
  for (let index = 0; index < length; index++) {
    if (holds(index))
      words[index >> 5] = ((words[index >> 5] as number) | (1 << (index & 31))) >>> 0;
  }
  return words;
}

/** Bits that are set at these places, of which those below 0 are none. */
export function bitsAt(length: number, places: ArrayLike<number>): Uint32Array {
  const words = new Uint32Array(Math.ceil(length / 32));
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number;
    if (place >= 0) words[place >> 5] = (words[place >> 5] as number) | (1 << (place & 31));
  }
  return words;
}
