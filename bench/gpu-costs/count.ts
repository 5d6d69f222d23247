// How many operations a value takes: of all ways through a function the longest, because lanes of a GPU that take different
// ways take both. A loop whose bound is a constant of at most 64 counts with all of its passes, another one (rows of a
// thread, probes of a table) with `passes`. An operation on a vector counts once a component.
import type { Block, Operation, Shader, ShaderFunction, Value } from "./spirv.ts";

export interface Cost {
  /** Arithmetic, comparisons, choices, shifts and logic of 32 bits. */
  readonly integer: number;
  /** Of floats. Nothing here may need any. */
  readonly float: number;
  readonly atomic: number;
  readonly barriers: number;
}

const NOTHING: Cost = { integer: 0, float: 0, atomic: 0, barriers: 0 };
const MOST_PASSES = 64;

const INTEGER =
  /^Op(I(Add|Sub|Mul|Equal|NotEqual)|[US](Div|Mod|Rem|Negate|LessThan(Equal)?|GreaterThan(Equal)?)|SNegate|Not|Bit\w+|Shift\w+|Logical\w+|Select|Any|All|ExtInst|[US](Mul|Dot)\w*)$/;
const FLOAT = /^Op(F(Add|Sub|Mul|Div|Rem|Mod|Negate|Ord\w+|Unord\w+)|Convert\w+|Dot|IsNan|IsInf)$/;

export function isInteger(code: string): boolean {
  return INTEGER.test(code);
}

/** Of one run of the entry point, or of one pass of its first loop without a constant bound. */
export function costOf(shader: Shader, what: "thread" | "loop", passes: number): Cost {
  const counter = new Counter(shader, passes);
  const entry = calledBy(shader, shader.entry);
  return what === "thread" ? counter.ofFunction(entry) : counter.ofFirstLoop(entry);
}

/** Of a function that the entry point calls. */
export function costOfFunction(shader: Shader, name: string): Cost {
  return new Counter(shader, 1).ofFunction(name);
}

/** What the entry point calls on values: its own loads and stores are left out. */
export function valueFunctionOf(shader: Shader): string {
  return calledBy(shader, calledBy(shader, shader.entry));
}

/** The last one that is called: operands are read before. */
function calledBy(shader: Shader, name: string): string {
  const blocks = [...(shader.functions.get(name)?.blocks.values() ?? [])];
  const calls = blocks.flatMap(({ operations }) =>
    operations.filter(({ code }) => code === "OpFunctionCall"),
  );
  const callee = calls.at(-1)?.operands[1];
  if (callee === undefined) throw new Error(`${name} calls no function`);
  return callee;
}

class Counter {
  readonly #shader: Shader;
  readonly #passes: number;
  readonly #known = new Map<string, Cost>();

  constructor(shader: Shader, passes: number) {
    this.#shader = shader;
    this.#passes = passes;
  }

  ofFunction(name: string): Cost {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const body = this.#bodyOf(name);
    const cost = this.#longest(body, body.first, new Set());
    this.#known.set(name, cost);
    return cost;
  }

  ofFirstLoop(name: string): Cost {
    const body = this.#bodyOf(name);
    for (const [label, block] of body.blocks) {
      if (block.loopEnd === null || this.#constantPasses(body, label, block.loopEnd) !== null) {
        continue;
      }
      return this.#onePass(body, label, block.loopEnd, new Set());
    }
    throw new Error(`${name} has no loop without a constant bound`);
  }

