/**
 * Texts in the order of their UTF-8 bytes, which is the order of code points. UTF-16 units order them alike, except that
 * a surrogate (0xd800-0xdfff) stands for a code point above all of 0xe000-0xffff.
 */
export function compareTexts(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  if (i === shared) return a.length - b.length;
  return liftSurrogate(a.charCodeAt(i)) - liftSurrogate(b.charCodeAt(i));
}

function liftSurrogate(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
