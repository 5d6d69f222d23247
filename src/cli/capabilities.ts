// Which operation runs on which device, asked of the devices themselves, as the planner does.

import { type Device, listGpuAdapters, openGpu, openHosts } from "../device/index.ts";
import type { DType } from "../dtype/index.ts";
import { DATE, FLOAT64, INT32, INT64, Schema, STRING, timestamp } from "../dtype/index.ts";
import type { DeviceInfo } from "../execution/index.ts";
import { col, lit, type Options } from "../expr/index.ts";
import { bindExpression, lowerProgram, planAggregates } from "../function/index.ts";
import type { JoinHow, Operation } from "../physical/index.ts";

interface Question {
  readonly text: string;
  readonly operation: Operation;
  readonly inputs: readonly (readonly DType[])[];
}

const KEYS: readonly DType[] = [INT32, INT64, FLOAT64, STRING, DATE, timestamp("us")];

const AGGREGATES = ["sum", "mean", "var", "skew", "corr", "min", "quantile", "nUnique"] as const;

/** Aligned lines: one an operation, `yes` or the reason why not for each device. */
export async function capabilityTable(infos: readonly DeviceInfo[]): Promise<string[]> {
  const devices = await openAll(infos);
  try {
    const questions = allQuestions();
    const width = Math.max(...questions.map(({ text }) => text.length));
    const ids = devices.map(({ descriptor }) => descriptor.id);
    const head = `${"".padEnd(width)}  ${ids.join("  ")}`;
    const notes = new Set<string>();
    const lines = questions.map(({ text, operation, inputs }) => {
      const marks = devices.map((device) => {
        const support = device.supports(operation, inputs);
        if (!support.ok) notes.add(`${device.descriptor.id}, ${text}: ${support.reason}`);
        return (support.ok ? "yes" : "no").padEnd(device.descriptor.id.length);
      });
      return `${text.padEnd(width)}  ${marks.join("  ")}`.trimEnd();
    });
    return [head, ...lines, ...(notes.size > 0 ? ["", ...notes] : [])];
  } finally {
    for (const { executor } of devices) await executor.close();
  }
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

function allQuestions(): Question[] {
  return [
    ...KEYS.map((dtype) => evaluateQuestion(dtype)),
    ...AGGREGATES.map(aggregateQuestion),
    ...(["inner", "left", "right", "full", "semi", "anti"] as const).map(joinQuestion),
    {
      text: "sort",
      operation: {
        kind: "sort",
        keys: KEYS.map((_, column) => ({ column, descending: false, nulls: "last" as const })),
        limit: null,
      },
      inputs: [KEYS],
    },
    { text: "slice", operation: { kind: "slice", offset: 0, length: 1 }, inputs: [KEYS] },
    { text: "concat", operation: { kind: "concat" }, inputs: [KEYS, KEYS] },
  ];
}

function evaluateQuestion(dtype: DType): Question {
  const schema = new Schema([{ name: "x", dtype }]);
  const number = dtype.kind === "int32" || dtype.kind === "int64" || dtype.kind === "float64";
  const computed = number ? col("x").mul(2).add(1) : col("x");
  const output = bindExpression(computed.node, schema, "doctor");
  const predicate = bindExpression(col("x").ne(lit(null)).node, schema, "doctor");
  return {
    text: `filter and compute ${dtype.kind}`,
    operation: { kind: "evaluate", program: lowerProgram([dtype], [output], predicate) },
    inputs: [[dtype]],
  };
}

function aggregateQuestion(name: (typeof AGGREGATES)[number]): Question {
  const key = KEYS.indexOf(STRING);
  const columnOf = name === "nUnique" ? [key] : [KEYS.indexOf(FLOAT64)];
  const options: Options = name === "quantile" ? { q: 0.5 } : {};
  const argColumns = name === "corr" ? [...columnOf, KEYS.indexOf(FLOAT64)] : columnOf;
  const planned = planAggregates([{ function: name, argColumns, options, text: name }], KEYS);
  return {
    text: `group by string: ${name}`,
    operation: {
      kind: "aggregate",
      phase: "complete",
      keys: [key],
      ...planned,
      dropNullKeys: false,
    },
    inputs: [KEYS],
  };
}

function joinQuestion(how: JoinHow): Question {
  const every = KEYS.map((_, index) => index);
  const rightOutputs = how === "semi" || how === "anti" ? [] : every;
  return {
    text: `${how} join`,
    operation: {
      kind: "join",
      how,
      leftKeys: every,
      rightKeys: every,
      nullEquals: false,
      buildSide: "right",
      leftOutputs: every,
      rightOutputs,
    },
    inputs: [KEYS, KEYS],
  };
}
