export * from "./cpu/index.ts";
export * from "./strings/index.ts";
export * from "./wgsl/index.ts";
