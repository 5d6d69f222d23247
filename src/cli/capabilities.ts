// Which operation runs on which device for which dtype, asked of the devices themselves, as the planner does.

import { at, InvalidArgumentError, TypeMismatchError } from "../base/index.ts";
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
  STRING,
  timestamp,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} from "../dtype/index.ts";
import type { DeviceInfo } from "../execution/index.ts";
import type { Operation, Support } from "../physical/index.ts";
import { type Asks, type CapabilityQuestion, capabilityQuestions } from "./capability_questions.ts";

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

const QUESTIONS = capabilityQuestions(CAPABILITY_DTYPES);
/** How wide the names of functions that are answered alike may stand before they are wrapped. */
const NAMES_WIDTH = 40;

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
    if (error instanceof TypeMismatchError || error instanceof InvalidArgumentError) return null;
    throw error;
  }
}

/** A table a device: a line for operations that are answered alike, a column a dtype; then the reasons for every `no`. */
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
  const rows = QUESTIONS.map(([question], row) => {
    const marks = names.map((name, column) => {
      const { support } = at(answers, row * names.length + column);
      return (support === null ? "" : support.ok ? "yes" : "no").padEnd(name.length);
    });
    return { question, marks: marks.join("  ").trimEnd() };
  });
  const reasons = new Map<string, string[]>();
  for (const { question, support } of answers) {
    if (support === null || support.ok) continue;
    const questions = reasons.get(support.reason) ?? [];
    if (!questions.includes(question)) reasons.set(support.reason, [...questions, question]);
  }
  return [
    `${id.padEnd(NAMES_WIDTH)}  ${names.join("  ")}`,
    ...alike(rows).flatMap(({ questions, marks }) => {
      const [first = "", ...others] = wrapped(questions);
      return [`${first.padEnd(NAMES_WIDTH)}  ${marks}`.trimEnd(), ...others];
    }),
    ...[...reasons].map(([reason, questions]) => `no ${questions.join(", ")}: ${reason}`),
  ];
}

interface Row {
  readonly question: string;
  readonly marks: string;
}

/** Neighbours with the same answers in one row. */
function alike(rows: readonly Row[]): { readonly questions: string[]; readonly marks: string }[] {
  const merged: { questions: string[]; marks: string }[] = [];
  for (const { question, marks } of rows) {
    const last = merged.at(-1);
    if (last?.marks === marks) last.questions.push(question);
    else merged.push({ questions: [question], marks });
  }
  return merged;
}

function wrapped(questions: readonly string[]): string[] {
  const lines: string[] = [];
  for (const question of questions) {
    const last = lines.at(-1);
    const longer = last === undefined ? null : `${last}, ${question}`;
    if (longer === null || longer.length > NAMES_WIDTH) lines.push(question);
    else lines[lines.length - 1] = longer;
  }
  return lines;
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
