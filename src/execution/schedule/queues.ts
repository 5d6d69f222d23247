// Fills the devices' queues: each ready task in turn goes to the end of the queue where it would finish first, counting
// what is queued there, what has to be moved there, and how fast that device is at it. Queues are filled anew at every
// decision, from what is known then; only the tasks at their heads are started.

import { at } from "../../base/index.ts";
import { LocalWork } from "./local_work.ts";

/** By device, in the order of the devices. */
export type ByDevice = Float64Array;

export interface ReadyTask {
  readonly id: number;
  /** How long it is at least to the end of the query, or how long the only device that can run it works at such tasks. */
  readonly urgency: number;
  /** Predicted; infinite where the task cannot run. */
  readonly compute: ByDevice;
  readonly transfer: ByDevice;
  /** What has to leave a device to be read on another one. */
  departures: readonly TaskDeparture[];
  /** The input that other tasks read as well: it moves to a device once. */
  readonly shared: SharedInput | null;
  /** What observed times say of predictions. */
  readonly factor: ByDevice;
  /** The price of such a task there over its least price on any device: 1 where it belongs. One for all of its node. */
  readonly loss: ByDevice;
}

/** A result that several tasks read, with what it takes to each device. */
export interface SharedInput {
  readonly id: number;
  readonly ms: ByDevice;
}

/** Through the link of the device with this number. */
export interface TaskDeparture {
  readonly device: number;
  readonly ms: number;
  readonly isUnderway: boolean;
}

export interface QueueEnd {
  readonly device: number;
  /** When its computing units are done with what is in flight. */
  freeAt: number;
  /** How many times as long it computes as alone, as it takes turns between queries. */
  readonly pace: number;
  /** When its link is. */
  linkFreeAt: number;
  /** When what is asked for from it by then has left. */
  leavesAt: number;
  /** Shared inputs that are on their way to it. */
  readonly coming: ReadonlySet<number>;
  /** May a task start whose inputs have to move? */
  readonly linkRoom: boolean;
  /** May a task start whose inputs are there? */
  readonly computeRoom: boolean;
  /** May it take what belongs to others? */
  readonly stealRoom: boolean;
}

export interface Queued {
  readonly task: ReadyTask;
  readonly device: number;
  /** Without a shared input that is to come for another task. */
  readonly transfer: number;
  /** Does it wait for one? */
  readonly waits: boolean;
  readonly compute: number;
  readonly finish: number;
}

export interface Queues {
  /** What can start now. */
  readonly heads: readonly Queued[];
  readonly others: readonly Queued[];
}

interface Queue extends QueueEnd {
  readonly end: QueueEnd;
  readonly tasks: Queued[];
  readonly coming: Set<number>;
}

/** Above this inefficiency a device takes a task only if it would be idle otherwise. Prices are good to a tenth. */
const TOLERANCE = 1.25;
/** Where all work that is left takes hardly longer than what comes after a task, everything waits for the task. */
const CRITICAL = 0.8;
/** The inefficiency up to which a device takes a critical task. */
const CRITICAL_TOLERANCE = 2.5;
/** Between two tasks of which one moves so much more for what it computes, the link's state decides. */
const CONTRAST = 1.5;
/** Nothing overtakes what is so many times as urgent: a broadcast that everything else waits for. */
const URGENT = 5;
/** Less is what is left of a sum by rounding. */
const LEAST_MS = 1e-9;
/** A task starts to move when what is before it computes for no longer than so many times as it moves. */
const EARLY = 2;

/**
 * First every task, in the given order, goes where it would finish first among the devices on which it belongs. A device
 * with nothing to do then takes the task at which it loses least, if it finishes it sooner than the queue where the
 * task stands: so a slow device gets its share and no more. `msLeft`: how long all work that is left takes at least.
 */
