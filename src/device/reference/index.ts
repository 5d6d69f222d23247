export * from "./executor.ts";
export { formatValue, parseValue } from "./text.ts";
