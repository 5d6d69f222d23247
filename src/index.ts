// gpudataframe: a lazy dataframe engine that runs on GPUs and the CPU with the same bits.
/// <reference types="@webgpu/types" preserve="true" />

import { Session } from "./frame/index.ts";

/** The default session. Importing the package opens nothing; the first frame does. */
const gpuDataFrame: Session = new Session();

export default gpuDataFrame;
export {
  AbortError,
  CastError,
  ColumnNotFoundError,
  DataFrameError,
  DeviceFaultError,
  DeviceLostError,
  FileError,
  IntegerOverflowError,
  InvalidArgumentError,
  MemoryBudgetError,
  NoDeviceError,
  NotSupportedError,
  ParseError,
  TypeMismatchError,
  UnsafeIntegerError,
} from "./base/index.ts";
export type { DType, DTypeLike, DTypeName, Field, Schema } from "./dtype/index.ts";
export type {
  DeviceInfo,
  MemoryUse,
  Progress,
  RunOptions,
  SessionOptions,
  TaskReport,
  WriteReport,
} from "./execution/index.ts";
export {
  coalesce,
  col,
  count,
  type DurationParts,
  duration,
  type Expr,
  lit,
  max,
  min,
  when,
} from "./expr/index.ts";
export {
  type AnyDataFrame,
  DataFrame,
  GroupBy,
  type PersistedDataFrame,
  type ProfileReport,
  Series,
  Session,
  type StreamOptions,
  Table,
} from "./frame/index.ts";