export function fillQueues(
  order: readonly ReadyTask[],
  ends: readonly QueueEnd[],
  now: number,
  msLeft: number,
): Queues {
  const queues = ends.map(
    (end): Queue => ({ ...end, end, tasks: [], coming: new Set(end.coming) }),
  );
  const localWork = new LocalWork(order, TOLERANCE);
  for (const [place, task] of order.entries()) {
    const tolerance = task.urgency > CRITICAL * msLeft ? CRITICAL_TOLERANCE : TOLERANCE;
    const queue = earliest(task, queues, tolerance, localWork.after(place), now);
    if (queue === null) continue;
    const placed = placeIn(queue, queues, task, now);
    queue.freeAt = placed.finish;
    depart(queue, queues, task, now);
    queue.tasks.push(placed);
  }
  const heads = new Set<Queued>();
  for (const queue of queues) for (const head of headsOf(queue, now)) heads.add(head);
  for (const queue of queues) {
    if (!queue.stealRoom || queue.tasks.length > 0) continue;
    const stolen = steal(queue, queues, heads, now);
    if (stolen !== null) heads.add(stolen);
  }
  const others = queues.flatMap(({ tasks }) => tasks.filter((task) => !heads.has(task)));
  return { heads: [...heads], others };
}

/**
 * Null only where the task can run on no device. Prices hold for the whole group of a task, which may have had devices
 * that this task has not, or no more: where it belongs on none of its own, the least loss counts.
 */
function earliest(
  task: ReadyTask,
  queues: readonly Queue[],
  tolerance: number,
  localWork: ByDevice,
  now: number,
): Queue | null {
  let leastLoss = Number.POSITIVE_INFINITY;
  for (const { device } of queues) {
    if (Number.isFinite(at(task.compute, device))) {
      leastLoss = Math.min(leastLoss, at(task.loss, device));
    }
  }
  const limit = Math.max(tolerance, leastLoss);
  let best: Queue | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const queue of queues) {
    if (!(at(task.loss, queue.device) <= limit)) continue;
    const isThere = at(task.transfer, queue.device) === 0;
    const before = isThere ? 0 : at(localWork, queue.device);
    // Infinite where it cannot run.
    const finish = finishIn(queue, queues, task, now) + before;
    if (finish >= least) continue;
    least = finish;
    best = queue;
  }
  return best;
}

/** Does it wait for a shared input that is to come for another task? */
function waitsIn({ device, coming }: Queue, { shared }: ReadyTask): boolean {
  return shared !== null && coming.has(shared.id) && at(shared.ms, device) > 0;
}

/** What the task itself has to bring: a shared input comes once. */
function transferIn(queue: Queue, task: ReadyTask): number {
  const { device } = queue;
  const all = at(task.transfer, device);
  if (task.shared === null || !waitsIn(queue, task)) return all;
  const own = all - at(task.shared.ms, device);
  return own > LEAST_MS ? own : 0;
}

function finishIn(queue: Queue, queues: readonly Queue[], task: ReadyTask, now: number): number {
  return Math.max(queue.freeAt, arrivalIn(queue, queues, task, now)) + computeIn(queue, task);
}

function arrivalIn(queue: Queue, queues: readonly Queue[], task: ReadyTask, now: number): number {
  const transfer = transferIn(queue, task);
  if (!waitsIn(queue, task)) return arrivalAt(queue, queues, transfer, task.departures, now);
  // What it shares has left, or is counted already.
  return Math.max(queue.linkFreeAt, arrivalAt(queue, queues, transfer, [], now));
}

/** When the task's inputs are there, each behind what else is on the links that it takes. */
export function arrivalAt(
  end: QueueEnd,
  ends: readonly QueueEnd[],
  transfer: number,
  departures: readonly TaskDeparture[],
  now: number,
): number {
  let own = transfer;
  if (own === 0) return now;
  let left = now;
  for (const { device, ms, isUnderway } of departures) {
    if (device === end.device) continue;
    own -= ms;
    const from = ends.find((other) => other.device === device);
    if (from !== undefined) left = Math.max(left, from.leavesAt + (isUnderway ? 0 : ms));
  }
  // The host has no link of its own.
  return own > LEAST_MS ? Math.max(left, end.linkFreeAt) + own : left;
}

function depart(queue: Queue, queues: readonly Queue[], task: ReadyTask, now: number): void {
  if (at(task.transfer, queue.device) === 0) return;
  const isCounted = waitsIn(queue, task);
  queue.linkFreeAt = arrivalIn(queue, queues, task, now);
  if (isCounted) return;
  if (task.shared !== null) queue.coming.add(task.shared.id);
  for (const { device, ms, isUnderway } of task.departures) {
    const from = queues.find((other) => other.device === device);
    if (from !== undefined && from !== queue && !isUnderway) from.leavesAt += ms;
  }
}

