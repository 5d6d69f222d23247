// Functions from text to text, each a TextFunction of src/text. A null gives a null; `split` gives one too where the text
// has too few parts.

import { STRING } from "../../dtype/index.ts";
import {
  isPartial,
  parseReplacement,
  readRegex,
  type TextFunction,
  wellFormed,
} from "../../text/index.ts";
import {
  type CallSite,
  commonOf,
  invalidOption,
  mismatch,
  only,
  optionOf,
  type ScalarFunction,
} from "./function.ts";

type Options = CallSite["options"];

/** Throws what is wrong with a call's options. */
type Check = (site: CallSite) => void;

function textFunction(
  name: string,
  functionOf: (options: Options) => TextFunction,
  check: Check = () => {},
): ScalarFunction {
  return {
    name: `str.${name}`,
    arity: 1,
    bind: (site) => {
      bindText(site);
      check(site);
      return { args: [STRING], dtype: STRING };
    },
    lower: ({ builder }, args, call) => {
      const { value: a, validity } = only(args);
      const apply = functionOf(call.options);
      const value = builder.emit({ op: "textMap", lane: "string", function: apply, a });
      if (!isPartial(apply)) return { value, validity };
      const exists = builder.emit({ op: "textExists", lane: "bool", function: apply, a });
      return { value, validity: builder.both(validity, exists) };
    },
  };
}

/** @throws TypeMismatchError unless the arguments are strings. */
export function bindText(site: CallSite): void {
  if (commonOf(site, "a string", STRING) === STRING) return;
  throw mismatch(site, "a string", 'Cast to a string first, as in .cast("string").');
}

const text = (options: Options, name: string): string => wellFormed(options[name] as string);

const isInteger = (least: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) < 2 ** 31;

function checkOption(
  name: string,
  isRight: (value: unknown) => boolean,
  what: string,
  hint: string,
): Check {
  return (site) => {
    if (!isRight(optionOf(site, name))) throw invalidOption(site, what, hint);
  };
}

const all =
  (...checks: readonly Check[]): Check =>
  (site) => {
    for (const check of checks) check(site);
  };

const anInteger = isInteger(-(2 ** 31));
const isText = (value: unknown) => typeof value === "string" && value !== "";

const checkReplace: Check = (site) => {
  const [pattern, replacement] = [optionOf(site, "pattern"), optionOf(site, "replacement")];
  if (pattern instanceof RegExp) {
    const { code, groupNames } = readRegex(pattern);
    parseReplacement(String(replacement), code.slotCount / 2 - 1, groupNames);
  } else if (!isText(pattern)) {
    throw invalidOption(
      site,
      "the pattern is a text of at least one character, or a regular expression",
      "Write str.replace(/^/, text), or str.concat, to add a text.",
    );
  }
};

function replaceOf(options: Options): TextFunction {
  const { pattern } = options;
  const replacement = text(options, "replacement");
  const replacesAll = options.all !== false;
  if (!(pattern instanceof RegExp)) {
    const found = text(options, "pattern");
    return { kind: "replaceText", pattern: found, replacement, all: replacesAll };
  }
  const { source, flags } = pattern;
  const regex = { source: wellFormed(source), flags };
  return { kind: "replaceMatches", pattern: regex, replacement, all: replacesAll };
}

const pad = (kind: "padStart" | "padEnd") =>
  textFunction(
    kind,
    (options) => ({ kind, length: options.length as number, fill: text(options, "fill") }),
    all(
      checkOption("length", isInteger(0), "the length is a number of characters", "Write 10."),
      checkOption("fill", isText, "the padding is a text of at least one character", 'Write " ".'),
    ),
  );

export const textMapFunctions: readonly ScalarFunction[] = [
  ...(["upper", "lower", "trim", "trimStart", "trimEnd", "reverse"] as const).map((kind) =>
    textFunction(kind, () => ({ kind })),
  ),
  textFunction(
    "slice",
    ({ start, length }) => ({
      kind: "slice",
      start: start as number,
      length: (length ?? null) as number | null,
    }),
    all(
      checkOption("start", anInteger, "the start is an integer", "Write 0 for the first one."),
      checkOption(
        "length",
        (length) => length === null || isInteger(0)(length),
        "the length is a number of characters",
        "Leave it out to go to the end.",
      ),
    ),
  ),
  textFunction(
    "split",
    (options) => ({
      kind: "part",
      separator: text(options, "separator"),
      index: options.index as number,
    }),
    all(
      checkOption("separator", isText, "the separator has at least one character", 'Write ",".'),
      checkOption("index", anInteger, "the index is an integer", "Write 0 for the first part."),
    ),
  ),
  textFunction("replace", replaceOf, checkReplace),
  pad("padStart"),
  pad("padEnd"),
  textFunction(
    "repeat",
    ({ count }) => ({ kind: "repeat", count: count as number }),
    checkOption("count", isInteger(0), "the count is an integer from 0", "Write 2 for twice."),
  ),
];
