// The functions of a shader as Tint hands them to a Vulkan driver: blocks of operations, read from Dawn's disassembly.

export interface Operation {
  /** "OpIAdd" */
  readonly code: string;
  readonly result: string | null;
  /** Identifiers, literals and names, the type of the result first where there is one. */
  readonly operands: readonly string[];
}

export interface Block {
  readonly operations: readonly Operation[];
  /** Where it may go next. */
  readonly targets: readonly string[];
  /** Of the first block of a loop: where the loop is left. */
  readonly loopEnd: string | null;
}

export interface ShaderFunction {
  readonly parameters: readonly string[];
  readonly parameterTypes: readonly string[];
  readonly first: string;
  readonly blocks: ReadonlyMap<string, Block>;
}

/** Integers are the bits of 32; vectors and structures are arrays. */
export type Value = number | boolean | readonly Value[];

export interface Shader {
  readonly functions: ReadonlyMap<string, ShaderFunction>;
  /** How many numbers a value of a type has. */
  readonly widths: ReadonlyMap<string, number>;
  readonly constants: ReadonlyMap<string, Value>;
  readonly entry: string;
}

export function readShader(text: string): Shader {
  const operations = text.split("\n").flatMap((line) => operationOf(line));
  const widths = new Map<string, number>();
  const types = new Map<string, Operation>();
  const constants = new Map<string, Value>();
  const functions = new Map<string, ShaderFunction>();
  let entry = "";
  let body: Operation[] = [];
  for (const operation of operations) {
    const { code, result, operands } = operation;
    body.push(operation);
    if (code.startsWith("OpType")) types.set(result ?? "", operation);
    if (code === "OpTypeVector") widths.set(result ?? "", Number(operands[1]));
    const constant = constantOf(operation, constants, types);
    if (constant !== null) constants.set(result ?? "", constant);
    if (code === "OpEntryPoint") entry = operands[1] ?? "";
    else if (code === "OpFunction") body = [operation];
    else if (code === "OpFunctionEnd") functions.set(body[0]?.result ?? "", functionOf(body));
  }
  return { functions, widths, constants, entry };
}

function constantOf(
  { code, operands: [type = "", ...parts] }: Operation,
  constants: ReadonlyMap<string, Value>,
  types: ReadonlyMap<string, Operation>,
): Value | null {
  switch (code) {
    case "OpConstant":
      return Number(parts[0]) >>> 0;
    case "OpConstantTrue":
      return true;
    case "OpConstantFalse":
      return false;
    case "OpConstantComposite":
      return parts.map((part) => constants.get(part) ?? 0);
    case "OpConstantNull":
      return zeroOf(type, constants, types);
    default:
      return null;
  }
}

function zeroOf(
  name: string,
  constants: ReadonlyMap<string, Value>,
  types: ReadonlyMap<string, Operation>,
): Value {
  const { code = "", operands = [] } = types.get(name) ?? {};
  const zero = (member: string) => zeroOf(member, constants, types);
  const [element = "", length = ""] = operands;
  switch (code) {
    case "OpTypeBool":
      return false;
    case "OpTypeVector":
      return Array.from({ length: Number(length) }, () => zero(element));
    case "OpTypeArray":
      return Array.from({ length: Number(constants.get(length)) }, () => zero(element));
    case "OpTypeStruct":
      return operands.map(zero);
    default:
      return 0;
  }
}

function operationOf(line: string): Operation[] {
  const match = /^\s*(?:(%\S+) = )?(Op\w+)(.*)$/.exec(line);
  if (match === null) return [];
  const [, result = null, code = "", rest = ""] = match;
  return [{ code, result, operands: rest.trim().split(/\s+/) }];
}

function functionOf(operations: readonly Operation[]): ShaderFunction {
  const blocks = new Map<string, Block>();
  let label = "";
  let first: string | null = null;
  let own: Operation[] = [];
  for (const operation of operations) {
    if (operation.code === "OpLabel") {
      label = operation.result ?? "";
      first ??= label;
      own = [];
      continue;
    }
    own.push(operation);
    const targets = targetsOf(operation);
    if (targets === null) continue;
    const loop = own.find(({ code }) => code === "OpLoopMerge");
    blocks.set(label, { operations: own, targets, loopEnd: loop?.operands[0] ?? null });
    own = [];
  }
  const declared = operations.filter(({ code }) => code === "OpFunctionParameter");
  const parameters = declared.map(({ result }) => result ?? "");
  const parameterTypes = declared.map(({ operands }) => operands[0] ?? "");
  return { parameters, parameterTypes, first: first ?? "", blocks };
}

/** Null for what does not end a block. */
function targetsOf({ code, operands }: Operation): readonly string[] | null {
  switch (code) {
    case "OpBranch":
      return operands;
    case "OpBranchConditional":
      return operands.slice(1, 3);
    case "OpSwitch":
      // The selector, the default, then literals and labels in turns.
      return operands.slice(1).filter((word) => word.startsWith("%"));
    case "OpReturn":
    case "OpReturnValue":
    case "OpUnreachable":
    case "OpKill":
      return [];
    default:
      return null;
  }
}
