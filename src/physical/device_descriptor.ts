// What the planner knows of a device: plain data that `device/` fills in.

export type DeviceKind = "gpu" | "cpu" | "reference";

export interface DeviceDescriptor {
  /** "cpu", "reference", "gpu:0", "gpu:1", ... */
  readonly id: string;
  readonly kind: DeviceKind;
  readonly name: string;
  /** Of an adapter: how many of this name the driver shows. Names are all that tells them apart: the first is opened. */
  readonly cards?: number;
  readonly vendor: string;
  /** True for adapters that run on the CPU (SwiftShader, llvmpipe): used only when named. */
  readonly software: boolean;
  /** Bytes that the engine may use there. */
  readonly memory: number;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
  readonly threads: number;
  /** Instruction set of the loaded addon ("avx512"), or "wgsl", or "javascript". */
  readonly isa: string;
  /** Folding masked rows costs less here than compacting them first. */
  readonly skipsMaskedRows?: boolean;
}
