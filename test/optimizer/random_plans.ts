// Random queries over small random frames: every operator, expressions that may fail, names that like to clash.

import fc from "fast-check";
import type { Expr } from "../../src/expr/index.ts";
import {
  col,
  count,
  type DataFrame,
  InvalidArgumentError,
  lit,
  type Session,
  when,
} from "../../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: shapes of random frames are not known to the compiler
export type AnyFrame = DataFrame<any>;

const cell = <T>(values: readonly T[]) =>
  fc.option(fc.constantFrom(...values), { nil: null, freq: 5 });

const ROW = fc.record({
  i: cell([-3, -1, 0, 1, 2, 5, 120]),
  j: cell([0, 1, 1, 2, 3]),
  f: cell([-0, 0, 0.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 3]),
  s: cell(["", "a", "b", "ab", "é"]),
  b: cell([true, false]),
});
const DTYPES = { i: "int64", j: "int32", f: "float64", s: "string", b: "bool" } as const;

export interface RandomQuery {
  readonly rows: readonly Record<string, unknown>[];
  readonly others: readonly Record<string, unknown>[];
  readonly steps: readonly Step[];
}
interface Step {
  readonly kind: number;
  /** Decides everything else about the step. */
  readonly seed: number;
}

export const RANDOM_QUERY: fc.Arbitrary<RandomQuery> = fc.record({
  rows: fc.array(ROW, { maxLength: 12 }),
  others: fc.array(ROW, { maxLength: 8 }),
  steps: fc.array(fc.record({ kind: fc.nat(15), seed: fc.nat(0xffff) }), {
    minLength: 1,
    maxLength: 6,
  }),
});

export function buildQuery(session: Session, query: RandomQuery): AnyFrame {
  const frame: AnyFrame = session.fromRows(query.rows as never, { schema: DTYPES });
  const other: AnyFrame = session.fromRows(query.others as never, { schema: DTYPES });
  return query.steps.reduce((built, step) => {
    try {
      return applyStep(built, other, step);
    } catch (error) {
      // A step that does not fit what is there (names that clash) is left out.
      if (error instanceof InvalidArgumentError) return built;
      throw error;
    }
  }, frame);
}

/** xorshift32. */
class Draws {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed + 1) * 0x9e3779b1;
  }
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 8) % limit;
  }
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

function applyStep(frame: AnyFrame, other: AnyFrame, step: Step): AnyFrame {
  const draws = new Draws(step.seed);
  const names = frame.columns as string[];
  const name = () => draws.pick(names);
  switch (step.kind) {
    case 0:
    case 1:
    case 2:
      return frame.filter(predicate(frame, draws));
    case 3:
      return frame.withColumns({
        [draws.pick(["i", "x", "y"])]: value(frame, draws, 2),
        [draws.pick(["z", "s"])]: value(frame, draws, 1),
      });
    case 4: {
      const kept = [...new Set([name(), name(), name()])];
      return frame.select(...kept.map((kept) => col(kept)), value(frame, draws, 2).as("e"));
    }
    case 5:
      return frame.sort([
        { by: name(), descending: draws.below(2) === 1, nulls: draws.pick(["first", "last"]) },
        { by: name() },
      ]);
    case 6:
      return frame.limit(draws.below(8));
    case 7:
      return frame.slice(draws.below(4), draws.below(6));
    case 8:
      return draws.below(2) === 0 ? frame.distinct() : frame.distinct([name()]);
    case 9:
      return frame.concat(frame.filter(predicate(frame, draws)));
    case 10:
    case 11: {
      const keys = [...new Set([name(), name()])].slice(0, 1 + draws.below(2));
      const numeric = names.filter((n) => isNumeric(frame, n));
      const aggregates: Record<string, Expr> = { n: count(), last: col(name()).last() };
      const [first] = numeric;
      if (first !== undefined) aggregates.low = col(first).min();
      const options = { sort: draws.below(3) === 0, dropNulls: draws.below(3) === 0 };
      const clean = Object.fromEntries(
        Object.entries(aggregates).filter(([output]) => !keys.includes(output)),
      );
      return frame.groupBy(keys, options).agg(clean as never);
    }
    case 12:
    case 13:
    case 14: {
      const how = draws.pick(["inner", "left", "right", "full", "semi", "anti"] as const);
      const shared = names.filter((n) => other.columns.includes(n) && sameType(frame, other, n));
      const key = shared[0];
      if (key === undefined || clashes(names, other.columns as string[])) return frame;
      const nullEquals = draws.below(3) === 0;
      const on = draws.pick(shared);
      return draws.below(2) === 0
        ? frame.join(other, { on, how, nullEquals } as never)
        : frame.join(other, { leftOn: on, rightOn: on, how, nullEquals } as never);
    }
    default:
      return frame.repartition({ partitions: 1 + draws.below(3) });
  }
}

function clashes(left: readonly string[], right: readonly string[]): boolean {
  return left.some((name) => name.endsWith("_right") && right.includes(name.slice(0, -6)));
}

function isNumeric(frame: AnyFrame, name: string): boolean {
  return ["int32", "int64", "float64"].includes(kindOf(frame, name));
}

function kindOf(frame: AnyFrame, name: string): string {
  return frame.schema.dtypeOf(name).kind;
}

function sameType(a: AnyFrame, b: AnyFrame, name: string): boolean {
  return kindOf(a, name) === kindOf(b, name);
}

function predicate(frame: AnyFrame, draws: Draws, depth = 2): Expr {
  const name = draws.pick(frame.columns as string[]);
  const column: Expr = col(name);
  if (depth > 0 && draws.below(3) > 0) {
    const left = predicate(frame, draws, depth - 1);
    const right = predicate(frame, draws, depth - 1);
    return draws.pick([left.and(right), left.or(right), left.and(right).not()]);
  }
  switch (kindOf(frame, name)) {
    case "bool":
      return column;
    case "string":
      return draws.pick<Expr>([
        column.eq("a"),
        column.isIn(["a", "ab"]),
        column.isNull(),
        column.isNotNull(),
        column.lt("b"),
      ]);
    case "float64":
      return draws.pick<Expr>([
        column.gt(0),
        lit(1).div(column).gt(0),
        column.isNan(),
        column.le(0.5),
      ]);
    default:
      return draws.pick<Expr>([
        column.gt(0),
        column.isNotNull(),
        column.add(1).mul(2).lt(5),
        column.cast("int8", { strict: false }).isNull(),
        column.eq(lit(1)),
        lit(true),
      ]);
  }
}

function value(frame: AnyFrame, draws: Draws, depth: number): Expr {
  const name = draws.pick(frame.columns as string[]);
  const column: Expr = col(name);
  if (!isNumeric(frame, name)) return draws.pick<Expr>([column, column.isNull(), lit(1)]);
  if (depth === 0) return column;
  const inner = value(frame, draws, 0);
  const other = isNumericExpr(inner, frame) ? inner : lit(2);
  return draws.pick<Expr>([
    column.add(other),
    column.mul(2).add(lit(1).add(2)),
    lit(3),
    when(column.gt(1)).then(column).otherwise(0),
    column.div(2),
    column.neg(),
  ]);
}

function isNumericExpr(expr: Expr, frame: AnyFrame): boolean {
  return expr.node.kind === "column" && isNumeric(frame, expr.node.name);
}
