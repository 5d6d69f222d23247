// The shape of an operator: it reads its inputs, never changes or releases them, and gives a partition that the
// caller releases. Buffers that it shares with an input are retained by the pool.

import type { DType } from "../../../dtype/index.ts";
import type { Operation, Support } from "../../../physical/index.ts";
import type { GpuContext } from "../context.ts";
import type { GpuResident } from "../resident.ts";

export interface GpuOperator<O extends Operation> {
  supports(operation: O, inputs: readonly (readonly DType[])[]): Support;
  run(context: GpuContext, operation: O, inputs: readonly GpuResident[]): Promise<GpuResident>;
}
