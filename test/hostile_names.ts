// Names that are hard on objects, shaders, files and printers, and frames under them or under plain ones.

export const HOSTILE: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "length",
  "",
  " ",
  '"',
  "'",
  "`$x`",
  "\\",
  "a,b",
  "\r\n",
  "a\0b",
  "é\u{1f600}\u2028",
  "b\ufeff",
  "00",
  "NaN",
  "_right",
  "*/",
  "//",
  "@group(0)",
  "vec2<u32>",
  "\u202e",
  "count",
  '""',
  "\0",
  "x".repeat(65_536),
];

/** The name in a place: of the plain names `n0`, `n1` and so on, or of the hostile ones, all of which take each place. */
export type Names = (place: number) => string;
export const plain: Names = (place) => `n${place}`;
export const namesFrom =
  (list: readonly string[], first: number): Names =>
  (place) =>
    list[(first + place) % list.length] as string;
