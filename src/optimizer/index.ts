export * from "./optimize.ts";
export type { Rule } from "./rule.ts";
