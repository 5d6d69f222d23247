export * from "./classes.ts";
export * from "./dtype.ts";
export * from "./schema.ts";
