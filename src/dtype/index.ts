export * from "./classes.ts";
export * from "./dtype.ts";
export * from "./limits.ts";
export * from "./schema.ts";
