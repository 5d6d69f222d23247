export { type Alphabet, classOf } from "./alphabet.ts";
export { ACCEPT, buildDfa, DEAD, type Dfa, runDfa } from "./dfa.ts";
export { type CompiledRegex, compiledRegex, matchesRegex } from "./matcher.ts";
export { parseRegex } from "./parse.ts";
export { classesOf, findMatch, type Slots } from "./pike.ts";
export { compiledPredicate } from "./predicate.ts";
export { beginnings, compileRegex, type RegexProgram } from "./program.ts";
export type { RegexSource } from "./syntax.ts";
