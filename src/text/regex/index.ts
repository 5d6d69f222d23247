export type { Alphabet } from "./alphabet.ts";
export { buildDfa, type Dfa, runDfa } from "./dfa.ts";
export { type CompiledRegex, compiledRegex, matchesRegex, readRegex } from "./matcher.ts";
export { classesOf, findMatch, type Hopeless, type Slots } from "./pike.ts";
export { compiledPredicate } from "./predicate.ts";
export { beginnings, type RegexProgram } from "./program.ts";
export type { RegexSource } from "./syntax.ts";
