// Times that no scheduler can beat, for the same graph on the same machine: what makespans are compared with.
//
// - Path: every task takes as long as on the device where it and its unavoidable transfers are fastest, and starts
//   after its inputs.
// - Area: a set of tasks takes at least T if no fractional assignment of them fits every compute unit and link into T.
//   By duality, in area.ts.
// - Count: n tasks that each take at least a_d on device d need a T with sum of floor(T / a_d) >= n.
// - Barriers: what comes after a set of inputs starts after all their ancestors are done. Bounds of the stretches between
//   barriers add up.
// - Phases: the same, but of all phases together, with what may happen in several of them and with what results take from
//   device to device, in phases.ts.
//
// A transfer is unavoidable where the input is in host memory (sources, results of tasks that only the host runs) and
// the task runs on a card, or where the only readers are on the host. Copies are shared: each of k readers of one
// partition counts for a k-th of moving it in the area, and for all of it on the path.

import { at } from "../../src/base/index.ts";
import type { SplitTask, Task, TaskGraph, TaskId } from "../../src/execution/task.ts";
import { taskInputs } from "../../src/execution/task.ts";
import { computeMs, type DataSize, workOf } from "../../src/physical/index.ts";
import { shareOf } from "../../src/physical/row_shares.ts";
import { type AreaOption, area } from "./area.ts";
import type { DeviceModel } from "./machines.ts";
import { phasesBound } from "./phases.ts";

/** What a task costs on one device. */
interface Option extends AreaOption {
  /** What each input takes to get there. */
  readonly arrivals: readonly number[];
}

export interface BoundInput {
  readonly graph: TaskGraph;
  readonly machine: readonly DeviceModel[];
  /** Sizes of all results. */
  readonly sizes: readonly DataSize[];
  /** Where persisted partitions are. */
  readonly homes: readonly string[];
  /** What is done already, and where its result is; for bounds from the middle of a run. */
  readonly done?: ReadonlyMap<TaskId, readonly string[]>;
  /** Milliseconds for which tasks have computed already, by task and device. */
  readonly begun?: ReadonlyMap<TaskId, { readonly device: string; readonly ms: number }>;
}

const VALUE_BYTES = 8;

export function lowerBound(input: BoundInput): number {
  const options = input.graph.tasks.map((task) => optionsOf(task, input));
  const isDone = (id: TaskId) => input.done?.has(id) ?? false;
  return Math.max(boundOverBarriers(input, options), phasesBound({ ...input, options, isDone }));
}

function optionsOf(task: Task, input: BoundInput): readonly Option[] {
  if (input.done?.has(task.id)) return [];
  if (task.kind === "persisted") return persistedOptions(task.id, task.partition, input);
  if (!(task.kind === "operation" || task.kind === "split")) return [];
  const { machine, sizes } = input;
  const inputs = taskInputs(task);
  const host = machine.findIndex(({ kind }) => kind === "cpu");
  const work =
    task.kind === "split"
      ? splitBytes(task, sizes) / VALUE_BYTES
      : workOf(
          task.operation,
          inputs.map((id) => sizes[id] as DataSize),
        );
  const kernel = task.kind === "split" ? "concat" : task.operation.kind;
  const readByHostOnly = readersOf(task.id, input.graph).some(({ kind }) => kind === "split");
  const begun = input.begun?.get(task.id);
  const devices = task.kind === "split" ? [machine[host] as DeviceModel] : machine;
  return devices.map((model): Option => {
    const device = machine.indexOf(model);
    const spent = begun?.device === model.id ? begun.ms : 0;
    const all = task.kind === "split" && work === 0 ? 0 : computeMs(model.costs, kernel, work);
    const uploads = { early: 0, late: 0 };
    const arrivals = inputs.map((id) => {
      const places = placesOf(id, input);
      const there = places === null || places.includes(model.id);
      if (spent > 0 || model.kind === "cpu" || there) return 0;
      const ms = (sizes[id] as DataSize).bytes / model.costs.uploadBytesPerMs;
      const early = isSource(input.graph.tasks[id] as Task) || input.done?.has(id);
      uploads[early ? "early" : "late"] += ms / readersOf(id, input.graph).length;
      return ms;
    });
    const bytes = readByHostOnly && model.kind === "gpu" ? (sizes[task.id] as DataSize).bytes : 0;
    return {
      device,
      compute: Math.max(0, all - spent),
      earlyUpload: uploads.early,
      upload: uploads.late,
      download: bytes / model.costs.downloadBytesPerMs,
      arrivals,
    };
  });
}

/** What is persisted on a card and read by the host alone has to come down. */
function persistedOptions(
  id: TaskId,
  partition: number,
  { graph, machine, homes, sizes }: BoundInput,
): readonly Option[] {
  const device = machine.findIndex((model) => model.id === homes[partition]);
  const home = machine[device];
  const isRead = readersOf(id, graph).some(({ kind }) => kind === "split");
  if (home === undefined || home.kind === "cpu" || !isRead) return [];
  const download = (sizes[id] as DataSize).bytes / home.costs.downloadBytesPerMs;
  return [{ device, compute: 0, earlyUpload: 0, upload: 0, download, arrivals: [] }];
}

function isSource({ kind }: Task): boolean {
  return kind === "batch" || kind === "persisted";
}

/** Bytes that cutting anew copies: a share that is a part of one input is shared, one of several is put together. */
function splitBytes(task: SplitTask, sizes: readonly DataSize[]): number {
  const pieces = piecesOf(task, sizes);
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  return pieces.length > 1 ? rows * 16 : 0;
}

