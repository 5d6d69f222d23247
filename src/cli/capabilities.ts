// Which operation runs on which device for which dtype, asked of the devices themselves, as the planner does.

import { at, atOnce, TypeMismatchError } from "../base/index.ts";
import { type Device, listGpuAdapters, openGpu, openHosts } from "../device/index.ts";
import {
  BOOL,
  DATE,
  type DType,
  decimal,
  dtypeName,
  duration,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  Schema,
  STRING,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../dtype/index.ts";
import type { DeviceInfo } from "../execution/index.ts";
import { type AnyExpr, coalesce, col, max, type Options, when } from "../expr/index.ts";
import { bindExpression, lowerProgram, planAggregates } from "../function/index.ts";
import type { Operation, Support } from "../physical/index.ts";

export const CAPABILITY_DTYPES: readonly DType[] = [
  BOOL,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
  FLOAT32,
  FLOAT64,
  decimal(18, 2),
  STRING,
  DATE,
  timestamp("us"),
  duration("us"),
];

/** An operation on columns of one dtype. */
export interface CapabilityQuestion {
  readonly operation: Operation;
  readonly inputs: readonly (readonly DType[])[];
}

type Asks = (dtype: DType) => CapabilityQuestion;

const [x, y]: readonly [AnyExpr, AnyExpr] = [col("x"), col("y")];

/** What is asked of every dtype, by the name under which it is printed. */
const QUESTIONS: readonly (readonly [name: string, asks: Asks])[] = [
  ["filter", evaluateQuestion([], x.eq(y))],
  ["compare", evaluateQuestion([x.eq(y), x.lt(y), x.between(y, y)])],
  ["choose", evaluateQuestion([coalesce(x, y), max(x, y), when(x.eq(y)).then(x).otherwise(y)])],
  ["add", evaluateQuestion([x.add(y), x.sub(y)])],
  ["mul", evaluateQuestion([x.mul(y)])],
  ["div", evaluateQuestion([x.div(y)])],
  ["mod", evaluateQuestion([x.floorDiv(y), x.mod(y), x.rem(y)])],
  ["round", evaluateQuestion([x.round(1), x.floor(), x.ceil(), x.trunc()])],
  ["cast to float64", evaluateQuestion([x.cast("float64", { strict: false })])],
  ["cast to string", evaluateQuestion([x.cast("string")])],
  ["group key", aggregateQuestion("count", true)],
  ...(["min", "first", "nUnique", "sum", "mean", "var", "skew", "median"] as const).map(
    (name) => [name, aggregateQuestion(name, false)] as const,
  ),
  ["join key", joinQuestion],
  ["sort key", sortQuestion],
  ["slice", (dtype) => ({ operation: { kind: "slice", offset: 0, length: 1 }, inputs: [[dtype]] })],
  ["concat", (dtype) => ({ operation: { kind: "concat" }, inputs: [[dtype], [dtype]] })],
];

export interface CapabilityAnswer {
  readonly question: string;
  readonly dtype: DType;
  /** Null: the dtype has no such operation. */
  readonly support: Support | null;
}

/** All answers, operation by operation, in each by the order of CAPABILITY_DTYPES. */
export function capabilitiesOf(
  supports: (operation: Operation, inputs: readonly (readonly DType[])[]) => Support,
): CapabilityAnswer[] {
  return QUESTIONS.flatMap(([question, asks]) =>
    CAPABILITY_DTYPES.map((dtype): CapabilityAnswer => {
      const asked = questionOf(asks, dtype);
      const support = asked && supports(asked.operation, asked.inputs);
      return { question, dtype, support };
    }),
  );
}

/** Null where the operation does not take the dtype. */
function questionOf(asks: Asks, dtype: DType): CapabilityQuestion | null {
  try {
    return asks(dtype);
  } catch (error) {
    if (error instanceof TypeMismatchError) return null;
    throw error;
  }
}

/** A table a device: a line an operation, a column a dtype; then the reasons for every `no`. */
export async function capabilityTable(infos: readonly DeviceInfo[]): Promise<string[]> {
  const devices = await openAll(infos);
  try {
    return devices.flatMap((device) => [
      ...deviceTable(device.descriptor.id, capabilitiesOf(device.supports.bind(device))),
      "",
    ]);
  } finally {
    for (const { executor } of devices) await executor.close();
  }
}

function deviceTable(id: string, answers: readonly CapabilityAnswer[]): string[] {
  const names = CAPABILITY_DTYPES.map(dtypeName);
  const first = Math.max(id.length, ...QUESTIONS.map(([name]) => name.length));
  const head = [id.padEnd(first), ...names].join("  ");
  const reasons = new Set<string>();
  const lines = QUESTIONS.map(([question], row) => {
    const marks = names.map((name, column) => {
      const { support } = at(answers, row * names.length + column);
      if (support && !support.ok) reasons.add(`no ${question}: ${support.reason}`);
      return (support === null ? "" : support.ok ? "yes" : "no").padEnd(name.length);
    });
    return [question.padEnd(first), ...marks].join("  ").trimEnd();
  });
  return [head, ...lines, ...reasons];
}

async function openAll(infos: readonly DeviceInfo[]): Promise<Device[]> {
  const host = { threads: null, isa: null, memory: null };
  const devices = [...openHosts(host)];
  for (const adapter of await listGpuAdapters()) {
    if (infos.some(({ id }) => id === adapter.descriptor.id))
      devices.push(await openGpu(adapter, null, host));
  }
  return devices;
}

function evaluateQuestion(outputs: readonly AnyExpr[], predicate: AnyExpr | null = null): Asks {
  return (dtype) => {
    const dtypes = [dtype, dtype];
    const schema = new Schema([
      { name: "x", dtype },
      { name: "y", dtype },
    ]);
    const bind = ({ node }: AnyExpr) => bindExpression(node, schema, "doctor");
    const program = lowerProgram(dtypes, outputs.map(bind), predicate && bind(predicate));
    return { operation: { kind: "evaluate", program }, inputs: [dtypes] };
  };
}

/** A function of the dtype's values in groups of int32, or with `isKey` in groups of the dtype. */
function aggregateQuestion(name: string, isKey: boolean): Asks {
  return (dtype) => {
    const dtypes = [isKey ? dtype : INT32, dtype];
    // As a query does: quantiles of decimals take float64, which a program before the aggregate gives.
    if (name === "median" && dtype.kind === "decimal") dtypes[1] = FLOAT64;
    const options: Options = {};
    const request = { function: name, argColumns: [1], options, text: name };
    const planned = atOnce(planAggregates([request], dtypes));
    const operation = {
      kind: "aggregate",
      phase: "complete",
      keys: [0],
      ...planned,
      dropNullKeys: false,
    } as const;
    return { operation, inputs: [dtypes] };
  };
}

function joinQuestion(dtype: DType): CapabilityQuestion {
  const operation = {
    kind: "join",
    how: "inner",
    leftKeys: [0],
    rightKeys: [0],
    nullEquals: false,
    buildSide: "right",
    leftOutputs: [0],
    rightOutputs: [0],
  } as const;
  return { operation, inputs: [[dtype], [dtype]] };
}

function sortQuestion(dtype: DType): CapabilityQuestion {
  const keys = [{ column: 0, descending: false, nulls: "last" as const }];
  return { operation: { kind: "sort", keys, limit: null }, inputs: [[dtype]] };
}
