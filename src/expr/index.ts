export * from "./builders.ts";
export * from "./datetime_methods.ts";
export { exprDepth, MOST_DEPTH } from "./depth.ts";
export * from "./expr.ts";
export * from "./kind.ts";
export * from "./node.ts";
export * from "./nodes.ts";
export * from "./string_methods.ts";
export * from "./walk.ts";
