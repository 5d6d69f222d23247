// Where expressions begin: col(), lit(), when(), count(), and functions of several expressions.

import { InvalidArgumentError, shownValue } from "../base/index.ts";
import {
  coarsestUnit,
  formatDurationText,
  NANOSECONDS,
  parseDurationText,
  spanNanoseconds,
  UNITS_PER_SECOND,
} from "../column/index.ts";
import {
  type DTypeLike,
  duration as durationType,
  type TimeUnit,
  toDType,
} from "../dtype/index.ts";
import { Expr, toNode } from "./expr.ts";
import type { ColumnKind, Kind, KindOfName, Operand, OperandKind, ReferencesOf } from "./kind.ts";
import type { ExprNode, LiteralValue } from "./node.ts";
import { aggregateNode, callNode, columnNode, literalNode, whenNode } from "./nodes.ts";

/** The column of that name, in the frame that the expression is given to. */
export function col<const N extends string>(name: N): Expr<ColumnKind<N>, N, N> {
  return new Expr(columnNode(name));
}

/** A constant. Without a dtype it takes the other side's where it fits exactly, else its natural one. */
export function lit<const V extends LiteralValue>(value: V): Expr<OperandKind<V>, "literal", never>;
export function lit<const D extends DTypeLike>(
  value: LiteralValue,
  dtype: D,
): Expr<KindOfName<D>, "literal", never>;
export function lit(value: LiteralValue, dtype?: DTypeLike): Expr<Kind, "literal", never> {
  return new Expr(literalNode(value, dtype === undefined ? null : toDType(dtype, "lit"), "lit"));
}

/** Whole or fractional numbers of units of a fixed length; negative ones count back. */
export interface DurationParts {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
  readonly microseconds?: number | bigint;
  readonly nanoseconds?: number | bigint;
}

/**
 * A constant span of time: `duration({ days: 1, hours: 2 })`, `duration("1d2h")` or ISO 8601, `duration("P1DT2H")`. Its unit
 * is the coarsest one that holds it, and meets the other side's. A day has 24 hours; months are `dt.offsetBy("1mo")`.
 * @throws InvalidArgumentError for another text, a part that is no whole number of nanoseconds, or too long a span.
 */
export function duration(span: string | DurationParts): Expr<"duration", "literal", never> {
  const nanoseconds = typeof span === "string" ? spanNanoseconds(span) : partsNanoseconds(span);
  const unit = coarsestUnit(nanoseconds ?? 0n);
  const text = nanoseconds === null ? "" : formatDurationText(spanUnits(nanoseconds, unit), unit);
  if (nanoseconds === null || parseDurationText(text, unit) === null) {
    throw new InvalidArgumentError(`duration(): ${spanText(span)} is no duration`, {
      operator: "duration",
      hint: 'Write duration({ days: 1, hours: 2 }), duration("1d2h") or duration("P1DT2H").',
    });
  }
  return new Expr(literalNode(text, durationType(unit)));
}

const PARTS: Readonly<Record<keyof DurationParts, string>> = {
  weeks: "w",
  days: "d",
  hours: "h",
  minutes: "m",
  seconds: "s",
  milliseconds: "ms",
  microseconds: "us",
  nanoseconds: "ns",
};

function partsNanoseconds(parts: DurationParts): bigint | null {
  if (typeof parts !== "object" || parts === null) return null;
  let total = 0n;
  for (const [name, value] of Object.entries(parts)) {
    const unit = Object.hasOwn(PARTS, name) ? PARTS[name as keyof DurationParts] : null;
    const perPart = unit === null ? undefined : NANOSECONDS[unit];
    if (perPart === undefined) return null;
    if (typeof value === "bigint") total += value * perPart;
    else if (Number.isSafeInteger(value)) total += BigInt(value) * perPart;
    else {
      // 0.1 seconds are meant as a decimal, which no double is: the product rounds to it.
      const product = Number(value) * Number(perPart);
      const whole = Math.round(product);
      if (!Number.isSafeInteger(whole) || Math.abs(product - whole) > 1e-3) return null;
      total += BigInt(whole);
    }
  }
  return total;
}

const spanUnits = (nanoseconds: bigint, unit: TimeUnit): bigint =>
  (nanoseconds * UNITS_PER_SECOND[unit]) / 1_000_000_000n;

function spanText(span: unknown): string {
  if (typeof span !== "object" || span === null) return shownValue(span);
  const parts = Object.entries(span).map(([name, value]) => `${name}: ${shownValue(value)}`);
  return `{ ${parts.join(", ")} }`;
}

/** The number of rows, nulls included; in agg(). */
export function count(): Expr<"int64", "count", never> {
  return new Expr(aggregateNode("count", []));
}

/** The smallest of several values in each row; nulls are left out. */
export function min<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("min", nodesOf(values, "min")));
}

/** The greatest of several values in each row; nulls are left out. */
export function max<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("max", nodesOf(values, "max")));
}

/** The first of several values in each row that is not null. */
export function coalesce<const V extends readonly Operand[]>(...values: V): Several<V[number]> {
  return new Expr(callNode("coalesce", nodesOf(values, "coalesce")));
}
const nodesOf = (values: readonly Operand[], operator: string): ExprNode[] =>
  values.map((value) => toNode(value, operator));
type Several<O> = Expr<OperandKind<O>, string, ReferencesOf<O>>;

/** `when(p).then(a).when(q).then(b).otherwise(c)`: the value of the first condition that is true. */
export function when<C extends Operand>(condition: C): When<never, ReferencesOf<C>> {
  return new When([], toNode(condition, "when"));
}

interface Branch {
  readonly condition: ExprNode;
  readonly value: ExprNode;
}

/** A condition that waits for its value. */
export class When<out K extends Kind, out References extends string> {
  readonly #branches: readonly Branch[];
  readonly #condition: ExprNode;
  declare private readonly types: { readonly kind: K; readonly references: References };

  constructor(branches: readonly Branch[], condition: ExprNode) {
    this.#branches = branches;
    this.#condition = condition;
  }

  then<O extends Operand>(value: O): Then<K | OperandKind<O>, References | ReferencesOf<O>> {
    return new Then([
      ...this.#branches,
      { condition: this.#condition, value: toNode(value, "then") },
    ]);
  }
}

/** An expression as it stands (null where no condition is true), and the way to its next branch. */
export class Then<out K extends Kind, out References extends string> extends Expr<
  K,
  string,
  References
> {
  readonly #branches: readonly Branch[];

  constructor(branches: readonly Branch[]) {
    super(whenNode(branches, null));
    this.#branches = branches;
  }

  when<C extends Operand>(condition: C): When<K, References | ReferencesOf<C>> {
    return new When(this.#branches, toNode(condition, "when"));
  }

  otherwise<O extends Operand>(
    value: O,
  ): Expr<K | OperandKind<O>, string, References | ReferencesOf<O>> {
    return new Expr(whenNode(this.#branches, toNode(value, "otherwise")));
  }
}
