// One run of a task graph. What runs where and when is decided in schedule/; here the decisions meet executors: tasks run,
// results are held until their last reader is done, lost ones are made again, failures are told apart and located.

import {
  abortError,
  assert,
  at,
  DeviceLostError,
  isDeviceError,
  whenAborted,
} from "../base/index.ts";
import type { Executor } from "../device/index.ts";
import { runWithRoom } from "./admission.ts";
import { Cancels, isCancelled } from "./cancels.ts";
import { holdPartition, isHolding } from "./hold.ts";
import { Homeward } from "./homeward.ts";
import { locateFailure } from "./locate_failure.ts";
import { disown, HOST, memorySpace } from "./memory/index.ts";
import { CopyLostError, type Partition, releaseAll } from "./partition.ts";
import type { PreparedRun } from "./prepared_run.ts";
import type { Clock, Dispatcher, Execution } from "./schedule/index.ts";
import {
  gathersOnHost,
  type Task,
  type TaskGraph,
  type TaskId,
  taskInputs,
  windowRows,
} from "./task.ts";
import { type TaskReport, taskReport } from "./task_report.ts";
import { type HoldingTask, type RunnableTask, resultOf, runTask } from "./task_run.ts";
import { type RunSettings, SYSTEM_CLOCK, type Workplace } from "./workplace.ts";

export class GraphRun {
  readonly #prepared: PreparedRun;
  readonly #graph: TaskGraph;
  readonly #workplace: Workplace;
  readonly #options: RunSettings;
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher;
  /** Results that somebody still needs; the run holds each of them once. */
  readonly #results: (Partition | null)[];
  readonly #readers: Int32Array;
  /** Rows of each task's first input. */
  readonly #rowsIn: Float64Array;
  readonly #doneAt: Float64Array;
  readonly #startedAt: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #cancels = new Cancels();
  readonly #homeward: Homeward;
  #failure: { readonly task: TaskId; readonly error: unknown } | null = null;
  /** Outputs whose computation may begin: all before this one. */
  #demanded = 0;
  #isMoreDemanded = false;
  /** The task whose result is waited for. */
  #awaited: TaskId | null = null;
  /** Nobody wants anything any more. */
  #over = false;
  #onReached: () => void = () => {};
  #cancelTimer: () => void = () => {};
  readonly #stopListening: () => void;

