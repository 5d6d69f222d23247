// Runs a plan whose later parts follow from the sizes of earlier results. Every stage computes the inputs of deferred
// nodes and holds them; the planner then says what to do with them, maybe in further stages. physical/staged/README.md
// says what is planned so, and why.

import { assert, at } from "../base/index.ts";
import {
  type Deferred,
  type Held,
  type PhysicalPlan,
  type PlanningContext,
  physicalInputs,
  planStage,
} from "../physical/index.ts";
import type { ChosenPlan } from "./auto.ts";
import { expand, expandAll } from "./expand.ts";
import type { Partition } from "./partition.ts";
import { resolve } from "./resolve.ts";
import { schedule } from "./scheduler.ts";
import type { HeldTask, TaskGraph } from "./task.ts";
import type { HeldPartition, ScheduleOptions, Workplace } from "./workplace.ts";

type StageSettings = Pick<ScheduleOptions, "signal" | "onTask">;

export class Stages {
  readonly workplace: Workplace;
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
  /** Tasks of the stages before the running one, and the share of the whole that they are taken to be. */
  #tasksBefore = 0;
  #fractionBefore = 0;
  #isLastStage = false;

  constructor({ physical, context }: ChosenPlan, workplace: Workplace, settings: StageSettings) {
    this.#root = physical;
    this.#context = context;
    this.#settings = settings;
    const executors = [...workplace.executors.values()];
    this.#mayLose = executors.some(({ descriptor }) => descriptor.kind === "gpu");
    this.workplace = {
      ...workplace,
      held: (task) => this.#take(task),
      decodeCsv: (task, executor, signal) =>
        workplace.decodeCsv(task, executor, signal, this.#tasksBefore),
    };
  }

  /** Runs all stages but the last, whose tasks it gives. */
  async toLast(): Promise<TaskGraph> {
    for (let wave = this.#wave(); wave.length > 0; wave = this.#wave()) await this.#run(wave);
    this.#last = this.#mayLose ? new Set() : new Set(this.#held.keys());
    this.#isLastStage = true;
    return expand(this.#root, this.#resolved);
  }

  /** How many stages follow is not known: each but the last counts as half of what is left. */
  readonly onTask: ScheduleOptions["onTask"] = (report, { tasksDone, tasksTotal, fraction }) => {
    const share = (1 - this.#fractionBefore) * (this.#isLastStage ? 1 : 0.5);
    this.#settings.onTask?.(report, {
      tasksDone: this.#tasksBefore + tasksDone,
      tasksTotal: this.#tasksBefore + tasksTotal,
      fraction: this.#fractionBefore + share * fraction,
    });
  };

  #take({ node, partition: index }: HeldTask): HeldPartition {
    const partitions = this.#held.get(node);
    const partition = partitions?.[index];
    assert(partitions !== undefined && partition != null, "a stage reads what is held");
    const isLast = this.#last.has(node);
    if (isLast) partitions[index] = null;
    return { partition, isLast };
  }

  async release(): Promise<void> {
    for (const node of Array.from(this.#held.keys())) await this.#release(node);
  }

  async #release(node: Held): Promise<void> {
    const partitions = this.#held.get(node) ?? [];
    this.#held.delete(node);
    for (const partition of partitions) await partition?.release();
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
    const within = this.#reachable([...inputs], new Set());
    const targets = [...new Set([...inputs, ...this.#shared(wave, within)])].filter(
      ({ kind }) => kind !== "held",
    );
    if (targets.length > 0) await this.#compute(targets, inputs, wave, within);
    for (const node of wave) {
      const held = node.inputs.map((input) => this.#heldOf(input));
      this.#resolved.set(node, planStage(this.#context, node, held));
    }
    const left = this.#reachable([this.#root], new Set());
    for (const node of Array.from(this.#held.keys()))
      if (!left.has(node)) await this.#release(node);
  }

  async #compute(
    targets: readonly PhysicalPlan[],
    inputs: ReadonlySet<PhysicalPlan>,
    wave: readonly Deferred[],
    within: ReadonlySet<PhysicalPlan>,
  ): Promise<void> {
    const after = this.#readLater(wave);
    const isLast = (node: PhysicalPlan) =>
      within.has(node) && !after.has(node) && !inputs.has(node);
    this.#last = this.#mayLose ? new Set() : new Set([...this.#held.keys()].filter(isLast));
    const { graph, counts } = expandAll(targets, this.#resolved);
    const { signal } = this.#settings;
    const results = await schedule(graph, this.workplace, {
      signal,
      collect: true,
      onTask: this.onTask,
    });
    this.#tasksBefore += graph.tasks.length;
    this.#fractionBefore = (1 + this.#fractionBefore) / 2;
    for (const [index, target] of targets.entries()) {
      const partitions = results.splice(0, at(counts, index));
      const node: Held = {
        kind: "held",
        operator: target.operator,
        schema: target.schema,
        partitions: partitions.length,
        sizes: partitions.map(({ rowCount, byteLength }) => ({
          rows: rowCount,
          bytes: byteLength,
        })),
      };
      this.#held.set(node, partitions);
      this.#resolved.set(target, node);
    }
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
