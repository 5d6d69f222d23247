// Decides what runs where and when. A state machine without data, promises or a clock of its own: the scheduler tells it
// what happened and asks what to start. README.md gives the algorithm, its sources and the measured alternatives.

import { assert, at, atOnce } from "../../base/index.ts";
import type { Captives } from "./captives.ts";
import { Corrections, Observations } from "./corrections.ts";
import { Departures, departuresByDevice } from "./departures.ts";
import { type Execution, endOf, newExecution } from "./execution.ts";
import { Losses, type TaskCost } from "./losses.ts";
import type {
  Departure,
  DeviceId,
  DispatchDevice,
  Launch,
  MemoryClaim,
  MemoryGate,
  Predictor,
} from "./model.ts";
import { expectedEnd, queueEnds } from "./queue_ends.ts";
import { fillQueues, type Queued, type ReadyTask, type TaskDeparture } from "./queues.ts";
import type { RankedTasks } from "./ranked_tasks.ts";
import { tails } from "./ranks.ts";
import { SharedInputs } from "./shared_inputs.ts";
import {
  candidatesOf,
  countFault,
  type DeviceState,
  insert,
  isAlone,
  MAX_TRIES,
  removeFrom,
  type TaskState,
} from "./state.ts";

/** A second run must be expected to finish in this share of the time that the first one still needs. */
const DUPLICATE_GAIN = 0.8;
/** Inputs of a task up to which other readers of theirs are looked at when they have arrived. */
const MOST_SHARED = 4;
/** Tasks that take no device of one decision: thousands of them are more than a turn of the event loop. */
const MOST_IMMEDIATE = 128;
/** Ready tasks a device that are looked at in one decision: bounds its cost, beyond what speeds 16 times apart need. */
const HORIZON = 32;

export class Dispatcher {
  readonly #tasks: readonly TaskState[];
  readonly #readers: readonly (readonly number[])[];
  readonly #devices: ReadonlyMap<DeviceId, DeviceState>;
  readonly #ids: readonly DeviceId[];
  readonly #predictor: Predictor;
  readonly #gate: MemoryGate | null;
  #isBlocked = false;
  /** Of the last decision. */
  #now = 0;
  #tails: Float64Array;
  readonly #captives: Captives;
  readonly #shared: SharedInputs;
  readonly #corrections: Corrections;
  /** Ready tasks, longest way to the end first. */
  readonly #ready: TaskState[] = [];
  /** Ready tasks that take no device. */
  readonly #immediate: TaskState[] = [];
  /** Tasks that take no device and have started. */
  #underway = 0;
  /** Where no task has a choice of devices, there is nothing to price, and no second run. */
  readonly #hasChoice: boolean;
  readonly #losses: Losses;
  #limit = Number.POSITIVE_INFINITY;