  constructor(prepared: PreparedRun) {
    const { graph, workplace, options } = prepared;
    const count = graph.tasks.length;
    this.#prepared = prepared;
    this.#graph = graph;
    this.#workplace = workplace;
    this.#homeward = new Homeward(workplace);
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#results = prepared.results;
    this.#rowsIn = new Float64Array(count);
    this.#doneAt = new Float64Array(count);
    this.#startedAt = this.#clock.now();
    this.#readers = prepared.readers;
    this.#dispatcher = prepared.dispatcher;
    const { signal } = options;
    const { closing } = workplace;
    const abort = () => this.#abandon(abortError(signal), signal?.reason);
    const close = () => this.#abandon(closing?.reason, closing?.reason);
    const stops = [whenAborted(signal, abort), whenAborted(closing, close)];
    this.#stopListening = () => {
      for (const stop of stops) stop();
    };
    if (signal?.aborted) abort();
    if (closing?.aborted) close();
  }

  /** The partition of the graph's output `index`, which the caller releases. Outputs are taken in order. */
  async output(index: number): Promise<Partition> {
    const task = at(this.#graph.outputs, index);
    this.#demand(index);
    for (;;) {
      await this.#until(task);
      const partition = at(this.#results, task);
      // A device that was lost meanwhile may have held the only copy: then it is made again.
      if (partition === null || !(await this.#isCollected(partition))) continue;
      if (this.#over || at(this.#results, task) !== partition) continue;
      partition.retain(1);
      this.#addReader(task, -1);
      if (at(this.#readers, task) === 0) {
        this.#results[task] = null;
        await partition.release();
      }
      return partition;
    }
  }

  /** Lets go of everything: no task starts, results of those in flight are thrown away. */
  async end(): Promise<void> {
    this.#over = true;
    this.#cancelTimer();
    this.#stopListening();
    if (this.#inFlight.size > 0) {
      this.#cancels.abort(() => true, this.#options.signal?.reason);
      this.#workplace.lingers?.(Promise.all(this.#inFlight).then(() => {}));
    }
    await this.#homeward.clear();
    for (const [task, partition] of this.#results.entries()) {
      if (partition === null) continue;
      this.#results[task] = null;
      const pause = this.#clock.pause();
      if (pause !== null) await pause;
      await partition.release();
    }
  }

  /** Whatever else fails. */
  #failAtOnce(error: unknown, reason: unknown): void {
    this.#failure = { task: -1, error };
    this.#over = true;
    this.#cancels.abort(() => true, reason);
    this.#onReached();
  }

  /** A consumer of a stream that has got a part may never come back: nobody else lets go of what the run holds. */
  #abandon(error: unknown, reason: unknown): void {
    this.#failAtOnce(error, reason);
    void this.end();
  }

  #demand(index: number): void {
    const { outputs } = this.#graph;
    const { lookAhead = outputs.length, growing = false } = this.#options;
    const end = index + 1 + (growing ? Math.min(lookAhead, index) : lookAhead);
    for (; this.#demanded < Math.min(end, outputs.length); this.#demanded++) {
      this.#dispatcher.demand(at(outputs, this.#demanded));
      this.#isMoreDemanded = true;
    }
  }

  /** Until the task's result is there. Throws where it will not be. */
  async #until(task: TaskId): Promise<void> {
    this.#awaited = task;
    const reached = new Promise<void>((resolve) => {
      this.#onReached = resolve;
    });
    // Of thousands of outputs that are there already, most change nothing.
    if (this.#isMoreDemanded || !this.#dispatcher.isDone(task)) this.#step();
    if (!this.#hasReached()) await reached;
    this.#awaited = null;
    const isThere = !this.#over && this.#dispatcher.isDone(task);
    if (this.#failure !== null && !isThere) throw this.#locate(this.#failure);
  }

  /** False: a device was lost while the result came to the host. */
  async #isCollected(partition: Partition): Promise<boolean> {
    if (!this.#options.collect || partition.isBelowDevices) return true;
    const { host, traffic = { uploaded: 0, downloaded: 0 } } = this.#workplace;
    try {
      await partition.on(host, host, traffic);
      return true;
    } catch (error) {
      if (!(error instanceof CopyLostError)) throw error;
      this.#loseDevice(error.device);
      return false;
    }
  }

  #addReader(task: TaskId, count: number): void {
    this.#readers[task] = at(this.#readers, task) + count;
  }

  /** Starts what can start now; called whenever something has changed. */
  #step(): void {
    if (this.#over) return;
    this.#isMoreDemanded = false;
    const now = this.#clock.now();
    for (let decided = this.#dispatcher.decide(now); decided.length > 0; ) {
      let isHeld = false;
      for (const execution of decided) {
        const task = at(this.#graph.tasks, execution.launch.task);
        if (isHolding(task)) {
          this.#hold(task, execution);
          isHeld = true;
        } else this.#track(this.#run(task, execution));
      }
      // What is there already lets its readers start at once; thousands of partitions are held in several turns.
      const goesOn = isHeld && !this.#over && !this.#isPaused();
      decided = goesOn ? this.#dispatcher.decide(now) : [];
    }
    this.#cancelTimer();
    if (this.#dispatcher.isBlocked) this.#workplace.memory?.host.whenRoom(this.#onRoom);
    if (this.#hasReached()) {
      this.#onReached();
    } else if (this.#dispatcher.isBlocked) return;
    else if (this.#inFlight.size === 0 && this.#awaited !== null) {
      // Cannot be, but an error is better than a query that never ends.
      const error = new Error("invariant violated: tasks are left and none of them can start");
      this.#failure ??= { task: -1, error };
      this.#onReached();
      return;
    }
    const wakeAt = this.#dispatcher.wakeAt(now);
    if (wakeAt === null) return;
    this.#cancelTimer = this.#clock.after(wakeAt - now, () => this.#step());
  }

  /** Has this turn been kept long enough? Then the next one goes on. */
  #isPaused(): boolean {
    const pause = this.#clock.pause();
    if (pause !== null) this.#track(pause);
    return pause !== null;
  }

  readonly #onRoom = (): void => this.#step();

  /** Is what is waited for there, or will it never be? */
  #hasReached(): boolean {
    if (this.#over) return true;
    if (this.#awaited !== null && this.#dispatcher.isDone(this.#awaited)) return true;
    return this.#failure !== null && this.#inFlight.size === 0 && !this.#dispatcher.goesOn;
  }

  /** The query does not end before, and goes on after it. */
  #track(work: Promise<void>): void {
    const running: Promise<void> = work.finally(() => {
      this.#inFlight.delete(running);
      this.#step();
    });
    this.#inFlight.add(running);
  }

  /** Takes no time, and no turn of the event loop. */
  #hold(task: HoldingTask, execution: Execution): void {
    try {
      const inputs = taskInputs(task).map((input) => resultOf(this.#results, input));
      const partition = holdPartition(task, inputs, this.#workplace);
      const unread = this.#finish(task, execution, partition, null);
      if (unread.length > 0) this.#track(releaseAll(unread));
    } catch (error) {
      this.#endWith(task, execution, error);
    }
  }

  /** Never rejects. */
  async #run(task: RunnableTask, execution: Execution): Promise<void> {
    const inputs: Partition[] = [];
    // What nobody needs any more when the task is done.
    let unread: Partition[] = [];
    try {
      for (const input of taskInputs(task)) {
        const result = resultOf(this.#results, input).retain(1);
        result.pin();
        inputs.push(result);
      }
      unread = await this.#compute(task, inputs, execution);
    } catch (error) {
      this.#endWith(task, execution, error);
    }
    for (const input of inputs) input.unpin();
    await releaseAll([...unread, ...inputs]);
  }

  async #compute(
    task: RunnableTask,
    inputs: readonly Partition[],
    execution: Execution,
  ): Promise<Partition[]> {
    const { host, queues, memory = null } = this.#workplace;
    const { launch, startedAt } = execution;
    const executor = this.#executorOf(launch.device);
    const device = executor.descriptor.id;
    const queue = queues.get(device);
    assert(queue !== undefined, "every device has a queue");
    const inputsAt = taskInputs(task).map((input) => at(this.#doneAt, input));
    const readyAt = Math.max(this.#startedAt, ...inputsAt);
    if (task.kind === "batch") disown(task.batch);
    const rowsIn = inputs[0]?.rowCount ?? 0;
    this.#rowsIn[task.id] = rowsIn;
    const run = (signal: AbortSignal) =>
      runTask({
        task,
        inputs,
        executor,
        host,
        queue,
        query: this.#prepared.query,
        decodeCsv: (csv, decoder) => this.#workplace.decodeCsv(csv, decoder, signal),
        windowRows: windowRows(task, this.#rowsIn),
        pause: () => this.#clock.pause(),
        signal,
        readBy: this.#readBy(task),
        memory,
        onArrived: () => {
          this.#dispatcher.arrived(execution, this.#clock.now());
          if (execution.transferMs > 0) this.#step();
        },
        onCompute: () => {
          this.#checkGoingOn(task);
          this.#dispatcher.computing(execution, this.#clock.now());
        },
      });
    const place = { memory, executor, host, operator: task.operator };
    const result = await this.#cancels.during(execution, (signal) =>
      runWithRoom(place, inputs, () => run(signal)),
    );
    const { partition } = result;
    const endedAt = this.#clock.now();
    const computeStartedAt = execution.computeStartedAt ?? startedAt;
    const observedMs = result.compiled ? null : (endedAt - computeStartedAt) / result.sharing;
    const unread = this.#finish(task, execution, partition, observedMs);
    if (!unread.includes(partition)) {
      const times = { readyAt, startedAt, computeStartedAt, endedAt };
      this.#tell(taskReport(task, rowsIn, { ...launch, device }, times, result));
    }
    return unread;
  }

  /** Null: the host. */
  #executorOf(device: string | null): Executor {
    const { host, executors } = this.#workplace;
    const executor = device === null ? host : executors.get(device);
    assert(executor !== undefined, "tasks are sent to open devices");
    return executor;
  }

  /** Whoever is told may throw: that ends the query, and the task has ended all the same. */
  #tell(report: TaskReport): void {
    const { tally } = this.#prepared;
    if (tally === null || this.#over) return;
    try {
      this.#options.onTask?.(report, tally.progress);
    } catch (error) {
      this.#failAtOnce(error, null);
    }
  }

  /**
   * In one step: the result is there, its readers may start, and what nobody needs any more is returned: inputs whose
   * last reader this was, or the result itself where another run of the task was faster.
   */
  #finish(
    task: Task,
    execution: Execution,
    partition: Partition,
    observedMs: number | null,
  ): Partition[] {
    if (this.#dispatcher.isDone(task.id) || this.#over) {
      this.#dispatcher.finished(execution, observedMs);
      return [partition];
    }
    // Before its readers become ready: what they take is predicted from where it is, and from how large.
    this.#doneAt[task.id] = this.#clock.now();
    this.#prepared.tally?.done(task.id);
    this.#prepared.costs.known(task.id, partition, this.#dispatcher.readersOf(task.id));
    this.#results[task.id] = partition;
    this.#dispatcher.finished(execution, observedMs);
    // A second run of it has lost.
    this.#cancels.abort(({ launch }) => launch.task === task.id, null);
    if (this.#goesToHost(task.id)) this.#bringToHost(task.id, partition);
    const unread: Partition[] = [];
    for (const input of taskInputs(task)) {
      this.#addReader(input, -1);
      const result = at(this.#results, input);
      if (at(this.#readers, input) > 0 || result === null) continue;
      this.#results[input] = null;
      unread.push(result);
    }
    return unread;
  }

  #readBy(task: Task): "device" | "anybody" | "host" {
    if (!("placement" in task) || task.placement.devices.length < 2) return "device";
    return this.#goesToHost(task.id) ? "host" : "anybody";
  }

  /** Will it be read in host memory, or put together with what other devices made? */
  #goesToHost(task: TaskId): boolean {
    if (this.#options.collect && this.#prepared.isOutput[task] === 1) return true;
    return this.#dispatcher.readersOf(task).some((id) => gathersOnHost(at(this.#graph.tasks, id)));
  }

  /** While other tasks still compute: whoever needs it there later finds it there. */
  #bringToHost(task: TaskId, partition: Partition): void {
    if (partition.isBelowDevices) return;
    const departure = this.#prepared.costs.departure(task);
    const left = this.#dispatcher.leaves(departure, this.#clock.now());
    this.#homeward.add(partition, departure, this.#dispatcher.msBehind(task), (hasCome) => {
      left(this.#clock.now());
      if (!hasCome) return;
      this.#dispatcher.moved(task);
      this.#step();
    });
  }

  #endWith(task: Task, execution: Execution, error: unknown): void {
    if (this.#over || isCancelled(error)) {
      this.#dispatcher.abandoned(execution);
      return;
    }
    if (error instanceof CopyLostError) {
      this.#loseDevice(error.device);
      this.#dispatcher.failed(execution, "input");
      return;
    }
    const { device } = execution.launch;
    const executor = this.#executorOf(device);
    // On a host it is what it reads that could not come.
    const isOnHost = memorySpace(executor) === HOST;
    if (error instanceof DeviceLostError && !isOnHost) this.#loseDevice(executor);
    if (device !== null && isDeviceError(error) && this.#dispatcher.failed(execution, "device")) {
      return;
    }
    this.#dispatcher.abandoned(execution);
    if (this.#dispatcher.isDone(task.id)) return;
    if (this.#failure !== null && this.#turnOf(this.#failure.task) <= this.#turnOf(task.id)) return;
    this.#failure = { task: task.id, error };
    // What comes after it stops; tasks before it go on, since one of them may fail as well.
    const turn = this.#turnOf(task.id);
    this.#dispatcher.limitTo(turn);
    this.#cancels.abort(({ launch }) => this.#turnOf(launch.task) > turn, error);
  }

  /** The device leaves the query. Results of which it had the only copy are made again. */
  #loseDevice(device: Executor): void {
    const { id } = device.descriptor;
    // It may have been opened again since, and be of use to this query.
    const isOfQuery = this.#workplace.executors.get(id) === device;
    if (isOfQuery && !this.#dispatcher.isLost(id)) this.#dispatcher.deviceLost(id);
    // The query may have no task for a device that holds what was persisted, or the session may have lost it before.
    this.#workplace.lost?.(device);
    for (const partition of this.#results) partition?.drop(device);
    for (const [task, partition] of this.#results.entries()) {
      if (partition !== null && partition.holder === null) this.#makeAgain(task);
    }
  }

  /** Runs a task again whose result is gone, and before it those of its inputs that were let go already. */
  #makeAgain(task: TaskId): void {
    this.#results[task] = null;
    this.#dispatcher.resultLost(task);
    for (const input of taskInputs(at(this.#graph.tasks, task))) {
      this.#addReader(input, 1);
      if (at(this.#results, input) === null && this.#dispatcher.isDone(input)) {
        this.#makeAgain(input);
      }
    }
  }

  #checkGoingOn(task: Task): void {
    const failed = this.#failure?.task ?? null;
    if (failed === null || this.#turnOf(failed) >= this.#turnOf(task.id)) return;
    throw this.#failure?.error;
  }

  /** -1: before all tasks. */
  #turnOf(task: TaskId): number {
    return this.#options.turns[task] ?? -1;
  }

  /** The error with the row of the operator's whole input: all tasks before the failing one have run. */
  #locate({ task: id, error }: { readonly task: TaskId; readonly error: unknown }): unknown {
    const task = this.#graph.tasks[id];
    if (task === undefined) return error;
    return locateFailure(error, task, (other) => at(this.#rowsIn, other));
  }
}
