// Seeded test data: the same on every machine.

/** Words of the splitmix32 sequence of a seed. */
export function randomWords(count: number, seed: number): Uint32Array {
  let state = Math.imul(seed, 0x9e3779b9);
  return Uint32Array.from({ length: count }, () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  });
}
