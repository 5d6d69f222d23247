// Character classes and escapes: everything that stands for a set of code points.

import type { CharacterSet } from "../character_set.ts";
import { union } from "../code_point_set.ts";
import type { RegexReader } from "./reader.ts";

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };

/** After `[`, up to and with `]`. */
export function parseClass(reader: RegexReader): CharacterSet {
  const negated = reader.take("^");
  const sets: CharacterSet[] = [];
  while (!reader.take("]")) {
    const first = classAtom(reader);
    const isRange = reader.peek === "-" && !reader.rest.startsWith("-]");
    if (isRange) {
      reader.next();
      const last = classAtom(reader);
      const [begin, end] = [single(first), single(last)];
      // Without `u`, [\w-z] is \w, the hyphen and z.
      if (begin === null || end === null) sets.push(first, one(0x2d), last);
      else sets.push({ kind: "points", set: [begin, end] });
    } else {
      sets.push(first);
    }
  }
  const set = caseClosed(reader, unionOf(sets));
  return negated ? complement(set) : set;
}

function classAtom(reader: RegexReader): CharacterSet {
  const character = reader.next();
  if (character !== "\\") return one(character.codePointAt(0) ?? 0);
  if (reader.take("b")) return one(8);
  return readEscape(reader);
}

/** After a backslash: everything but assertions and backreferences. */
export function readEscape(reader: RegexReader): CharacterSet {
  const character = reader.next();
  const control = CONTROLS[character];
  if (control !== undefined) return one(control);
  switch (character) {
    case "d":
      return classNamed("\\d");
    case "D":
      return complement(classNamed("\\d"));
    case "s":
      return classNamed("\\s");
    case "S":
      return complement(classNamed("\\s"));
    case "w":
      return wordSet(reader);
    case "W":
      return complement(wordSet(reader));
    case "p":
    case "P":
      return propertySet(reader, character);
    case "x":
    case "u":
    case "c":
    case "0":
      return one(numbered(reader, character));
    default:
      if (/[1-9]/.test(character)) throw reader.refuse("octal escapes are not supported");
      return one(character.codePointAt(0) ?? 0);
  }
}

/** Letters, digits and underscore of ASCII; under `iu` also what is equal to one of them but for case. */
export function wordSet(reader: RegexReader): CharacterSet {
  const word = classNamed("\\w");
  return reader.has("u") ? caseClosed(reader, word) : word;
}

function propertySet(reader: RegexReader, letter: "p" | "P"): CharacterSet {
  const name = reader.has("u") ? reader.takeMatch(/\{[^}]*\}/y) : null;
  if (name === null) throw reader.refuse(`\\${letter} has no meaning without the flag u`);
  return classNamed(`\\${letter}${name[0]}`);
}

/** After \x, \u, \c or \0. What is no such escape stands for its letter, as in JavaScript. */
function numbered(reader: RegexReader, letter: "x" | "u" | "c" | "0"): number {
  switch (letter) {
    case "0":
      if (/^\d/.test(reader.rest)) throw reader.refuse("octal escapes are not supported");
      return 0;
    case "c": {
      const control = reader.takeMatch(/[A-Za-z]/y);
      if (control === null) throw reader.refuse("\\c takes a letter");
      return (control[0].codePointAt(0) ?? 0) % 32;
    }
    case "x": {
      const hex = reader.takeMatch(/[0-9A-Fa-f]{2}/y);
      return hex === null ? 0x78 : Number.parseInt(hex[0], 16);
    }
    default:
      return unicodeEscape(reader);
  }
}

function unicodeEscape(reader: RegexReader): number {
  const pair = reader.takeMatch(/(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})/iy);
  if (pair !== null) {
    const [high, low] = [pair[1], pair[2]].map((hex) => Number.parseInt(hex as string, 16));
    return 0x10000 + (((high as number) - 0xd800) << 10) + ((low as number) - 0xdc00);
  }
  const hex = reader.takeMatch(/[0-9A-Fa-f]{4}/y);
  if (hex !== null) return Number.parseInt(hex[0], 16);
  const braced = reader.takeMatch(/\{([0-9A-Fa-f]+)\}/y);
  if (braced === null) return 0x75;
  if (!reader.has("u")) throw reader.refuse("\\u{...} has no meaning without the flag u");
  return Number.parseInt(braced[1] as string, 16);
}

/** The set with everything that flag `i` makes equal to one of its members. */
export function caseClosed(reader: RegexReader, of: CharacterSet): CharacterSet {
  return reader.has("i") ? { kind: "caseClosed", of, unicode: reader.has("u") } : of;
}

function one(codePoint: number): CharacterSet {
  return { kind: "points", set: [codePoint, codePoint] };
}

function classNamed(source: string): CharacterSet {
  return { kind: "class", source };
}

function unionOf(sets: readonly CharacterSet[]): CharacterSet {
  const points = union(...sets.flatMap((set) => (set.kind === "points" ? [set.set] : [])));
  const others = sets.filter(({ kind }) => kind !== "points");
  const known: CharacterSet = { kind: "points", set: points };
  return others.length === 0 ? known : { kind: "union", of: [known, ...others] };
}

function complement(of: CharacterSet): CharacterSet {
  return { kind: "complement", of };
}

function single(characters: CharacterSet): number | null {
  if (characters.kind !== "points") return null;
  const [first, last] = characters.set;
  return first !== undefined && first === last && characters.set.length === 2 ? first : null;
}
