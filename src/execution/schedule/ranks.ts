// Upward ranks (Topcuoglu et al. 2002): how long it takes at least from the end of a task to the end of the query. Tasks
// with a long way to go start first. HEFT takes the mean time over devices; here it is the fastest device's, which is
// what bounds the makespan when speeds differ by 16.

import { at } from "../../base/index.ts";
import type { DispatchTask, Predictor } from "./model.ts";

export function tails(tasks: readonly DispatchTask[], predictor: Predictor): Float64Array {
  const result = new Float64Array(tasks.length);
  for (let index = tasks.length - 1; index >= 0; index--) {
    const { id, inputs, devices } = at(tasks, index);
    const own = devices.map((device) => predictor.computeMs(id, device));
    const through = at(result, id) + (own.length === 0 ? 0 : Math.min(...own));
    for (const input of inputs) result[input] = Math.max(at(result, input), through);
  }
  return result;
}
