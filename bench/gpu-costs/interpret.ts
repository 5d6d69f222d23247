// Runs a function of values as Tint wrote it, one operation after the other, and counts them: what a lane does whose values are
// as they mostly are, beside the longest way that count.ts finds.
import { isInteger } from "./count.ts";
import type { Operation, Shader, Value } from "./spirv.ts";

/** A variable or a part of one. */
interface Place {
  readonly holder: Register[];
  readonly index: number;
}
type Register = number | boolean | Place | readonly Register[];

export interface Run {
  readonly value: Value;
  readonly operations: number;
}

export function runFunction(shader: Shader, name: string, operands: readonly Value[]): Run {
  const frame = new Frame(shader);
  return { value: frame.call(name, operands) as Value, operations: frame.operations };
}

const word = (value: Value | undefined): number => Number(value) >>> 0;
const signed = (value: Value | undefined): number => Number(value) | 0;

type Numbers = (a: Value | undefined, b: Value | undefined, c: Value | undefined) => Value;

/** By component. */
const COMPONENTS: Readonly<Record<string, Numbers>> = {
  OpIAdd: (a, b) => (word(a) + word(b)) >>> 0,
  OpISub: (a, b) => (word(a) - word(b)) >>> 0,
  OpIMul: (a, b) => Math.imul(word(a), word(b)) >>> 0,
  OpUDiv: (a, b) => Math.floor(word(a) / word(b)),
  OpUMod: (a, b) => word(a) % word(b),
  OpSNegate: (a) => -word(a) >>> 0,
  OpNot: (a) => ~word(a) >>> 0,
  OpBitwiseAnd: (a, b) => (word(a) & word(b)) >>> 0,
  OpBitwiseOr: (a, b) => (word(a) | word(b)) >>> 0,
  OpBitwiseXor: (a, b) => (word(a) ^ word(b)) >>> 0,
  OpShiftLeftLogical: (a, b) => (word(a) << word(b)) >>> 0,
  OpShiftRightLogical: (a, b) => word(a) >>> word(b),
  OpShiftRightArithmetic: (a, b) => (signed(a) >> word(b)) >>> 0,
  OpIEqual: (a, b) => word(a) === word(b),
  OpINotEqual: (a, b) => word(a) !== word(b),
  OpULessThan: (a, b) => word(a) < word(b),
  OpULessThanEqual: (a, b) => word(a) <= word(b),
  OpUGreaterThan: (a, b) => word(a) > word(b),
  OpUGreaterThanEqual: (a, b) => word(a) >= word(b),
  OpSLessThan: (a, b) => signed(a) < signed(b),
  OpSLessThanEqual: (a, b) => signed(a) <= signed(b),
  OpSGreaterThan: (a, b) => signed(a) > signed(b),
  OpSGreaterThanEqual: (a, b) => signed(a) >= signed(b),
  OpLogicalAnd: (a, b) => a === true && b === true,
  OpLogicalOr: (a, b) => a === true || b === true,
  OpLogicalNot: (a) => a !== true,
  OpLogicalEqual: (a, b) => a === b,
  OpLogicalNotEqual: (a, b) => a !== b,
  OpSelect: (a, b, c) => (a === true ? b : c) as Value,
  OpBitcast: (a) => a as Value,
  UMin: (a, b) => Math.min(word(a), word(b)),
  UMax: (a, b) => Math.max(word(a), word(b)),
  SMin: (a, b) => Math.min(signed(a), signed(b)) >>> 0,
  SMax: (a, b) => Math.max(signed(a), signed(b)) >>> 0,
};

class Frame {
  operations = 0;
  readonly #shader: Shader;

  constructor(shader: Shader) {
    this.#shader = shader;
  }

