// Runs a plan whose later parts follow from the sizes of earlier results. Every stage computes the inputs of deferred
// nodes and holds them; the planner then says what to do with them, maybe in further stages. physical/staged/README.md
// says what is planned so, and why.

import { assert, at, inSlices, turnIfOver } from "../base/index.ts";
import {
  type Deferred,
  type Held,
  type PhysicalPlan,
  type PlanningContext,
  physicalInputs,
  planStage,
  sum,
} from "../physical/index.ts";
import type { ChosenPlan } from "./auto.ts";
import { expand, expandAll } from "./expand.ts";
import type { Partition } from "./partition.ts";
import { type RejectSink, RejectsByTask } from "./rejects.ts";
import { resolve } from "./resolve.ts";
import { schedule, stream } from "./scheduler.ts";
import { type HeldTask, type TaskGraph, turnsByOutput } from "./task.ts";
import type { HeldPartition, ScheduleOptions, Workplace } from "./workplace.ts";

interface StageSettings extends Pick<ScheduleOptions, "signal" | "onTask"> {
  readonly rejects: RejectSink;
}

/** Partitions that are computed ahead of what a slice has taken, a place that a device has. */
const MOST_AHEAD = 2;

/** The first partitions of a node. */
interface Taken {
  readonly input: PhysicalPlan;
  readonly rows: number;
}

export class Stages {
  readonly workplace: Workplace;
  readonly #decodeCsv: Workplace["decodeCsv"];
  readonly #root: PhysicalPlan;
  readonly #context: PlanningContext;
  readonly #settings: StageSettings;
  /** Could a result be lost with its device, and have to be made again? Then what it was made of stays. */
  readonly #mayLose: boolean;
  readonly #resolved = new Map<PhysicalPlan, PhysicalPlan>();
  /** Null: handed over. */
  readonly #held = new Map<Held, (Partition | null)[]>();
  /** What no stage after the running one reads. */
  #last: ReadonlySet<PhysicalPlan> = new Set();
  /** Tasks of the stages before the running one, those of them that have run, and the share of the whole that they are taken to be. */
  #tasksBefore = 0;
  #doneBefore = 0;
  #fractionBefore = 0;
  /** Tasks of the running stage that are done, where somebody asks. */
  #tasksDone = 0;
  #isLastStage = false;
  #released: Promise<void> | null = null;

