// Cuts a program into stages, each one dispatch: the predicate, then the outputs in as few groups as the adapter's limit
// of bound buffers allows.

import { at } from "../../base/index.ts";
import type { ResolvedProgram, ValueId } from "../../ir/index.ts";
import { checkOf, dependencies, isAlwaysTrue } from "./dependencies.ts";

/** Which of a column's two arrays. */
export interface ColumnArray {
  readonly column: number;
  readonly part: "values" | "validity";
}

export interface Stage {
  /** The value of the filter that the stage computes, or null: it computes outputs. */
  readonly predicate: ValueId | null;
  readonly outputs: readonly StageOutput[];
  /** All values that the stage computes. */
  readonly values: ReadonlySet<ValueId>;
  /** Those of them whose checks it performs. */
  readonly checks: ReadonlySet<ValueId>;
  readonly arrays: readonly ColumnArray[];
  /** The arrays are copied into one buffer first, because a single output needs more than can be bound. */
  readonly arena: boolean;
}

export interface StageOutput {
  /** Position among the program's outputs. */
  readonly index: number;
  /** Without a bitmap the output has no nulls. */
  readonly nullable: boolean;
}

export interface StagePlan {
  readonly predicate: Stage | null;
  /** Outputs that are input columns as they are are in none of them when no row is left out. */
  readonly outputs: readonly Stage[];
  /** For each output: the input column that it is, or null where it is computed. */
  readonly passedThrough: readonly (number | null)[];
}

/** Failures, literals, and the filter's bitmap or row list: bound beside columns and outputs. */
const FIXED_BINDINGS = 3;
/** Some adapters bind more, but a shader of very many outputs takes long to compile. */
const MAX_BINDINGS = 16;

/**
 * @param nullable for each input column: does it have a validity bitmap?
 * @param selected are rows left out? If not, columns that are passed through cost nothing: their buffers are shared.
 */
export function planStages(
  program: ResolvedProgram,
  nullable: readonly boolean[],
  maxStorageBuffers: number,
  selected: boolean,
): StagePlan {
  const planner = new StagePlanner(
    program,
    nullable,
    Math.min(maxStorageBuffers, MAX_BINDINGS) - FIXED_BINDINGS,
  );
  return planner.plan(selected);
}

/** Something that a stage must compute: an output, or a check that no output depends on. */
interface Item {
  readonly output: StageOutput | null;
  readonly roots: readonly ValueId[];
}

class StagePlanner {
  readonly #program: ResolvedProgram;
  readonly #nullable: readonly boolean[];
  readonly #maxBuffers: number;
  readonly #ofPredicate: ReadonlySet<ValueId>;

  constructor(program: ResolvedProgram, nullable: readonly boolean[], maxBuffers: number) {
    this.#program = program;
    this.#nullable = nullable;
    this.#maxBuffers = maxBuffers;
    const { predicate } = program;
    this.#ofPredicate = dependencies(program, predicate === null ? [] : [predicate], () => true);
  }

  plan(selected: boolean): StagePlan {
    const { predicate, outputs } = this.#program;
    const passedThrough = outputs.map((_, index) => this.#passedThrough(index));
    const items = [...this.#outputItems(), ...this.#checkItems()];
    const shared = (output: StageOutput) => !selected && passedThrough[output.index] !== null;
    return {
      predicate: predicate === null ? null : this.#stage([], [predicate], predicate),
      outputs: this.#groups(items.filter(({ output }) => output === null || !shared(output))),
      passedThrough,
    };
  }

  #passedThrough(index: number): number | null {
    const { outputs, instructions, inputs } = this.#program;
    const { value, validity, dtype } = at(outputs, index);
    const load = at(instructions, value);
    if (load.op !== "load" || at(inputs, load.column) !== dtype) return null;
    const { column } = load;
    if (validity === null) return this.#nullable[column] ? null : column;
    const bits = at(instructions, validity);
    return bits.op === "loadValidity" && bits.column === column ? column : null;
  }

  #outputItems(): Item[] {
    return this.#program.outputs.map(({ value, validity }, index): Item => {
      const nullable = !isAlwaysTrue(this.#program, this.#nullable, validity);
      const roots = nullable && validity !== null ? [value, validity] : [value];
      return { output: { index, nullable }, roots };
    });
  }

  /** Checks outside the predicate that no output depends on: they are performed all the same. */
  #checkItems(): Item[] {
    const { outputs, instructions } = this.#program;
    const roots = outputs.flatMap(({ value, validity }) =>
      validity === null ? [value] : [value, validity],
    );
    const reached = dependencies(this.#program, roots, (value) => !this.#ofPredicate.has(value));
    return instructions.flatMap((instruction, value) =>
      checkOf(instruction) !== null && !reached.has(value) && !this.#ofPredicate.has(value)
        ? [{ output: null, roots: [value] }]
        : [],
    );
  }

  #groups(items: readonly Item[]): Stage[] {
    const stages: Stage[] = [];
    let open: Stage | null = null;
    let members: Item[] = [];
    for (const item of items) {
      const together = this.#outputStage([...members, item]);
      if (open !== null && buffersOf(together) > this.#maxBuffers) {
        stages.push(open);
        members = [item];
        open = this.#outputStage(members);
      } else {
        members.push(item);
        open = together;
      }
    }
    if (open !== null) stages.push(open);
    return stages.map((stage) =>
      buffersOf(stage) > this.#maxBuffers ? { ...stage, arena: true } : stage,
    );
  }

  #outputStage(items: readonly Item[]): Stage {
    const outputs = items.flatMap(({ output }) => output ?? []);
    const roots = items.flatMap((item) => item.roots);
    return this.#stage(outputs, roots, null);
  }

  #stage(
    outputs: readonly StageOutput[],
    roots: readonly ValueId[],
    predicate: number | null,
  ): Stage {
    const { instructions } = this.#program;
    const performs = (value: ValueId) => predicate !== null || !this.#ofPredicate.has(value);
    const values = dependencies(this.#program, roots, performs);
    const checks = [...values].filter(
      (value) => performs(value) && checkOf(at(instructions, value)) !== null,
    );
    const arrays = new Map<string, ColumnArray>();
    for (const value of values) {
      const instruction = at(instructions, value);
      if (instruction.op !== "load" && instruction.op !== "loadValidity") continue;
      const { column } = instruction;
      const part = instruction.op === "load" ? "values" : "validity";
      if (part === "validity" && !this.#nullable[column]) continue;
      arrays.set(`${part} ${column}`, { column, part });
    }
    const stage: Stage = {
      predicate,
      outputs,
      values,
      checks: new Set(checks),
      arrays: [...arrays.values()],
      arena: false,
    };
    return predicate !== null && buffersOf(stage) > this.#maxBuffers
      ? { ...stage, arena: true }
      : stage;
  }
}

function buffersOf({ arrays, outputs }: Stage): number {
  return outputs.reduce((count, { nullable }) => count + (nullable ? 2 : 1), arrays.length);
}
