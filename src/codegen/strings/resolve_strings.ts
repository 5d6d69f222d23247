// Resolves the strings of a program: given the dictionaries of its string columns, every operation on text is done once
// per distinct value, and what is left for the rows are u32 codes and table lookups.
//
//   "contains"(s, "abc")   ->  lookup(code, bits of the entries that contain "abc")
//   s == "SFO"             ->  code == 17, or false where no entry is "SFO"
//   s < t                  ->  ranks of both codes in the union of both dictionaries
//   upper(s)               ->  code of the upper-case text in a dictionary of its own
//   select(c, s, "none")   ->  select(c, code, code of "none") over the dictionary of s with "none" appended

import { at, isTurnOver, NotSupportedError, nextTurn } from "../../base/index.ts";
import { compareBytes, Dictionary } from "../../column/index.ts";
import { dtypeName } from "../../dtype/index.ts";
import {
  type Constant,
  type Instruction,
  type Lane,
  type LookupTable,
  laneOf,
  type Program,
  type ProgramOutput,
  type ResolvedInstruction,
  type ResolvedProgram,
  type ValueId,
} from "../../ir/index.ts";
import type { TextFunction } from "../../text/index.ts";
import { bitsAt, bitsWhere } from "./bits.ts";
import type { DictionaryOperations, MappedDictionary } from "./dictionary_operations.ts";
import { renumber, touchesStrings } from "./operands.ts";
import type { ResolvedStrings } from "./resolved.ts";

const INSTRUCTIONS_A_CHECK = 64;

/** A string value: codes of a dictionary; a constant has text and takes part in whichever dictionary it meets. */
interface StringValue {
  readonly dictionary: Dictionary;
  readonly code: ValueId;
  readonly text: string | null;
}

type PlainConstant = ResolvedProgram["constants"][number];
/** The instructions with the operation. */
type Of<Op extends Instruction["op"]> = Extract<Instruction, { readonly op: Op }>;
type StringCompare = Extract<Instruction, { readonly op: "eq" | "ne" | "lt" | "le" }>;

/** Is it resolved as it is? Columns of strings may be loaded that nobody reads: compilers leave out what is not needed. */
export function namesNoStrings(program: Program): program is Program & ResolvedProgram {
  const { outputs } = program;
  return outputs.every(({ dtype }) => dtype.kind !== "string") && !isStringComputing(program);
}

/** Does it compare strings, or make any? Not where it only hands columns of them on. */
export function isStringComputing({ instructions, constants, sets }: Program): boolean {
  return !(
    constants.every(isPlain) &&
    sets.every(({ lane }) => lane !== "string") &&
    instructions.every((instruction) => instruction.op === "load" || !touchesStrings(instruction))
  );
}

/**
 * @param dictionaries the dictionary of each input column that is a string, null for the others.
 * @throws NotSupportedError for `format` and `textConcat`, whose texts are not known before the rows are.
 */
export async function resolveStrings(
  program: Program,
  dictionaries: readonly (Dictionary | null)[],
  operations: DictionaryOperations,
): Promise<ResolvedStrings> {
  const resolver = new Resolver(program, dictionaries, operations);
  for (const [position, instruction] of program.instructions.entries()) {
    if (touchesStrings(instruction)) await resolver.resolve(instruction);
    else resolver.copy(instruction);
    if (position % INSTRUCTIONS_A_CHECK === 0 && isTurnOver()) await nextTurn();
  }
  return resolver.finish();
}

class Resolver {
  readonly #program: Program;
  readonly #dictionaries: readonly (Dictionary | null)[];
  readonly #operations: DictionaryOperations;
  readonly #instructions: ResolvedInstruction[] = [];
  readonly #constants: PlainConstant[];
  readonly #constantNumbers: readonly number[];
  readonly #sets: ResolvedProgram["sets"][number][] = [];
  readonly #setNumbers: readonly number[];
  readonly #tables: LookupTable[];
  /** The new number of each value of the program; of a string value, that of its code. */
  readonly #numbers: ValueId[] = [];
  readonly #strings = new Map<ValueId, StringValue>();
  readonly #found = new Map<Dictionary, Map<string, Promise<unknown>>>();

  constructor(
    program: Program,
    dictionaries: readonly (Dictionary | null)[],
    operations: DictionaryOperations,
  ) {
    this.#program = program;
    this.#dictionaries = dictionaries;
    this.#operations = operations;
    this.#tables = [...program.tables];
    this.#constants = program.constants.filter(isPlain);
    this.#constantNumbers = positionsAmong(program.constants, isPlain);
    this.#sets = program.sets.filter((set) => set.lane !== "string");
    this.#setNumbers = positionsAmong(program.sets, (set) => set.lane !== "string");
  }

  async resolve(instruction: Instruction): Promise<void> {
    this.#numbers.push(await this.#resolve(instruction, this.#numbers.length));
  }

  /** An instruction that touches no strings. */
  copy(instruction: Instruction): void {
    this.#numbers.push(this.#emit(this.#copied(instruction as ResolvedInstruction)));
  }