/** The inputs that have rows of the share, with how many. */
function piecesOf(
  { inputs, partition, splitCount }: SplitTask,
  sizes: readonly DataSize[],
): { readonly id: TaskId; readonly rows: number }[] {
  const all = inputs.reduce((sum, id) => sum + (sizes[id] as DataSize).rows, 0);
  const { start, end } = shareOf(all, partition, splitCount);
  let first = 0;
  const pieces: { id: TaskId; rows: number }[] = [];
  for (const id of inputs) {
    const from = Math.max(start, first);
    first += (sizes[id] as DataSize).rows;
    if (Math.min(end, first) > from) pieces.push({ id, rows: Math.min(end, first) - from });
  }
  return pieces;
}

const readerCache = new WeakMap<TaskGraph, readonly (readonly Task[])[]>();

function readersOf(task: TaskId, graph: TaskGraph): readonly Task[] {
  let readers = readerCache.get(graph);
  if (readers === undefined) {
    const lists: Task[][] = graph.tasks.map(() => []);
    for (const reader of graph.tasks) {
      for (const id of taskInputs(reader)) (lists[id] as Task[]).push(reader);
    }
    readers = lists;
    readerCache.set(graph, readers);
  }
  return readers[task] as readonly Task[];
}

/** Where the result is for sure; null: wherever the task will have run. */
function placesOf(id: TaskId, { graph, machine, homes, done }: BoundInput): string[] | null {
  const known = done?.get(id);
  if (known !== undefined) return [...known];
  const task = graph.tasks[id] as Task;
  if (task.kind === "persisted") return [homes[task.partition] as string];
  if (task.kind === "operation") return null;
  return machine.filter(({ kind }) => kind === "cpu").map((model) => model.id);
}

function boundOverBarriers(
  { graph, machine, sizes, done }: BoundInput,
  options: readonly (readonly Option[])[],
): number {
  const { tasks } = graph;
  /** With the way to the host, where only the host reads it, and without. */
  const ended = new Float64Array(tasks.length);
  const computed = new Float64Array(tasks.length);
  // A barrier: the inputs of a task with several. Tasks with the same inputs share it.
  const barriers = new Map<string, { at: number; after: Set<TaskId> }>();
  const ancestors: Set<TaskId>[] = [];
  // A share can be cut before what others are cut from has come down: only what is computed before a barrier counts.
  const stretch = (ids: Iterable<TaskId>, early: boolean, isEnd: boolean) => {
    const live = [...ids]
      .map((id) => (isEnd ? at(options, id) : at(options, id).map(withoutDownload)))
      .filter((own) => own.length > 0);
    return Math.max(area(live, machine, early), count(live));
  };
  const reach = (before: Set<TaskId>, isEnd: boolean) => {
    let bound = stretch(before, true, isEnd);
    for (const barrier of barriers.values()) {
      const between = [...barrier.after].filter((id) => before.has(id));
      if (between.length > 0) bound = Math.max(bound, barrier.at + stretch(between, false, isEnd));
    }
    return bound;
  };
  for (const task of tasks) {
    const inputs = taskInputs(task);
    const before = new Set<TaskId>();
    for (const id of inputs) {
      before.add(id);
      for (const other of ancestors[id] as Set<TaskId>) before.add(other);
    }
    ancestors.push(before);
    for (const barrier of barriers.values()) {
      if (inputs.some((id) => barrier.after.has(id))) barrier.after.add(task.id);
    }
    let start = 0;
    if (inputs.length > 1) {
      const key = inputs.join();
      const inputsEnd = Math.max(...inputs.map((id) => computed[id] as number));
      const known = barriers.get(key);
      const barrier = known ?? { at: Math.max(inputsEnd, reach(before, false)), after: new Set() };
      barriers.set(key, barrier);
      barrier.after.add(task.id);
      start = barrier.at;
    }
    const own = options[task.id] as readonly Option[];
    const read = task.kind === "split" ? piecesOf(task, sizes).map(({ id }) => id) : inputs;
    const starts = own.map(({ arrivals }) =>
      Math.max(
        start,
        ...read.map((id) => (ended[id] as number) + (arrivals[inputs.indexOf(id)] as number)),
      ),
    );
    if (done?.has(task.id) || own.length === 0) continue;
    const ends = own.map(({ compute }, index) => at(starts, index) + compute);
    computed[task.id] = Math.min(...ends);
    ended[task.id] = Math.min(...own.map(({ download }, index) => at(ends, index) + download));
  }
  return Math.max(reach(new Set(tasks.map(({ id }) => id)), true), ...ended);
}

function withoutDownload(option: Option): Option {
  return { ...option, download: 0 };
}

/** For the k longest tasks, for several k: as many whole tasks must fit the devices. */
function count(tasks: readonly (readonly Option[])[]): number {
  const sorted = [...tasks].sort((a, b) => fastest(b) - fastest(a));
  let bound = 0;
  const least = new Map<number, number>();
  let next = 1;
  for (const [index, options] of sorted.entries()) {
    for (const { device, compute } of options) {
      least.set(device, Math.min(least.get(device) ?? Number.POSITIVE_INFINITY, compute));
    }
    if (index + 1 < next && index + 1 < sorted.length) continue;
    bound = Math.max(bound, leastTime([...least.values()], index + 1));
    next = Math.ceil((index + 1) * 1.1);
  }
  return bound;
}

function fastest(options: readonly Option[]): number {
  return Math.min(...options.map(({ compute }) => compute));
}

/** The smallest T with sum of floor(T / a) >= n, to within a millionth. */
function leastTime(times: readonly number[], n: number): number {
  if (times.some((a) => a <= 0)) return 0;
  let low = 0;
  let high = n * Math.min(...times);
  for (let step = 0; step < 20; step++) {
    const middle = (low + high) / 2;
    const fit = times.reduce((sum, a) => sum + Math.floor(middle / a), 0);
    if (fit >= n) high = middle;
    else low = middle;
  }
  return low;
}