  constructor({ physical, context }: ChosenPlan, workplace: Workplace, settings: StageSettings) {
    this.#root = physical;
    this.#context = context;
    this.#settings = settings;
    const executors = [...workplace.executors.values()];
    this.#mayLose = executors.some(({ descriptor }) => descriptor.kind === "gpu");
    this.#decodeCsv = (...task) => workplace.decodeCsv(...task);
    this.workplace = {
      ...workplace,
      held: (task) => this.#take(task),
      decodeCsv: (task, executor, signal) =>
        workplace.decodeCsv(task, executor, signal, this.#rejectsOfStage()),
    };
  }

  /** Runs all stages but the last, whose tasks it gives. */
  async toLast(): Promise<TaskGraph> {
    for (let wave = this.#wave(); wave.length > 0; wave = this.#wave()) {
      // Each slice by itself, behind all others: what they hold then, it finds.
      const others = wave.filter(({ step }) => step.kind !== "slice");
      await this.#run(others.length > 0 ? others : wave.slice(0, 1));
    }
    this.#last = this.#mayLose ? new Set() : new Set(this.#held.keys());
    this.#isLastStage = true;
    return await inSlices(expand(this.#root, this.#resolved), this.#settings.signal);
  }

  /** Undefined: nobody asks. */
  get onTask(): ScheduleOptions["onTask"] {
    const { onTask } = this.#settings;
    if (onTask === undefined) return undefined;
    // How many stages follow is not known: each but the last counts as half of what is left.
    const share = (1 - this.#fractionBefore) * (this.#isLastStage ? 1 : 0.5);
    const doneBefore = this.#doneBefore;
    const fractionBefore = this.#fractionBefore;
    return (report, { tasksDone, tasksTotal, fraction }) => {
      this.#tasksDone = tasksDone;
      onTask(report, {
        tasksDone: doneBefore + tasksDone,
        tasksTotal: doneBefore + tasksTotal,
        fraction: fractionBefore + share * fraction,
      });
    };
  }

  #take({ node, partition: index }: HeldTask): HeldPartition {
    const partitions = this.#held.get(node);
    const partition = partitions?.[index];
    assert(partitions !== undefined && partition != null, "a stage reads what is held");
    const isLast = this.#last.has(node);
    if (isLast) partitions[index] = null;
    return { partition, isLast };
  }

  /** Once, however often it is asked for. */
  release(): Promise<void> {
    this.#released ??= this.#releaseAll();
    return this.#released;
  }

  async #releaseAll(): Promise<void> {
    for (const node of Array.from(this.#held.keys())) await this.#release(node);
    await this.workplace.release?.();
  }

  async #release(node: Held): Promise<void> {
    const partitions = this.#held.get(node) ?? [];
    this.#held.delete(node);
    for (const partition of partitions) {
      await turnIfOver();
      await partition?.release();
    }
  }

  #resolve(node: PhysicalPlan): PhysicalPlan {
    return resolve(node, this.#resolved);
  }

  /** The deferred nodes whose inputs can be computed now. */
  #wave(): Deferred[] {
    const wave: Deferred[] = [];
    const known = new Map<PhysicalPlan, boolean>();
    /** Is something deferred below? */
    const visit = (named: PhysicalPlan): boolean => {
      const node = this.#resolve(named);
      const before = known.get(node);
      if (before !== undefined) return before;
      const inputs = node.kind === "deferred" ? node.inputs : physicalInputs(node);
      const waits = inputs.map(visit).includes(true);
      if (node.kind === "deferred" && !waits) wave.push(node);
      known.set(node, waits || node.kind === "deferred");
      return waits || node.kind === "deferred";
    };
    visit(this.#root);
    return wave;
  }

  async #run(wave: readonly Deferred[]): Promise<void> {
    const inputs = new Set(
      wave.flatMap((node) => node.inputs.map((input) => this.#resolve(input))),
    );
    // Of thousands of nodes each walk takes milliseconds.
    const within = this.#reachable([...inputs], new Set());
    await turnIfOver();
    const after = this.#readLater(wave);
    await turnIfOver();
    const taken = this.#takenBy(wave, after);
    const targets = [...new Set([...inputs, ...this.#shared(wave, within)])].filter(
      (target) => target.kind !== "held" && target !== taken?.input,
    );
    const isLast = (node: PhysicalPlan) =>
      within.has(node) && !after.has(node) && !inputs.has(node);
    const last = new Set(this.#mayLose ? [] : [...this.#held.keys()].filter(isLast));
    await turnIfOver();
    if (targets.length > 0) await this.#compute(targets, taken === null ? last : new Set());
    if (taken !== null) await this.#takeRows(taken, last);
    for (const node of wave) {
      const held = node.inputs.map((input) => this.#heldOf(input));
      this.#resolved.set(
        node,
        await inSlices(planStage(this.#context, node, held), this.#settings.signal),
      );
    }
    await turnIfOver();
    const left = this.#reachable([this.#root], new Set());
    for (const node of Array.from(this.#held.keys()))
      if (!left.has(node)) await this.#release(node);
  }

  /** What a slice reads, and nothing else does, needs to be computed only as far as the slice reaches. */
  #takenBy(wave: readonly Deferred[], after: ReadonlySet<PhysicalPlan>): Taken | null {
    const step = wave[0]?.step;
    if (step?.kind !== "slice") return null;
    const input = this.#resolve(at(at(wave, 0).inputs, 0));
    if (input.kind === "held" || after.has(input)) return null;
    return { input, rows: step.offset + step.length };
  }

  /** `last`: what no stage after this one reads. */
  async #compute(targets: readonly PhysicalPlan[], last: ReadonlySet<PhysicalPlan>): Promise<void> {
    this.#last = last;
    const { signal } = this.#settings;
    const { graph, counts } = await inSlices(expandAll(targets, this.#resolved), signal);
    const results = await schedule(graph, this.workplace, {
      signal,
      collect: true,
      onTask: this.onTask,
    });
    this.#endStage(graph);
    for (const [index, target] of targets.entries()) {
      this.#hold(target, results.splice(0, at(counts, index)));
    }
  }

  /**
   * Partitions of the input in order, until they have the rows. Those after them are begun, in case, and thrown away: what
   * they failed of or left out does not count.
   */
  async #takeRows({ input, rows }: Taken, last: ReadonlySet<PhysicalPlan>): Promise<void> {
    this.#last = last;
    const { signal } = this.#settings;
    const graph = await inSlices(expand(input, this.#resolved), signal);
    const rejects = new RejectsByTask();
    const { queues } = this.workplace;
    const slots = [...queues.values()].reduce((sum, { capacity }) => sum + capacity, 0);
    const workplace: Workplace = {
      ...this.workplace,
      decodeCsv: (task, executor, signal) => this.#decodeCsv(task, executor, signal, rejects),
    };
    const partitions: Partition[] = [];
    const results = stream(graph, workplace, {
      signal,
      collect: true,
      lookAhead: MOST_AHEAD * slots,
      growing: true,
      onTask: this.onTask,
    });
    try {
      let found = 0;
      for await (const partition of results) {
        partitions.push(partition);
        found += partition.rowCount;
        if (found >= rows) break;
      }
    } catch (error) {
      for (const partition of partitions) await partition.release();
      throw error;
    }
    const outputs = graph.outputs.slice(0, partitions.length);
    const turns = await inSlices(turnsByOutput({ ...graph, outputs }));
    rejects.pass(turns, this.#rejectsOfStage());
    this.#endStage(graph);
    this.#hold(input, partitions);
  }

  #endStage({ tasks }: TaskGraph): void {
    this.#tasksBefore += tasks.length;
    this.#doneBefore += this.#tasksDone;
    this.#tasksDone = 0;
    this.#fractionBefore = (1 + this.#fractionBefore) / 2;
  }

  #hold(target: PhysicalPlan, partitions: Partition[]): void {
    const sizes = partitions.map(({ rowCount: rows, byteLength: bytes }) => ({ rows, bytes }));
    const node: Held = {
      kind: "held",
      operator: target.operator,
      schema: target.schema,
      partitions: partitions.length,
      sizes,
      size: sum(sizes),
    };
    this.#held.set(node, partitions);
    this.#resolved.set(target, node);
  }

  /** The tasks of a query are numbered through. */
  #rejectsOfStage(): RejectSink {
    const before = this.#tasksBefore;
    const { rejects } = this.#settings;
    return { add: (task, lines) => rejects.add(before + task, lines) };
  }

  #heldOf(input: PhysicalPlan): Held {
    const node = this.#resolve(input);
    assert(node.kind === "held", "the inputs of a stage are there");
    return node;
  }

  /** What the stage computes and a later one reads too: it runs once, as every node does. */
  #shared(wave: readonly Deferred[], within: ReadonlySet<PhysicalPlan>): PhysicalPlan[] {
    const shared: PhysicalPlan[] = [];
    const stop = new Set(within);
    for (const node of within) if (!isHoldable(node)) stop.delete(node);
    for (const node of this.#readLater(wave, stop)) if (stop.has(node)) shared.push(node);
    return shared;
  }

  /** What is read when the wave has been planned, as far as is known; nodes of `stop` are not looked into. */
  #readLater(
    wave: readonly Deferred[],
    stop: ReadonlySet<PhysicalPlan> = new Set(),
  ): ReadonlySet<PhysicalPlan> {
    const roots = [this.#root, ...wave.flatMap(({ later }) => later)];
    return this.#reachable(roots, new Set([...stop, ...wave]));
  }

  /** The nodes and all below them. */
  #reachable(
    roots: readonly PhysicalPlan[],
    stop: ReadonlySet<PhysicalPlan>,
  ): ReadonlySet<PhysicalPlan> {
    const found = new Set<PhysicalPlan>();
    const open = [...roots];
    for (let named = open.pop(); named !== undefined; named = open.pop()) {
      const node = this.#resolve(named);
      if (found.has(node)) continue;
      found.add(node);
      if (!stop.has(node)) open.push(...physicalInputs(node));
    }
    return found;
  }
}

/** Scans of what is in memory cost nothing again; a partial aggregate's windows are not among its partitions. */
function isHoldable({ kind }: PhysicalPlan): boolean {
  return !["scanBatches", "scanPersisted", "held", "applyPartialAggregate", "ranges"].includes(
    kind,
  );
}