  finish(): ResolvedStrings {
    const { predicate, outputs, inputs, sites } = this.#program;
    const number = (value: ValueId) => at(this.#numbers, value);
    const program: ResolvedProgram = {
      inputs,
      sites,
      instructions: this.#instructions,
      constants: this.#constants,
      sets: this.#sets,
      tables: this.#tables,
      predicate: predicate === null ? null : number(predicate),
      outputs: outputs.map(
        ({ dtype, value, validity }): ProgramOutput => ({
          dtype,
          value: number(value),
          validity: validity === null ? null : number(validity),
        }),
      ),
    };
    const dictionaries = outputs.map(({ value }) => this.#strings.get(value)?.dictionary ?? null);
    return { program, dictionaries };
  }

  #copied(instruction: ResolvedInstruction): ResolvedInstruction {
    const copy = renumber(instruction, (value) => at(this.#numbers, value));
    if (copy.op === "constant") {
      return { ...copy, constant: at(this.#constantNumbers, copy.constant) };
    }
    return "set" in copy ? { ...copy, set: at(this.#setNumbers, copy.set) } : copy;
  }

  /** The new number of the value that an instruction on strings gives. */
  async #resolve(instruction: Instruction, value: ValueId): Promise<ValueId> {
    switch (instruction.op) {
      case "load":
        return this.#define(value, {
          dictionary: this.#dictionaries[instruction.column] ?? Dictionary.EMPTY,
          code: this.#emit({ ...instruction, lane: "u32" }),
          text: null,
        });
      case "constant": {
        const { value: text } = at(this.#program.constants, instruction.constant);
        const dictionary = Dictionary.fromTexts([String(text)]);
        return this.#define(value, { dictionary, code: this.#code(0), text: String(text) });
      }
      case "select":
        return this.#define(value, await this.#select(instruction));
      case "eq":
      case "ne":
      case "lt":
      case "le":
        return this.#compare(instruction);
      case "inSet":
        return this.#inSet(instruction);
      case "stringPredicate": {
        const { dictionary, code } = this.#string(instruction.a);
        const { value: pattern } = at(this.#program.constants, instruction.pattern);
        const bits = await this.#operations.match(
          dictionary,
          instruction.predicate,
          String(pattern),
        );
        return this.#lookup("bool", code, dictionary.size, bits);
      }
      case "parse":
      case "parseFits":
        return this.#parse(instruction);
      case "regexMatches": {
        const { dictionary, code } = this.#string(instruction.a);
        const bits = await this.#operations.matchRegex(dictionary, instruction.pattern);
        return this.#lookup("bool", code, dictionary.size, bits);
      }
      case "textLength": {
        const { dictionary, code } = this.#string(instruction.a);
        const lengths = await this.#operations.lengths(dictionary, instruction.unit);
        return this.#lookup("u32", code, dictionary.size, lengths);
      }
      case "textMap":
        return this.#define(value, await this.#map(instruction));
      case "textExists":
        return this.#exists(instruction);
      default:
        throw new NotSupportedError(
          `${instruction.op} of a string is not resolved by dictionaries`,
        );
    }
  }

  async #parse({ op, a, dtype, radix, pattern }: Of<"parse" | "parseFits">): Promise<ValueId> {
    const { dictionary, code } = this.#string(a);
    const key = `parse ${radix} ${dtypeName(dtype)} ${pattern ?? ""}`;
    const { words, fits } = await this.#once(dictionary, key, () =>
      this.#operations.parse(dictionary, dtype, radix, pattern),
    );
    return op === "parse"
      ? this.#lookup(laneOf(dtype), code, dictionary.size, words)
      : this.#lookup("bool", code, dictionary.size, fits);
  }

  async #map(instruction: Of<"textMap">): Promise<StringValue> {
    const source = this.#string(instruction.a);
    const { dictionary, codes } = await this.#mapped(source, instruction.function);
    if (source.text !== null) {
      const text = dictionary.size === 0 ? "" : dictionary.text(0);
      return { dictionary: Dictionary.fromTexts([text]), code: this.#code(0), text };
    }
    const code = this.#lookup("u32", source.code, source.dictionary.size, codes);
    return { dictionary, code, text: null };
  }

  async #exists(instruction: Of<"textExists">): Promise<ValueId> {
    const source = this.#string(instruction.a);
    const { exists } = await this.#mapped(source, instruction.function);
    if (exists === null) return this.#constant({ lane: "bool", value: true });
    return this.#lookup("bool", source.code, source.dictionary.size, exists);
  }

  #mapped({ dictionary }: StringValue, apply: TextFunction): Promise<MappedDictionary> {
    const key = `map ${JSON.stringify(apply)}`;
    return this.#once(dictionary, key, () => this.#operations.map(dictionary, apply));
  }

  /** What a value and its check both ask of a dictionary is found once. */
  #once<T>(dictionary: Dictionary, key: string, find: () => Promise<T>): Promise<T> {
    const found = this.#found.get(dictionary) ?? new Map<string, Promise<unknown>>();
    this.#found.set(dictionary, found);
    const result = (found.get(key) as Promise<T> | undefined) ?? find();
    found.set(key, result);
    return result;
  }

