export * from "./assert.ts";
export * from "./byte_size.ts";
export * from "./calendar.ts";
export * from "./cancel.ts";
export * from "./errors.ts";
export * from "./exact.ts";
export * from "./time_slice.ts";
export * from "./time_zone.ts";