  #bodyOf(name: string): ShaderFunction {
    const body = this.#shader.functions.get(name);
    if (body === undefined) throw new Error(`there is no function ${name}`);
    return body;
  }

  /** From the block to the end of the function, or to a label of `ends`. */
  #longest(body: ShaderFunction, label: string, ends: ReadonlySet<string>): Cost {
    if (ends.has(label)) return NOTHING;
    const block = body.blocks.get(label);
    if (block === undefined) return NOTHING;
    if (block.loopEnd === null) return this.#onward(body, block, ends);
    const passes = this.#constantPasses(body, label, block.loopEnd) ?? this.#passes;
    const pass = this.#onePass(body, label, block.loopEnd, ends);
    const left = this.#leaving(body, label, block.loopEnd);
    return sum(sum(times(pass, passes), left), this.#longest(body, block.loopEnd, ends));
  }

  /** The last look at the condition, which ends the loop: the blocks before the first choice. */
  #leaving(body: ShaderFunction, label: string, end: string): Cost {
    const block = body.blocks.get(label);
    if (block === undefined || label === end) return NOTHING;
    const [next, ...others] = block.targets;
    const own = block.operations
      .map((operation) => this.#ofOperation(operation))
      .reduce(sum, NOTHING);
    return next === undefined || others.length > 0 ? own : sum(own, this.#leaving(body, next, end));
  }

  #onePass(body: ShaderFunction, label: string, end: string, ends: ReadonlySet<string>): Cost {
    const block = body.blocks.get(label) as Block;
    return this.#onward(body, block, new Set([...ends, label, end]));
  }

  #onward(body: ShaderFunction, block: Block, ends: ReadonlySet<string>): Cost {
    const own = block.operations
      .map((operation) => this.#ofOperation(operation))
      .reduce(sum, NOTHING);
    const ways = block.targets.map((target) => this.#longest(body, target, ends));
    return sum(own, ways.reduce(longer, NOTHING));
  }

  #ofOperation({ code, operands }: Operation): Cost {
    if (code === "OpFunctionCall") return this.ofFunction(operands[1] ?? "");
    const width = this.#shader.widths.get(operands[0] ?? "") ?? 1;
    if (isInteger(code)) return { ...NOTHING, integer: width };
    if (FLOAT.test(code)) return { ...NOTHING, float: width };
    if (code.startsWith("OpAtomic")) return { ...NOTHING, atomic: 1 };
    return code === "OpControlBarrier" ? { ...NOTHING, barriers: 1 } : NOTHING;
  }

  /** From 0 by ones to a constant: the bound of the first comparison of the loop. Null where it has none. */
  #constantPasses(body: ShaderFunction, label: string, end: string): number | null {
    const seen = new Set([end]);
    const waiting = [label];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const block = body.blocks.get(next);
      const leaves = block?.targets.some((target) => this.#leadsTo(body, target, end));
      const bound = block?.operations.find(({ code }) => code === "OpULessThan")?.operands[2];
      if (leaves && bound !== undefined) return this.#constant(body, bound);
      waiting.push(...(block?.targets ?? []));
    }
    return null;
  }

  /** The end itself, or an empty block before it. */
  #leadsTo(body: ShaderFunction, label: string, end: string): boolean {
    if (label === end) return true;
    const { operations = [], targets = [] } = body.blocks.get(label) ?? {};
    return operations.length === 1 && targets.length === 1 && targets[0] === end;
  }

  #constant(body: ShaderFunction, id: string): number | null {
    let value = this.#shader.constants.get(id);
    if (value === undefined) {
      const all = [...body.blocks.values()].flatMap(({ operations }) => operations);
      const call = all.find(({ code, result }) => code === "OpFunctionCall" && result === id);
      value = call && this.#returned(call.operands[1] ?? "");
    }
    return typeof value === "number" && value <= MOST_PASSES ? value : null;
  }

  /** What a function without parameters and choices always gives. */
  #returned(name: string): Value | undefined {
    const blocks = [...this.#bodyOf(name).blocks.values()];
    const [end] = blocks.length === 1 ? (blocks[0]?.operations ?? []) : [];
    return end?.code === "OpReturnValue"
      ? this.#shader.constants.get(end.operands[0] ?? "")
      : undefined;
  }
}

function sum(a: Cost, b: Cost): Cost {
  return {
    integer: a.integer + b.integer,
    float: a.float + b.float,
    atomic: a.atomic + b.atomic,
    barriers: a.barriers + b.barriers,
  };
}

function times(cost: Cost, passes: number): Cost {
  return {
    integer: passes * cost.integer,
    float: passes * cost.float,
    atomic: passes * cost.atomic,
    barriers: passes * cost.barriers,
  };
}

function longer(a: Cost, b: Cost): Cost {
  return b.integer + b.atomic > a.integer + a.atomic ? b : a;
}
