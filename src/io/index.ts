export * from "./arrow/index.ts";
export * from "./csv/index.ts";
export { checkNames } from "./output.ts";