  call(name: string, operands: readonly Register[]): Register {
    const body = this.#shader.functions.get(name);
    if (body === undefined) throw new Error(`there is no function ${name}`);
    const registers = new Map<string, Register>(this.#shader.constants);
    for (const [index, parameter] of body.parameters.entries()) {
      registers.set(parameter, operands[index] as Register);
    }
    let [label, before] = [body.first, ""];
    while (true) {
      const block = body.blocks.get(label);
      if (block === undefined) throw new Error(`there is no block ${label}`);
      for (const operation of block.operations) this.#step(operation, registers, before);
      const end = block.operations.at(-1) as Operation;
      if (end.code === "OpReturnValue") return registers.get(end.operands[0] ?? "") as Register;
      before = label;
      label = nextOf(end, registers);
    }
  }

  #step(operation: Operation, registers: Map<string, Register>, before: string): void {
    const { code, result, operands } = operation;
    const get = (id: string | undefined) => registers.get(id ?? "") as Register;
    if (isInteger(code)) this.operations += this.#shader.widths.get(operands[0] ?? "") ?? 1;
    if (code === "OpStore") {
      const { holder, index } = get(operands[0]) as Place;
      holder[index] = copyOf(get(operands[1]));
      return;
    }
    if (result === null) return;
    const isExtended = code === "OpExtInst";
    const compute = COMPONENTS[isExtended ? (operands[2] ?? "") : code];
    const inputs = operands.slice(isExtended ? 3 : 1).map(get);
    const value =
      compute === undefined
        ? this.#compose(operation, get, before)
        : byComponent(compute, inputs as Value[]);
    registers.set(result, value);
  }

  #compose(
    { code, operands }: Operation,
    get: (id: string | undefined) => Register,
    before: string,
  ): Register {
    const [type = "", first = "", ...rest] = operands;
    switch (code) {
      case "OpFunctionCall":
        return this.call(first, rest.map(get));
      case "OpVariable":
        return { holder: [rest[0] === undefined ? 0 : copyOf(get(rest[0]))], index: 0 };
      case "OpAccessChain":
        return rest.reduce<Register>((place, index) => {
          const { holder, index: own } = place as Place;
          return { holder: holder[own] as Register[], index: Number(get(index)) };
        }, get(first));
      case "OpLoad": {
        const { holder, index } = get(first) as Place;
        return copyOf(holder[index] as Register);
      }
      case "OpVectorExtractDynamic":
        return (get(first) as Register[])[Number(get(rest[0]))] as Register;
      case "OpAll":
        return (get(first) as Register[]).every((part) => part === true);
      case "OpAny":
        return (get(first) as Register[]).some((part) => part === true);
      case "OpPhi":
        return get(operands[operands.indexOf(before) - 1]);
      case "OpCompositeConstruct": {
        const parts = operands.slice(1).map(get);
        return this.#shader.widths.has(type) ? parts.flat() : parts;
      }
      case "OpCompositeExtract":
        return rest.reduce<Register>(
          (value, index) => (value as Register[])[Number(index)] as Register,
          get(first),
        );
      case "OpVectorShuffle": {
        const both = [...(get(first) as Register[]), ...(get(rest[0]) as Register[])];
        return rest.slice(1).map((index) => both[Number(index)] as Register);
      }
      default:
        throw new Error(`${code} is not known`);
    }
  }
}

function copyOf(value: Register): Register {
  return Array.isArray(value) ? value.map(copyOf) : value;
}

function byComponent(compute: Numbers, inputs: readonly Value[]): Value {
  const vector = inputs.find((input) => Array.isArray(input));
  if (vector === undefined) return compute(inputs[0], inputs[1], inputs[2]);
  return (vector as readonly Value[]).map((_, index) => {
    const [a, b, c] = inputs.map((input) => (Array.isArray(input) ? input[index] : input));
    return compute(a, b, c);
  });
}

function nextOf({ code, operands }: Operation, registers: ReadonlyMap<string, unknown>): string {
  const [first = "", ...rest] = operands;
  switch (code) {
    case "OpBranch":
      return first;
    case "OpBranchConditional":
      return (registers.get(first) === true ? rest[0] : rest[1]) ?? "";
    case "OpSwitch": {
      const place = rest.indexOf(String(registers.get(first)));
      return (place < 0 ? rest[0] : rest[place + 1]) ?? "";
    }
    default:
      throw new Error(`${code} ends no block`);
  }
}
