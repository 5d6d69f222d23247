// What the values of a program are computed from.

import { at } from "../../base/index.ts";
import type { Check, ResolvedInstruction, ResolvedProgram, ValueId } from "../../ir/index.ts";

export function checkOf(instruction: ResolvedInstruction): Check | null {
  return "check" in instruction ? instruction.check : null;
}

/** The values that the instruction takes; those of its guard only with `guarded`. */
function operandsOf(instruction: ResolvedInstruction, guarded: boolean): ValueId[] {
  const operands: ValueId[] = [];
  if ("a" in instruction) operands.push(instruction.a);
  if ("b" in instruction) operands.push(instruction.b);
  if ("condition" in instruction) operands.push(instruction.condition);
  const guard = guarded ? checkOf(instruction)?.guard : null;
  if (guard !== null && guard !== undefined) operands.push(guard);
  return operands;
}

/** The roots and everything that they are computed from. Guards count for checks that `performs` accepts. */
export function dependencies(
  { instructions }: ResolvedProgram,
  roots: Iterable<ValueId>,
  performs: (value: ValueId) => boolean,
): ReadonlySet<ValueId> {
  const needed = new Set<ValueId>();
  const open = [...roots];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (needed.has(value)) continue;
    needed.add(value);
    open.push(...operandsOf(at(instructions, value), performs(value)));
  }
  return needed;
}

/** Is the bool value true for every row, given which columns may hold nulls? False where that is not obvious. */
export function isAlwaysTrue(
  program: ResolvedProgram,
  nullable: readonly boolean[],
  value: ValueId | null,
): boolean {
  if (value === null) return true;
  const instruction = at(program.instructions, value);
  const always = (operand: ValueId) => isAlwaysTrue(program, nullable, operand);
  switch (instruction.op) {
    case "loadValidity":
      return nullable[instruction.column] !== true;
    case "constant":
      return at(program.constants, instruction.constant).value === true;
    case "and":
      return always(instruction.a) && always(instruction.b);
    case "or":
      return always(instruction.a) || always(instruction.b);
    case "select":
      return instruction.lane === "bool" && always(instruction.a) && always(instruction.b);
    default:
      return false;
  }
}
