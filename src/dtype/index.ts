export * from "./classes.ts";
export * from "./decimal.ts";
export * from "./dtype.ts";
export * from "./limits.ts";
export * from "./promotion.ts";
export * from "./schema.ts";
