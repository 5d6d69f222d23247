// eq ne lt le gt ge, between, isIn. NaN equals NaN and is above every number; strings compare by bytes.

import { digitsOfText } from "../../column/index.ts";
import { BOOL, type DType, dtypeName, isFloat, isInteger, isTemporal } from "../../dtype/index.ts";
import type { LiteralValue, OptionValue } from "../../expr/index.ts";
import { type CompareOp, laneOf, type ValueId, type ValueSet } from "../../ir/index.ts";
import type { BoundCall, LiteralScalar } from "../bound.ts";
import type { Lowered, ProgramBuilder } from "../builder.ts";
import { exactLiteral } from "../literal.ts";
import type { LowerContext } from "../lower.ts";
import { meetExactly } from "../operand.ts";
import { literalText } from "../print.ts";
import {
  type CallSite,
  commonOf,
  everywhere,
  invalidOption,
  mismatch,
  only,
  optionOf,
  pair,
  type ScalarFunction,
  type Signature,
} from "./function.ts";
import { kleeneAnd } from "./logic.ts";

function bindComparison(site: CallSite): Signature {
  const met = meetExactly(site.operands);
  const common = met === "open" || met === null ? commonOf(site, "values of one kind", BOOL) : met;
  return { args: everywhere(site.operands.length, common), dtype: BOOL };
}

function argDType(call: BoundCall): DType {
  return (call.args[0] as (typeof call.args)[number]).dtype;
}

function comparison(name: string, op: CompareOp, swapped: boolean): ScalarFunction {
  return {
    name,
    arity: 2,
    bind: bindComparison,
    lower: ({ builder }, args, call) => {
      const [a, b] = pair(args);
      const [x, y] = swapped ? [b, a] : [a, b];
      const value = builder.compare(op, laneOf(argDType(call)), x.value, y.value);
      return { value, validity: builder.allValid(args) };
    },
  };
}

/** lower <= a and a <= upper, three-valued. */
function lowerBetween(
  { builder }: LowerContext,
  args: readonly Lowered[],
  call: BoundCall,
): Lowered {
  const [a, lower, upper] = args as [Lowered, Lowered, Lowered];
  const lane = laneOf(argDType(call));
  const above = {
    value: builder.compare("le", lane, lower.value, a.value),
    validity: builder.both(lower.validity, a.validity),
  };
  const below = {
    value: builder.compare("le", lane, a.value, upper.value),
    validity: builder.both(a.validity, upper.validity),
  };
  return kleeneAnd(builder, above, below);
}

function bindIsIn(site: CallSite): Signature {
  const dtype = commonOf(site, "a column", BOOL);
  for (const value of listOf(site, optionOf(site, "values"))) {
    if (value !== null && !isComparable(value, dtype)) {
      throw mismatch(
        {
          ...site,
          operands: [...site.operands, { kind: "open", value, text: literalText(value) }],
        },
        "a list of values of the column's kind",
        `Write values of ${dtypeName(dtype)}, or cast the column.`,
      );
    }
  }
  return { args: [dtype], dtype: BOOL };
}

function listOf(site: CallSite, values: OptionValue | undefined): readonly LiteralValue[] {
  if (Array.isArray(values)) return values as readonly LiteralValue[];
  throw invalidOption(site, "isIn takes a list of values", 'Write isIn(["a", "b"]).');
}

/** Could a column of the dtype hold such a value, apart from its range and precision? */
function isComparable(value: NonNullable<LiteralValue>, dtype: DType): boolean {
  if (isInteger(dtype) || isFloat(dtype))
    return typeof value === "number" || typeof value === "bigint";
  if (dtype.kind === "decimal" && typeof value === "string") return digitsOfText(value) !== null;
  if (dtype.kind === "decimal") return typeof value === "number" || typeof value === "bigint";
  if (isTemporal(dtype)) return value instanceof Date || exactLiteral(value, dtype) !== undefined;
  return exactLiteral(value, dtype) !== undefined;
}

/** Values that the dtype cannot hold equal nothing; nulls in the list are left out. */
function lowerIsIn({ builder }: LowerContext, args: readonly Lowered[], call: BoundCall): Lowered {
  const a = only(args);
  const dtype = argDType(call);
  const list = call.options.values as readonly LiteralValue[];
  const members = list.flatMap((value) => {
    const exact = value === null ? null : exactLiteral(value, dtype);
    return exact === null || exact === undefined ? [] : [exact];
  });
  return { value: membership(builder, dtype, a.value, members), validity: a.validity };
}

function membership(
  builder: ProgramBuilder,
  dtype: DType,
  a: ValueId,
  members: readonly NonNullable<LiteralScalar>[],
): ValueId {
  const lane = laneOf(dtype);
  if (members.length === 0) return builder.constant("bool", false);
  if (lane === "bool") {
    const tests = members.map((member) =>
      builder.compare("eq", lane, a, builder.constant(lane, member)),
    );
    return tests.reduce((any, test) => builder.or(any, test));
  }
  return builder.inSet(lane, a, valueSet(lane, members));
}

/** Sorted and distinct under `eq`. */
function valueSet(
  lane: ValueSet["lane"],
  members: readonly NonNullable<LiteralScalar>[],
): ValueSet {
  switch (lane) {
    case "string": {
      const encoder = new TextEncoder();
      const texts = [...new Set(members as readonly string[])];
      const encoded = texts.map((text) => ({ text, bytes: encoder.encode(text) }));
      encoded.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
      return { lane, values: encoded.map(({ text }) => text) };
    }
    case "i64":
    case "u64":
    case "i128": {
      const values = [...new Set(members.map((member) => BigInt(member)))];
      return { lane, values: values.sort((a, b) => (a < b ? -1 : Number(a > b))) };
    }
    default: {
      // A Set takes NaN for NaN and -0 for 0; NaN goes last.
      const values = [...new Set(members.map((member) => Number(member) + 0))];
      return {
        lane,
        values: values.sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b)),
      };
    }
  }
}

export const comparisonFunctions: readonly ScalarFunction[] = [
  comparison("eq", "eq", false),
  comparison("ne", "ne", false),
  comparison("lt", "lt", false),
  comparison("le", "le", false),
  comparison("gt", "lt", true),
  comparison("ge", "le", true),
  { name: "between", arity: 3, bind: bindComparison, lower: lowerBetween },
  { name: "isIn", arity: 1, bind: bindIsIn, lower: lowerIsIn },
];