  constructor(
    { tasks, readers, tails, captives, barriers, hasChoice }: RankedTasks,
    devices: readonly DispatchDevice[],
    predictor: Predictor,
    gate: MemoryGate | null = null,
    observations: Observations = new Observations(),
  ) {
    this.#predictor = predictor;
    this.#gate = gate;
    this.#devices = new Map(
      devices.map((device, index) => [
        device.id,
        { index, device, inFlight: [], departures: new Departures(), lost: false },
      ]),
    );
    this.#ids = devices.map(({ id }) => id);
    this.#losses = new Losses(this.#ids.length, barriers);
    this.#corrections = new Corrections(this.#ids, observations);
    this.#tasks = tasks;
    this.#readers = readers;
    this.#tails = tails;
    this.#captives = captives;
    this.#shared = new SharedInputs(readers, this.#ids, predictor);
    this.#hasChoice = hasChoice;
  }

  /** The task's result is wanted, and so is everything that it is made from. Nothing else ever starts. */
  demand(task: number): void {
    const wanted = [task];
    for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
      const state = at(this.#tasks, id);
      if (state.demanded) continue;
      state.demanded = true;
      for (const input of state.task.inputs) wanted.push(input);
      if (state.status === "waiting" && state.missing === 0) this.#makeReady(state);
    }
  }

  /** What to start now. Every launch counts as started. */
  decide(now: number): Execution[] {
    this.#now = now;
    const started: Execution[] = [];
    this.#isBlocked = false;
    // In order: what comes to the host from there comes in the order in which it is read.
    this.#immediate.sort((a, b) => a.task.turn - b.task.turn);
    while ((this.#immediate.at(-1)?.task.turn ?? -1) >= this.#limit) this.#immediate.pop();
    for (const state of this.#immediate.splice(0, MOST_IMMEDIATE)) {
      started.push(this.#start(state, null, "planned", now));
    }
    // What they let start is chosen from when all of it is known: the first ones take no device for themselves before.
    if (this.#immediate.length > 0 || (this.#hasChoice && this.#underway > 0)) return started;
    for (;;) {
      const before = started.length;
      for (const { task, device } of this.#heads(now)) {
        const state = at(this.#tasks, task.id);
        const stolen = state.queue !== null && state.queue !== device;
        const reason = state.tries > 0 ? "retry" : stolen ? "stolen" : "planned";
        started.push(...this.#startIfRoom(state, at(this.#ids, device), reason, now));
      }
      if (started.length === before) break;
    }
    if (this.#ready.length === 0 && this.#hasChoice) started.push(...this.#duplicates(now));
    return started;
  }

  /** Did the last decision leave a task waiting for memory? Then there is to be another one when there is room. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** When the next decision could be another one although nothing happens: a task overruns and can be run twice. */
  wakeAt(now: number): number | null {
    if (this.#ready.length > 0 || !this.#hasChoice) return null;
    let wake = Number.POSITIVE_INFINITY;
    for (const { device, inFlight, lost } of this.#devices.values()) {
      if (lost || inFlight.length > 0) continue;
      for (const execution of this.#aloneElsewhere(device.id)) {
        const { launch, computeStartedAt, computeMs, expectedAt } = execution;
        const dueAt = Math.min(expectedAt, (computeStartedAt ?? expectedAt) + computeMs);
        // From then on it has overrun by as long as a second run needs.
        wake = Math.min(wake, dueAt + this.#finishMs(launch.task, device.id) / DUPLICATE_GAIN);
      }
    }
    return Number.isFinite(wake) ? Math.max(wake, now + 0.05) : null;
  }

  /** The inputs are in place. Other readers of theirs need not move them to that device any more. */
  arrived(execution: Execution, now: number): void {
    execution.arrivedAt = now;
    for (const leave of execution.left) leave(now);
    execution.claim?.arrived();
    const { inputs } = at(this.#tasks, execution.launch.task).task;
    // What a task with many inputs gathers, others seldom read elsewhere; a broadcast has two.
    if (execution.transferMs === 0 || inputs.length > MOST_SHARED) return;
    for (const input of inputs) {
      if (at(this.#readers, input).length > 1) this.moved(input);
    }
  }

  /** A result is to come to the host. Returns what is to be called when it has left, or will not. */
  leaves(departure: Departure | null, now: number): (now: number) => void {
    const from = departure === null ? null : this.#devices.get(departure.device)?.departures;
    return from?.add(departure?.ms ?? 0, now) ?? (() => {});
  }

  /** The task's result has come to another device: what reads it there need not move it any more. */
  moved(task: number): void {
    for (const reader of at(this.#readers, task)) {
      const { ready } = at(this.#tasks, reader);
      if (ready === null) continue;
      this.#predictTransfers(reader, ready.transfer);
      ready.departures = this.#departuresOf(reader);
      if (ready.shared?.id === task) this.#shared.predict(ready.shared);
    }
  }

  /** The device is free for it. */
  computing(execution: Execution, now: number): void {
    execution.computeStartedAt = now;
  }

  /** True for the first result of the task; a later one is to be thrown away. */
  finished(execution: Execution, observedMs: number | null): boolean {
    const state = this.#end(execution);
    const { device } = execution.launch;
    if (device !== null && observedMs !== null) {
      const predicted = this.#predictor.computeMs(state.task.id, device);
      this.#corrections.observe(device, state.task.kernel, predicted, observedMs);
    }
    if (state.status === "done") return false;
    // A run from before the result was lost came in after all.
    if (state.status === "ready") this.#withdraw(state);
    state.status = "done";
    state.executions.splice(0);
    if (device !== null) this.#losses.ended();
    this.#captives.done(state.task);
    for (const reader of at(this.#readers, state.task.id)) {
      const waiting = at(this.#tasks, reader);
      waiting.missing -= 1;
      const isNext = waiting.missing === 0 && waiting.status === "waiting";
      if (isNext && waiting.demanded) this.#makeReady(waiting);
    }
    return true;
  }

  /**
   * The execution failed for a reason that lies in its device or in a lost input. True: the task goes on, elsewhere or
   * when its inputs are back; false: its tries are spent.
   */
  failed(execution: Execution, fault: "device" | "input"): boolean {
    const state = this.#end(execution);
    if (state.status !== "running") return true;
    if (fault === "device") countFault(state, execution.launch.device);
    if (state.executions.length > 0) return true;
    const isSpent = state.tries >= MAX_TRIES || this.#candidates(state).length === 0;
    if (fault === "device" && isSpent) return false;
    state.status = "waiting";
    if (state.missing === 0) this.#makeReady(state);
    return true;
  }

  /** The execution ends without a result that anybody waits for. */
  abandoned(execution: Execution): void {
    this.#end(execution);
  }

  /** The device takes no more tasks: those that wait for it go elsewhere. Its executions fail by themselves. */
  deviceLost(device: DeviceId): void {
    const state = this.#devices.get(device);
    if (state !== undefined) state.lost = true;
    this.#losses.outdated();
    for (const ready of this.#ready.splice(0)) this.#makeReady(ready);
  }

  isLost(device: DeviceId): boolean {
    return this.#devices.get(device)?.lost ?? true;
  }

  /** A result that was there is gone: the task runs again. */
  resultLost(task: number): void {
    const state = at(this.#tasks, task);
    assert(state.status === "done", "only a result that was there can be lost");
    state.status = "waiting";
    state.missing = state.task.inputs.filter((input) => !this.isDone(input)).length;
    for (const reader of at(this.#readers, task)) {
      const waiting = at(this.#tasks, reader);
      waiting.missing += 1;
      if (waiting.status === "ready") this.#withdraw(waiting);
    }
    if (state.missing === 0) this.#makeReady(state);
  }

  isDone(task: number): boolean {
    return at(this.#tasks, task).status === "done";
  }

  /** How long it takes at least from the end of the task to the end of the query. */
  msBehind(task: number): number {
    return at(this.#tails, task);
  }

  readersOf(task: number): readonly number[] {
    return at(this.#readers, task);
  }

  /** Only tasks with smaller turns start from now on. */
  limitTo(turn: number): void {
    this.#limit = Math.min(this.#limit, turn);
  }

  /** Is a wanted task below the limit not done yet? What it reads has a smaller turn, so it will be. */
  get goesOn(): boolean {
    return this.#tasks.some(
      ({ task, status, demanded }) => demanded && task.turn < this.#limit && status !== "done",
    );
  }

  #makeReady(state: TaskState): void {
    state.status = "ready";
    if (state.task.devices.length === 0) {
      this.#immediate.push(state);
      return;
    }
    state.ready = this.#readyTask(state);
    insert(state, this.#ready);
  }

  #readyTask(state: TaskState): ReadyTask {
    const { id, kernel, group } = state.task;
    const compute = new Float64Array(this.#ids.length).fill(Number.POSITIVE_INFINITY);
    for (const device of this.#candidates(state)) {
      const { index } = this.#deviceOf(device);
      compute[index] = this.#predictor.computeMs(id, device);
    }
    const transfer = new Float64Array(this.#ids.length);
    this.#predictTransfers(id, transfer);
    const factor = this.#corrections.factors(kernel);
    const own = compute.map((ms, device) => ms * at(factor, device));
    state.priority = Math.min(...own) + at(this.#tails, id);
    const urgency = Math.max(state.priority, this.#captives.urgency(state.task));
    const departures = this.#departuresOf(id);
    const shared = this.#shared.of(state.task);
    const loss = this.#losses.of(group);
    return { id, urgency, compute, transfer, departures, shared, factor, loss };
  }

  /** How far it is from each task to the end, by what is known now. */
  #rankAgain(): void {
    const tasks = this.#tasks.map(({ task }) => task);
    const computeMs = this.#computeMs.bind(this);
    this.#tails = atOnce(tails(tasks, this.#readers, { computeMs }));
    for (const ready of this.#ready.splice(0)) this.#makeReady(ready);
  }

  /** Where there is a choice of devices only. */
  #departuresOf(task: number): TaskDeparture[] {
    if (this.#ids.length < 2) return [];
    return departuresByDevice(this.#predictor.departures(task), this.#ids);
  }

  #predictTransfers(task: number, transfer: Float64Array): void {
    for (const [index, device] of this.#ids.entries()) {
      transfer[index] = this.#predictor.transferMs(task, device);
    }
  }

  #deviceOf(id: DeviceId): DeviceState {
    const state = this.#devices.get(id);
    assert(state !== undefined, "tasks name known devices");
    return state;
  }

  #withdraw(state: TaskState): void {
    state.status = "waiting";
    state.ready = null;
    removeFrom(this.#ready, state);
    removeFrom(this.#immediate, state);
  }

  /** The tasks that stand at the head of the queue of a device that has room for them. */
  #heads(now: number): readonly Queued[] {
    if (this.#ready.length === 0) return [];
    const ends = queueEnds(this.#devices.values(), this.#predictor, now);
    if (!ends.some((end) => end.linkRoom || end.computeRoom)) return [];
    if (this.#hasChoice && this.#losses.isDue(this.#tasks.length)) {
      if (this.#predictor.learn()) this.#rankAgain();
      this.#losses.update(now, () => this.#costsLeft());
    }
    const order: ReadyTask[] = [];
    for (const { task, ready } of this.#inOrder()) {
      if (order.length >= HORIZON * this.#ids.length) break;
      if (task.turn < this.#limit && ready !== null) order.push(ready);
    }
    if (order.length === 0) return [];
    const { heads, others } = fillQueues(order, ends, now, this.#losses.msLeft(now));
    for (const { task, device } of others) at(this.#tasks, task.id).queue = device;
    return heads;
  }

  /** Longest way to the end first; where memory is short, shortest way first: what is begun ends before more begins. */
  #inOrder(): readonly TaskState[] {
    if (!this.#gate?.isPressed) return this.#ready;
    return [...this.#ready].sort((a, b) => a.priority - b.priority || a.task.id - b.task.id);
  }

  /** Of all tasks that are not done, wherever they can run. */
  *#costsLeft(): Generator<TaskCost> {
    for (const state of this.#tasks) {
      const { id, group, devices } = state.task;
      if (state.status === "done" || devices.length === 0) continue;
      for (const device of this.#candidates(state)) {
        const computeMs = this.#computeMs(id, device);
        const transferMs = this.#shared.comingMs(state.task, device);
        const returnMs = this.#predictor.returnMs(id, device);
        yield { group, device: this.#deviceOf(device).index, computeMs, transferMs, returnMs };
      }
    }
  }

  /** Idle devices run again what would end later where it runs now. At the end of a query only. */
  #duplicates(now: number): Execution[] {
    const started: Execution[] = [];
    const ends = new Map(
      queueEnds(this.#devices.values(), this.#predictor, now).map((end) => [
        at(this.#ids, end.device),
        end,
      ]),
    );
    for (const { device, inFlight, lost } of this.#devices.values()) {
      if (lost || inFlight.length > 0) continue;
      let worst: Execution | null = null;
      let most = 0;
      for (const execution of this.#aloneElsewhere(device.id)) {
        const own = execution.launch.device ?? "";
        const queueEnd = ends.get(own)?.freeAt ?? now;
        const left = endOf(execution, queueEnd, now) - now;
        const again = this.#finishMs(execution.launch.task, device.id);
        if (again < left * DUPLICATE_GAIN && left - again > most) {
          worst = execution;
          most = left - again;
        }
      }
      if (worst === null) continue;
      const state = at(this.#tasks, worst.launch.task);
      started.push(...this.#startIfRoom(state, device.id, "duplicate", now));
    }
    return started;
  }

  /** Executions of other devices that are their task's only one and that this device could run as well. */
  #aloneElsewhere(device: DeviceId): Execution[] {
    const found: Execution[] = [];
    for (const other of this.#devices.values()) {
      if (other.device.id === device) continue;
      for (const execution of other.inFlight) {
        const state = at(this.#tasks, execution.launch.task);
        if (!isAlone(state, execution)) continue;
        if (this.#candidates(state).includes(device)) found.push(execution);
      }
    }
    return found;
  }

  #startIfRoom(
    state: TaskState,
    device: DeviceId,
    reason: Launch["reason"],
    now: number,
  ): Execution[] {
    if (this.#gate === null) return [this.#start(state, device, reason, now)];
    const claim = this.#gate.enter(state.task.id, device);
    if (claim !== null) return [this.#start(state, device, reason, now, claim)];
    this.#isBlocked = true;
    return [];
  }

  #start(
    state: TaskState,
    device: DeviceId | null,
    reason: Launch["reason"],
    now: number,
    claim: MemoryClaim | null = null,
  ): Execution {
    const { id } = state.task;
    if (device !== null) removeFrom(this.#ready, state);
    const computeMs = device === null ? 0 : this.#computeMs(id, device);
    const transferMs = device === null ? 0 : this.#predictor.transferMs(id, device);
    // Of a task whose inputs are there, nothing leaves another device.
    const departures = transferMs > 0 ? this.#departuresOf(id) : [];
    const run = { device, transferMs, departures, computeMs };
    const due = expectedEnd(run, this.#devices.values(), this.#predictor, now);
    const left = departures
      .filter(({ device: from, isUnderway }) => !isUnderway && at(this.#ids, from) !== device)
      .map(({ device: from, ms }) => this.#deviceOf(at(this.#ids, from)).departures.add(ms, now));
    const launch = { task: id, device, reason, retries: state.tries };
    const shared = transferMs > 0 ? this.#shared.idOf(state.task) : null;
    const times = { startedAt: now, ...due, transferMs, computeMs, shared };
    const execution = newExecution(launch, { ...times, left, claim });
    if (device === null) this.#underway += 1;
    state.status = "running";
    state.ready = null;
    state.executions.push(execution);
    if (device !== null) this.#devices.get(device)?.inFlight.push(execution);
    return execution;
  }

  #end(execution: Execution): TaskState {
    const { task, device } = execution.launch;
    const state = at(this.#tasks, task);
    removeFrom(state.executions, execution);
    execution.claim?.release();
    for (const leave of execution.left) leave(this.#now);
    if (device === null) this.#underway -= 1;
    else removeFrom(this.#deviceOf(device).inFlight, execution);
    return state;
  }

  #candidates(state: TaskState): readonly DeviceId[] {
    return candidatesOf(state, (device) => !this.isLost(device));
  }

  /** The prediction, corrected by what was observed. */
  #computeMs(task: number, device: DeviceId): number {
    const factors = this.#corrections.factors(at(this.#tasks, task).task.kernel);
    return this.#predictor.computeMs(task, device) * at(factors, this.#deviceOf(device).index);
  }

  #finishMs(task: number, device: DeviceId): number {
    const pace = 1 + this.#predictor.sharers(device);
    return this.#predictor.transferMs(task, device) + this.#computeMs(task, device) * pace;
  }
}