  async #select(instruction: Extract<Instruction, { op: "select" }>): Promise<StringValue> {
    const a = this.#string(instruction.a);
    const b = this.#string(instruction.b);
    const condition = at(this.#numbers, instruction.condition);
    const { dictionary, codes } = await this.#inOneDictionary(a, b);
    const code = this.#emit({ op: "select", lane: "u32", condition, a: codes[0], b: codes[1] });
    return { dictionary, code, text: null };
  }

  async #compare({ op, a: left, b: right }: StringCompare): Promise<ValueId> {
    const [a, b] = [this.#string(left), this.#string(right)];
    if (a.text === null && b.text !== null) return this.#compareWithText(op, a, b.text, false);
    if (b.text === null && a.text !== null) return this.#compareWithText(op, b, a.text, true);
    const { dictionary, codes } = await this.#inOneDictionary(a, b);
    if (op === "eq" || op === "ne") return this.#compareU32(op, codes[0], codes[1]);
    const ranks = await this.#operations.ranks(dictionary);
    const rankOf = (code: ValueId) => this.#lookup("u32", code, dictionary.size, ranks);
    return this.#compareU32(op, rankOf(codes[0]), rankOf(codes[1]));
  }

  /** `flipped`: the text is the left operand. */
  async #compareWithText(
    op: StringCompare["op"],
    { dictionary, code }: StringValue,
    text: string,
    flipped: boolean,
  ): Promise<ValueId> {
    if (op === "eq" || op === "ne") {
      const [found = -1] = await this.#operations.find(dictionary, [text]);
      // A program's form must not say whether the dictionary has a text.
      return this.#compareU32(op, code, this.#code(found < 0 ? NO_CODE : found));
    }
    const bytes = Dictionary.fromTexts([text]).entry(0);
    const bits = bitsWhere(dictionary.size, (entry) => {
      const order = compareBytes(dictionary.entry(entry), bytes) * (flipped ? -1 : 1);
      return op === "lt" ? order < 0 : order <= 0;
    });
    return this.#lookup("bool", code, dictionary.size, bits);
  }

  async #inSet({ a, set }: Extract<Instruction, { op: "inSet" }>): Promise<ValueId> {
    const { dictionary, code } = this.#string(a);
    const { lane, values } = at(this.#program.sets, set);
    if (lane !== "string") throw new Error(`a set of ${lane} among strings`);
    const bits = bitsAt(dictionary.size, await this.#operations.find(dictionary, values));
    return this.#lookup("bool", code, dictionary.size, bits);
  }

  /** Both values as codes of one dictionary. */
  async #inOneDictionary(
    a: StringValue,
    b: StringValue,
  ): Promise<{ readonly dictionary: Dictionary; readonly codes: readonly [ValueId, ValueId] }> {
    if (a.dictionary === b.dictionary) {
      return { dictionary: a.dictionary, codes: [a.code, b.code] };
    }
    // A constant is appended to the other's dictionary: a table lookup less.
    if (a.text !== null && b.text === null) {
      const { dictionary, codes } = await this.#inOneDictionary(b, a);
      return { dictionary, codes: [codes[1], codes[0]] };
    }
    const { dictionary, remaps } = await this.#operations.unify([a.dictionary, b.dictionary]);
    const remap = at(remaps, 1);
    const code =
      b.text === null
        ? this.#lookup("u32", b.code, b.dictionary.size, remap)
        : this.#code(at(remap, 0));
    return { dictionary, codes: [a.code, code] };
  }

  #string(value: ValueId): StringValue {
    const string = this.#strings.get(value);
    if (string === undefined) throw new Error(`value ${value} is no string`);
    return string;
  }

  #define(value: ValueId, string: StringValue): ValueId {
    this.#strings.set(value, string);
    return string.code;
  }

  #lookup(lane: Lane, a: ValueId, length: number, words: Uint32Array): ValueId {
    if (lane === "string") throw new Error("no table of strings");
    let table = this.#tables.findIndex((known) => known.words === words && known.lane === lane);
    if (table < 0) table = this.#tables.push({ lane, length, words }) - 1;
    return this.#emit({ op: "lookup", lane, a, table });
  }

  #compareU32(op: StringCompare["op"], a: ValueId, b: ValueId): ValueId {
    return this.#emit({ op, lane: "bool", of: "u32", a, b });
  }

  #code(code: number): ValueId {
    return this.#constant({ lane: "u32", value: code });
  }

  #constant(constant: PlainConstant): ValueId {
    const number = this.#constants.push(constant) - 1;
    return this.#emit({ op: "constant", lane: constant.lane, constant: number });
  }

  #emit(instruction: ResolvedInstruction): ValueId {
    return this.#instructions.push(instruction) - 1;
  }
}

function isPlain(constant: Constant): constant is PlainConstant {
  return constant.lane !== "string";
}

/** No entry has it. */
const NO_CODE = 0xffffffff;

/** For each item its position among those that pass, -1 for the others. */
function positionsAmong<T>(items: readonly T[], passes: (item: T) => boolean): number[] {
  let next = 0;
  return items.map((item) => (passes(item) ? next++ : -1));
}
