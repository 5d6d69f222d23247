export { cacheDirectory } from "./cost_cache.ts";
export { type MeasuredDevice, measureDevices } from "./measure_devices.ts";
export { MeasuredCosts } from "./measured_costs.ts";
