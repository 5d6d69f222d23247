// Parses every entry of a dictionary into the bits of its lane.

import type { Steps } from "../../base/index.ts";
import { DECIMAL_WORDS, type Dictionary, writeDecimal } from "../../column/index.ts";
import type { DType } from "../../dtype/index.ts";
import { type Lane, laneOf } from "../../ir/index.ts";
import type { ParsedEntries } from "./dictionary_operations.ts";

/** The value that a text stands for, or null if it is no such value: integers and instants as bigint. */
export type ParseText = (
  text: string,
  dtype: DType,
  radix: number,
  pattern?: string,
) => boolean | bigint | number | string | null;

/** Entries a step: some hundreds of microseconds. */
const A_STEP = 128;

export function* parseEntries(
  dictionary: Dictionary,
  dtype: DType,
  radix: number,
  parse: ParseText,
  pattern?: string,
): Steps<ParsedEntries> {
  const { size } = dictionary;
  const lane = laneOf(dtype);
  const fits = new Uint32Array(Math.ceil(size / 32));
  const words = new Uint32Array(lane === "bool" ? fits.length : size * wordsOf(lane));
  const view = new DataView(words.buffer);
  for (let code = 0; code < size; code++) {
    if (code % A_STEP === 0) yield;
    const value = parse(dictionary.text(code), dtype, radix, pattern);
    if (value === null) continue;
    setBit(fits, code);
    switch (lane) {
      case "i128":
        writeDecimal(words, code, BigInt(value));
        break;
      case "bool":
        if (value === true) setBit(words, code);
        break;
      case "f64":
        view.setFloat64(8 * code, Number(value), true);
        break;
      case "f32":
        view.setFloat32(4 * code, Number(value), true);
        break;
      case "i64":
      case "u64":
        view.setBigUint64(8 * code, BigInt.asUintN(64, BigInt(value)), true);
        break;
      default:
        words[code] = Number(BigInt.asUintN(32, BigInt(value)));
    }
  }
  return { words, fits };
}

function wordsOf(lane: Lane): number {
  if (lane === "i128") return DECIMAL_WORDS;
  return /64/.test(lane) ? 2 : 1;
}

function setBit(words: Uint32Array, index: number): void {
  words[index >> 5] = ((words[index >> 5] as number) | (1 << (index & 31))) >>> 0;
}
