// Arguments while a call is being bound: expressions that have a dtype, and literals whose dtype is still open.

import {
  commonDType,
  commonDTypeOf,
  type DType,
  decimalOfInteger,
  dtypeName,
  isInteger,
  sameDType,
} from "../dtype/index.ts";
import type { LiteralValue } from "../expr/index.ts";
import type { BoundExpr } from "./bound.ts";
import { decimalOfLiteral, exactLiteral, naturalDType, typedLiteral } from "./literal.ts";

export type Operand =
  | { readonly kind: "typed"; readonly expr: BoundExpr; readonly text: string }
  | { readonly kind: "open"; readonly value: LiteralValue; readonly text: string };

/** The dtype of an operand alone; null for a literal null. */
export function operandDType(operand: Operand): DType | null {
  return operand.kind === "typed" ? operand.expr.dtype : naturalDType(operand.value);
}

/**
 * The dtype in which all operands meet: the common one of those that have a dtype, which literals take where they fit
 * exactly. "open": all are null literals. Null: there is none.
 */
export function meet(operands: readonly Operand[]): DType | "open" | null {
  return meetAs(operands, (dtype) => dtype);
}

/**
 * As meet(), for what only looks at the values and gives none of them: integers that share no dtype are compared as the
 * decimals that hold both, uint64 with int64 or with a literal beyond either.
 */
export function meetExactly(operands: readonly Operand[]): DType | "open" | null {
  const met = meet(operands);
  if (met === "open" || (met !== null && holdsLiterals(met, operands))) return met;
  const widened = meetAs(operands, (dtype) => (isInteger(dtype) ? decimalOfInteger(dtype) : dtype));
  return widened !== "open" && widened?.kind === "decimal" ? widened : met;
}

/** Does an integer dtype hold the literals beside it? Other dtypes round or refuse theirs. */
function holdsLiterals(dtype: DType, operands: readonly Operand[]): boolean {
  if (!isInteger(dtype)) return true;
  return operands.every(
    (operand) => operand.kind === "typed" || exactLiteral(operand.value, dtype) !== undefined,
  );
}

function meetAs(
  operands: readonly Operand[],
  seenAs: (dtype: DType) => DType,
): DType | "open" | null {
  const typed = operands.flatMap((operand) =>
    operand.kind === "typed" ? [seenAs(operand.expr.dtype)] : [],
  );
  let common: DType | "open" | null = typed.length === 0 ? "open" : commonDTypeOf(typed);
  for (const operand of operands) {
    if (operand.kind === "typed" || operand.value === null || common === null) continue;
    const natural = naturalDType(operand.value) as DType;
    if (common === "open") common = natural;
    else if (exactLiteral(operand.value, common) === undefined) {
      common = meetLiteral(common, operand.value, natural);
    }
  }
  return common;
}

/** A literal that the common dtype does not hold: a text beside dates may be an instant, a number widens decimals. */
function meetLiteral(common: DType, value: LiteralValue, natural: DType): DType | null {
  if (common.kind === "date" && typeof value === "string") {
    const instant = commonDType(common, naturalDType(new Date(0)) as DType);
    return instant !== null && exactLiteral(value, instant) !== undefined ? instant : null;
  }
  if (common.kind === "decimal") {
    const exact = decimalOfLiteral(value);
    if (exact !== null) return commonDType(common, exact) ?? commonDType(common, natural);
  }
  return commonDType(common, natural);
}

/** The operand as an expression of the dtype; an implicit cast where it has another one. */
export function convertOperand(operand: Operand, dtype: DType, operator: string): BoundExpr {
  if (operand.kind === "open") {
    const value = exactLiteral(operand.value, dtype);
    return {
      kind: "literal",
      value: value === undefined ? typedLiteral(operand.value, dtype, operator) : value,
      dtype,
    };
  }
  if (sameDType(operand.expr.dtype, dtype)) return operand.expr;
  return {
    kind: "cast",
    input: operand.expr,
    dtype,
    strict: true,
    text: `cast(${operand.text} as ${dtypeName(dtype)})`,
  };
}
