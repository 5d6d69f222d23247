export * from "./aggregate.ts";
export * from "./lane.ts";
export * from "./program.ts";
export * from "./resolved.ts";
export * from "./routine.ts";
export * from "./routines/index.ts";
