export * from "./capability.ts";
export * from "./device_descriptor.ts";
export * from "./operation.ts";
