// contains, startsWith, endsWith and like as patterns, for executors that know automata only.

import { assertNever, type Steps } from "../../base/index.ts";
import type { CompiledRegex } from "./matcher.ts";
import { compiledNodes } from "./matcher.ts";
import { literalNodes, type RegexNode } from "./syntax.ts";

type Predicate = "contains" | "startsWith" | "endsWith" | "like";

const START: RegexNode = { kind: "assertion", assertion: "start" };
const END: RegexNode = { kind: "assertion", assertion: "end" };
const ANY: RegexNode = { kind: "set", set: { kind: "points", set: [0, 0x10ffff] } };
const ANY_TEXT: RegexNode = {
  kind: "repeat",
  body: ANY,
  min: 0,
  max: Number.POSITIVE_INFINITY,
  greedy: true,
};

/** The pattern that is found where the predicate is true. */
export function compiledPredicate(predicate: Predicate, text: string): Steps<CompiledRegex> {
  return compiledNodes(`${predicate} ${text}`, () => nodesOf(predicate, text));
}

function nodesOf(predicate: Predicate, text: string): readonly RegexNode[] {
  switch (predicate) {
    case "contains":
      return [literalNodes(text)];
    case "startsWith":
      return [START, literalNodes(text)];
    case "endsWith":
      return [literalNodes(text), END];
    case "like":
      return [START, ...likeNodes([...text]), END];
    default:
      return assertNever(predicate);
  }
}

/** A backslash takes the next character literally; at the end it stands for itself. */
function likeNodes(characters: readonly string[]): RegexNode[] {
  const nodes: RegexNode[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    const escaped = character === "\\" ? characters[i + 1] : undefined;
    if (character === "%") nodes.push(ANY_TEXT);
    else if (character === "_") nodes.push(ANY);
    else nodes.push(literalNodes(escaped ?? character));
    if (escaped !== undefined) i += 1;
  }
  return nodes;
}
