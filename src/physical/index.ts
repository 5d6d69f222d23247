export * from "./build.ts";
export * from "./capability.ts";
export * from "./device_descriptor.ts";
export * from "./operation.ts";
export * from "./placement.ts";
export * from "./plan.ts";
export * from "./planner.ts";
export * from "./print.ts";
