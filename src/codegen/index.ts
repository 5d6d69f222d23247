export * from "./strings/index.ts";
