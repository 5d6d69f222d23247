// Functions of texts, over dictionary and plain strings: expressions over string columns a, b, c and a bool column k.
import { type AnyExpr, col, min, when } from "../../../src/expr/index.ts";

const [a, b, c, k] = ["a", "b", "c", "k"].map((name): AnyExpr => col(name)) as [
  AnyExpr,
  AnyExpr,
  AnyExpr,
  AnyExpr,
];

const textFunctions = [
  a.str.upper(),
  a.str.lower(),
  a.str.trim(),
  a.str.trimStart(),
  a.str.trimEnd(),
  a.str.reverse(),
  a.str.length(),
  a.str.byteLength(),
  a.str.slice(1, 3),
  a.str.slice(-2),
  a.str.slice(-1, 0),
  a.str.split("b", 1),
  a.str.split("b", -1),
  a.str.split("ab", 0),
  a.str.replace("a", "__proto__"),
  a.str.replace("ab", "", { all: false }),
  a.str.replace(/b*/, "<$&>"),
  a.str.replace(/(a|b)(?<c>.)?/i, "$2$1$<c>$$", { all: false }),
  a.str.matches(/^[ab]*$/),
  a.str.matches(/b\b|\d$/m),
  a.str.matches(/[\p{L}\u{10000}]$/u),
  a.str.matches(/(?:a?){30}a{30}/),
  a.str.padStart(5, "xy"),
  a.str.padEnd(3, "é"),
  a.str.repeat(2),
  a.str.toInteger({ base: 12, strict: false }),
  a.str.toFloat({ strict: false }),
  a.str.upper().eq(b.str.upper()),
  a.str.slice(0, 1).lt(b.str.slice(1, 1)),
  min(a.str.reverse(), b),
  when(k).then(a.str.lower()).otherwise(b.str.split("a", 0)),
] as readonly AnyExpr[];
/** Texts that no dictionary has: one a row. */
const concatenations = [
  a.str.concat(b),
  a.str.concat("-", b, c, "."),
  a.str.concat(b.cast("string")).str.length(),
  when(k).then(a.str.concat(a)).otherwise("none"),
  a.str.concat(b).eq(b.str.concat(a)),
] as readonly AnyExpr[];

interface TextCase {
  readonly outputs: readonly AnyExpr[];
  readonly predicate?: AnyExpr;
  readonly shape: { readonly plain: boolean };
}

export const textCases = [false, true].flatMap((plain) => {
  const named = (title: string, outputs: readonly AnyExpr[], predicate?: AnyExpr) =>
    [
      `${title} of ${plain ? "plain" : "dictionary"} strings`,
      { outputs, shape: { plain }, ...(predicate && { predicate }) },
    ] as const satisfies readonly [string, TextCase];
  return [
    named("text functions", textFunctions),
    named("texts put together", concatenations),
    named("texts put together behind a predicate", concatenations, a.str.contains("a")),
    named("strict toInteger", [a.str.toInteger()]),
    named("toInteger behind a match", [
      when(a.str.matches(/^-?\d+$/)).then(a.str.toInteger({ base: 10 })),
    ]),
  ];
});
