export * from "./batch.ts";
export * from "./bitmap.ts";
export * from "./column.ts";
export * from "./dictionary.ts";
export * from "./statistics.ts";