function computeIn({ device, pace }: Queue, task: ReadyTask): number {
  return at(task.compute, device) * at(task.factor, device) * pace;
}

function placeIn(queue: Queue, queues: readonly Queue[], task: ReadyTask, now: number): Queued {
  const { device } = queue;
  return {
    task,
    device,
    transfer: transferIn(queue, task),
    waits: waitsIn(queue, task),
    compute: computeIn(queue, task),
    finish: finishIn(queue, queues, task, now),
  };
}

/** One task for the link and one for the computing units, so that neither waits for the other. */
function headsOf({ end, tasks }: Queue, now: number): Queued[] {
  const heads: Queued[] = [];
  const local = end.computeRoom
    ? tasks.find(({ transfer, waits }) => transfer === 0 && !waits)
    : undefined;
  if (local !== undefined) heads.push(local);
  const moving = end.linkRoom ? movingOf(tasks) : [];
  const [first] = moving;
  if (first === undefined) return heads;
  // As in Johnson's rule for two-stage flow shops (1954): while the computing units have enough to do, what is long to
  // move moves; before they run dry, what is quick to move.
  const backlog = end.freeAt + (local?.compute ?? 0) - Math.max(now, end.linkFreeAt);
  const ratio = (queued: Queued) => queued.transfer / unlockedBy(queued, tasks);
  let chosen = first;
  for (const task of moving) {
    if (task.task.urgency * URGENT < first.task.urgency) continue;
    const inTime = task.transfer <= backlog;
    const better = inTime ? ratio(task) > ratio(chosen) : ratio(task) < ratio(chosen);
    if (inTime === first.transfer <= backlog ? better : inTime) chosen = task;
  }
  const contrast = ratio(chosen) / ratio(first);
  const isAlike = contrast <= CONTRAST && contrast >= 1 / CONTRAST;
  heads.push(isAlike ? soonest(first, moving, backlog) : chosen);
  return heads;
}

/** What can compute when the task's inputs are there: the task, and those that wait for what it shares. */
function unlockedBy(
  { task: { shared }, compute, waits }: Queued,
  tasks: readonly Queued[],
): number {
  if (shared === null || waits) return compute;
  return tasks.reduce((ms, other) => {
    const isUnlocked = other.waits && other.task.shared?.id === shared.id;
    return isUnlocked ? ms + other.compute : ms;
  }, compute);
}

/**
 * Of pieces of the same node, the most urgent one that comes before the computing units run dry, or else the one that comes
 * soonest: the first ones are the largest, and whoever begins with one of these waits for it with nothing to compute.
 */
function soonest(first: Queued, moving: readonly Queued[], backlog: number): Queued {
  const { loss } = first.task;
  const pieces = moving.filter(({ task }) => task.loss === loss);
  const inTime = pieces.find(({ transfer }) => transfer <= backlog);
  return inTime ?? pieces.reduce((a, b) => (b.transfer < a.transfer ? b : a), first);
}

/**
 * What may start to move: not what would arrive long before its turn. It would compute as soon as it is there, ahead of
 * more urgent tasks that wait here without moving.
 */
function movingOf(tasks: readonly Queued[]): Queued[] {
  const moving: Queued[] = [];
  let ahead = 0;
  for (const task of tasks) {
    if (task.transfer === 0) ahead += task.waits ? 0 : task.compute;
    else if (ahead <= EARLY * task.transfer) moving.push(task);
  }
  return moving;
}

/** Of equally good tasks, the one that would have waited longest. */
function steal(
  queue: Queue,
  queues: readonly Queue[],
  heads: ReadonlySet<Queued>,
  now: number,
): Queued | null {
  let best: { readonly from: Queue; readonly was: Queued } | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const from of queues) {
    for (const was of from.tasks) {
      const loss = at(was.task.loss, queue.device);
      const better =
        loss < least || (loss === least && best !== null && was.finish > best.was.finish);
      if (!better || heads.has(was) || finishIn(queue, queues, was.task, now) >= was.finish)
        continue;
      least = loss;
      best = { from, was };
    }
  }
  if (best === null) return null;
  const { from, was } = best;
  from.tasks.splice(from.tasks.indexOf(was), 1);
  const place = placeIn(queue, queues, was.task, now);
  queue.tasks.push(place);
  return place;
}
