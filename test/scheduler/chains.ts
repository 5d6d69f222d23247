// Tasks in a row, each the only reader of the one before: where one runs decides what the next one's input takes to get to it.

import { type Task, type TaskGraph, type TaskId, taskInputs } from "../../src/execution/task.ts";
import type { DataSize } from "../../src/physical/index.ts";
import type { AreaOption } from "./area.ts";
import type { Event } from "./events.ts";
import type { DeviceModel } from "./machines.ts";

/** Resources of a device: computing, what comes up to it, what goes down from it. */
export const COMPUTE = 0;
export const UP = 1;
export const DOWN = 2;
export const PARTS = 3;

/** Phases, the first and the last one. */
export type Window = readonly [number, number];

export interface Stage {
  /** By resource of a kind of device: when it can be used, each for itself. */
  readonly windows: readonly [Window, Window, Window];
  /** When the result of the stage before moves here. */
  readonly moves: Window;
  /** By kind of device and resource; infinite where it does not run. */
  readonly amounts: Float64Array;
  /** What the result of the stage before takes to leave a kind of device, and to come to one. */
  readonly leaves: Float64Array;
  readonly comes: Float64Array;
}

export type Chain = readonly Stage[];

export interface ChainsInput {
  readonly graph: TaskGraph;
  readonly machine: readonly DeviceModel[];
  readonly sizes: readonly DataSize[];
  /** Where persisted partitions are. */
  readonly homes: readonly string[];
  readonly isDone: (id: TaskId) => boolean;
  /** None for what is done. */
  readonly options: readonly (readonly AreaOption[])[];
}

export interface Kinds {
  /** By device. */
  readonly of: readonly number[];
  /** Devices of each. */
  readonly counts: readonly number[];
}

/** Cards with the same costs are alike, unless something is persisted on one of them. */
export function kindsOf({ machine, homes }: ChainsInput): Kinds {
  const like = (model: DeviceModel) => (homes.length > 0 ? model : model.costs);
  const kinds = [...new Set(machine.map(like))];
  const of = machine.map((model) => kinds.indexOf(like(model)));
  return { of, counts: kinds.map((_, kind) => of.filter((own) => own === kind).length) };
}

/**
 * `order`: events, one phase before each and one after the last one. A task computes in the phases after the last event that it
 * is behind, up to the first one that waits for it. What it reads moves when that can be there, until the task is computed; a
 * result comes down to the host until the last reader is computed.
 */
export function chainsOf(input: ChainsInput, order: readonly Event[], kinds: Kinds): Chain[] {
  const { tasks } = input.graph;
  const from = tasks.map(({ id }) => 1 + order.findLastIndex(({ after }) => after.has(id)));
  const to = tasks.map(({ id }) => {
    const first = order.findIndex(({ before }) => before.has(id));
    return first < 0 ? order.length : first;
  });
  const readers: TaskId[][] = tasks.map(() => []);
  for (const task of tasks) for (const id of taskInputs(task)) readers[id]?.push(task.id);
  const still = new Float64Array(kinds.counts.length);
  const chains: Stage[][] = [];
  const chainOf = new Map<TaskId, Stage[]>();
  for (const task of tasks) {
    const amounts = amountsOf(task, input, kinds);
    if (amounts === null) continue;
    const [start, end] = [from[task.id] ?? 0, to[task.id] ?? 0];
    const inputs = taskInputs(task);
    const isThere = inputs.map((id) => (input.isDone(id) ? 0 : (from[id] ?? 0)));
    const read = (readers[task.id] ?? []).map((id) => to[id] ?? 0);
    const up: Window = [Math.min(start, ...isThere), end];
    const down: Window = [start, read.length > 0 ? Math.max(...read) : order.length];
    const windows = [[start, end], up, down] as const;
    const own = inputs.filter((id) => chainOf.has(id) && readers[id]?.length === 1);
    const [before = -1] = task.kind === "operation" && own.length === 1 ? own : [];
    const chain = chainOf.get(before) ?? [];
    if (chain.length === 0) {
      chains.push(chain);
      chain.push({ windows, moves: [start, end], amounts, leaves: still, comes: still });
    } else {
      const moves: Window = [from[before] ?? 0, end];
      const move = moveOf(before, input, kinds);
      const home = homeOf(tasks[before] as Task, input);
      const rest =
        home === null ? amounts : withoutUpload(amounts, move.comes, kinds.of[home] ?? -1);
      chain.push({ windows, moves, amounts: rest, ...move });
    }
    chainOf.set(task.id, chain);
  }
  return chains;
}

/** Null where nothing is to be done. */
function amountsOf(task: Task, input: ChainsInput, { of, counts }: Kinds): Float64Array | null {
  const own = input.options[task.id] ?? [];
  const home = task.kind === "persisted" ? (homeOf(task, input) ?? -1) : -1;
  if (own.length === 0 && home < 0) return null;
  const amounts = new Float64Array(PARTS * counts.length).fill(Number.POSITIVE_INFINITY);
  const lower = (device: number, part: number, amount: number) => {
    const index = PARTS * (of[device] ?? 0) + part;
    amounts[index] = Math.min(amounts[index] ?? 0, amount);
  };
  // What is persisted takes nothing where it is.
  if (own.length === 0) for (const part of [COMPUTE, UP, DOWN]) lower(home, part, 0);
  for (const { device, compute, upload, earlyUpload, download } of own) {
    lower(device, COMPUTE, compute);
    lower(device, UP, upload + earlyUpload);
    lower(device, DOWN, download);
  }
  return amounts;
}

/** Through the host, where it is not read by another card of the same kind. */
function moveOf(id: TaskId, input: ChainsInput, kinds: Kinds): Pick<Stage, "leaves" | "comes"> {
  const { machine, sizes } = input;
  const bytes = sizes[id]?.bytes ?? 0;
  const leaves = new Float64Array(kinds.counts.length);
  const comes = new Float64Array(kinds.counts.length);
  for (const [device, { kind, costs }] of machine.entries()) {
    if (kind === "cpu") continue;
    leaves[kinds.of[device] ?? 0] = bytes / costs.downloadBytesPerMs;
    comes[kinds.of[device] ?? 0] = bytes / costs.uploadBytesPerMs;
  }
  return { leaves, comes };
}

/** Without what comes from the task before, whose result is at home: that moves when it has been made. */
function withoutUpload(amounts: Float64Array, comes: Float64Array, home: number): Float64Array {
  return amounts.map((ms, index) => {
    const kind = Math.floor(index / PARTS);
    const isCounted = index % PARTS === UP && kind !== home;
    return isCounted ? Math.max(0, ms - (comes[kind] ?? 0)) : ms;
  });
}

/** The device where the task's result is, if that is known. */
function homeOf(task: Task, { machine, homes }: ChainsInput): number | null {
  if (task.kind === "operation") return null;
  if (task.kind !== "persisted") return machine.findIndex(({ kind }) => kind === "cpu");
  return machine.findIndex(({ id }) => id === homes[task.partition]);
}
