export * from "./arrow/index.ts";
export * from "./csv/index.ts";
export { makeDirectory } from "./make_directory.ts";
export { checkNames } from "./output.ts";
