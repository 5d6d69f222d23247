// What a text is: its length, whether a regular expression matches it, the number it stands for; and texts put together.

import { BOOL, type DType, FLOAT64, INT64, STRING } from "../../dtype/index.ts";
import { laneOf, type TextUnit, type ValueId } from "../../ir/index.ts";
import { readRegex, type TextFunction, wellFormed } from "../../text/index.ts";
import type { ProgramBuilder } from "../builder.ts";
import { callText, checkAt } from "../lower.ts";
import {
  type CallSite,
  everywhere,
  invalidOption,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";
import { bindText } from "./text_map.ts";

function length(name: string, unit: TextUnit): ScalarFunction {
  return {
    name: `str.${name}`,
    arity: 1,
    bind: (site) => {
      bindText(site);
      return { args: [STRING], dtype: INT64 };
    },
    lower: ({ builder }, args) => {
      const { value: a, validity } = only(args);
      const units = builder.emit({ op: "textLength", lane: "u32", unit, a });
      return { value: builder.convert("u32", "i64", units), validity };
    },
  };
}

const matches: ScalarFunction = {
  name: "str.matches",
  arity: 1,
  bind: (site) => {
    bindText(site);
    const pattern = optionOf(site, "pattern");
    if (!(pattern instanceof RegExp)) {
      throw invalidOption(site, "the pattern is a regular expression", "Write str.matches(/x/).");
    }
    readRegex(pattern); // refuses what no automaton can run
    return { args: [STRING], dtype: BOOL };
  },
  lower: ({ builder }, args, call) => {
    const { value: a, validity } = only(args);
    const { source, flags } = call.options.pattern as RegExp;
    const pattern = { source: wellFormed(source), flags };
    return { value: builder.emit({ op: "regexMatches", lane: "bool", pattern, a }), validity };
  },
};

/** Parses; a text that is no such value is null, or a failure where `strict`. */
function parsed(name: string, dtype: DType, radixOf: (site: CallSite) => unknown): ScalarFunction {
  return {
    name: `str.${name}`,
    arity: 1,
    bind: (site) => {
      bindText(site);
      const radix = radixOf(site);
      if (!Number.isInteger(radix) || (radix as number) < 2 || (radix as number) > 36) {
        throw invalidOption(site, "the base is an integer from 2 to 36", "Leave it out for 10.");
      }
      return { args: [STRING], dtype };
    },
    lower: (context, args, call) => {
      const { builder } = context;
      const { value: a, validity } = only(args);
      const radix = (call.options.base ?? 10) as number;
      const value = builder.emit({ op: "parse", lane: laneOf(dtype), dtype, radix, a });
      const fits = builder.emit({ op: "parseFits", lane: "bool", dtype, radix, a });
      if (call.options.strict === false) return { value, validity: builder.both(validity, fits) };
      const check = checkAt(context, "cast", callText(call), validity);
      return { value, validity: builder.both(validity, builder.require(fits, check)) };
    },
  };
}

const concat: ScalarFunction = {
  name: "str.concat",
  arity: { least: 1 },
  bind: (site) => {
    bindText(site);
    return { args: everywhere(site.operands.length, STRING), dtype: STRING };
  },
  lower: ({ builder }, args) => {
    const values = args.map(({ value }) => value);
    return { value: joined(builder, values), validity: builder.allValid(args) };
  },
};

/** Constants are put around their neighbours: a table per dictionary, where two columns cost a text a row. */
export function joined(builder: ProgramBuilder, values: readonly ValueId[]): ValueId {
  const parts: { before: string; value: ValueId; after: string }[] = [];
  let before = "";
  for (const value of values) {
    const text = builder.textOf(value);
    const last = parts.at(-1);
    if (text === null) {
      parts.push({ before, value, after: "" });
      before = "";
    } else if (last === undefined) before += text;
    else last.after += text;
  }
  const [first, ...others] = parts.map((part) => surrounded(builder, part));
  if (first === undefined) return builder.constant("string", before);
  return others.reduce((a, b) => builder.emit({ op: "textConcat", lane: "string", a, b }), first);
}

function surrounded(
  builder: ProgramBuilder,
  { before, value: a, after }: { before: string; value: ValueId; after: string },
): ValueId {
  if (before === "" && after === "") return a;
  const apply: TextFunction = { kind: "surround", before, after };
  return builder.emit({ op: "textMap", lane: "string", function: apply, a });
}

export const textValueFunctions: readonly ScalarFunction[] = [
  length("length", "codePoint"),
  length("byteLength", "byte"),
  matches,
  parsed("toInteger", INT64, (site) => optionOf(site, "base") ?? 10),
  parsed("toFloat", FLOAT64, () => 10),
  concat,
];
