// Expr: the fluent builder over expression nodes. Immutable; a method gives a new Expr around a new frozen node and
// touches no data. Names and dtypes are checked by the frame that the expression is given to.
//
// Type parameters, all inferred: K is what is known of the result's dtype (kind.ts), Name the name that the result
// gets in a frame, and References the columns that it reads, so that a frame can refuse a typo at compile time. Methods
// whose result's kind depends on K take it from `this`: a conditional type over K in a return type would make the class
// invariant, and an Expr<"column:a"> no Expr.

import { InvalidArgumentError, optionsWith } from "../base/index.ts";
import { type DTypeLike, type FloatKind, toDType } from "../dtype/index.ts";
import { DateTimeMethods } from "./datetime_methods.ts";
import { checkDepth } from "./depth.ts";
import type {
  AnyExpr,
  ArithmeticKind,
  DivisionKind,
  Kind,
  KindOf,
  KindOfName,
  Operand,
  ReferencesOf,
  SumKind,
} from "./kind.ts";
import type { ExprNode, LiteralValue, Options } from "./node.ts";
import { aggregateNode, aliasNode, callNode, castNode, literalNode } from "./nodes.ts";
import { StringMethods } from "./string_methods.ts";

const STRICT = Object.freeze({ strict: true });
const SKIP = Object.freeze({ nulls: "skip" });
const SAMPLE = Object.freeze({ ddof: 1 });
const UNBIASED = Object.freeze({ bias: false });
const LINEAR = Object.freeze({ interpolation: "linear" });

export type Interpolation = "linear" | "lower" | "higher" | "nearest" | "midpoint";

export class Expr<
  out K extends Kind = Kind,
  out Name extends string = string,
  out References extends string = string,
> {
  readonly node: ExprNode;
  declare private readonly types: {
    readonly kind: K;
    readonly name: Name;
    readonly references: References;
  };

  constructor(node: ExprNode) {
    this.node = checkDepth(node);
  }

  /** The same values under another name. */
  as<const N extends string>(name: N): Expr<K, N, References> {
    return new Expr(aliasNode(this.node, name));
  }

  /**
   * Converts to a dtype. Strict: a value that the dtype cannot hold exactly (after truncation toward zero, for float to
   * integer) is a CastError that names the row; with `strict: false` it becomes null.
   */
  cast<const D extends DTypeLike>(
    dtype: D,
    options?: { readonly strict?: boolean },
  ): Expr<KindOfName<D>, Name, References> {
    return new Expr(
      castNode(this.node, toDType(dtype, "cast"), optionsWith("cast", options, STRICT).strict),
    );
  }

  // Arithmetic. A null on either side gives null; integer overflow is an IntegerOverflowError.

  add<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "add", [other]);
  }
  sub<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "sub", [other]);
  }
  mul<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "mul", [other]);
  }
  /** True division, float64 (float32 for float32). Integer division by zero is null, float division IEEE 754. */
  div<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<DivisionKind<KindOf<T>>, Name, References, O> {
    return call(this.node, "div", [other]);
  }
  /** Division rounded toward negative infinity, as Python's `//`. Integers: null for a zero divisor. */
  floorDiv<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "floorDiv", [other]);
  }
  /** The remainder of floorDiv; it has the sign of the divisor, as Python's `%`. */
  mod<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "mod", [other]);
  }
  /** The remainder of truncating division; it has the sign of the dividend, as JavaScript's `%`. */
  rem<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "rem", [other]);
  }
  /**
   * This to the power of the exponent, float64 (float32 for float32), within one unit in the last place. Integers are
   * taken as float64: 2 ** 62 is exact, 3 ** 40 is rounded, nothing overflows to an error. Special cases as IEEE 754-2008:
   * pow(x, 0) = pow(1, y) = 1 even for NaN, pow(-1, +-Infinity) = 1, pow(negative, not whole) = NaN.
   */
  pow<O extends Operand>(exponent: O): Combined<FloatKind, Name, References, O> {
    return call(this.node, "pow", [exponent]);
  }
  neg(): Expr<K, Name, References> {
    return call(this.node, "neg");
  }
  abs(): Expr<K, Name, References> {
    return call(this.node, "abs");
  }

  // Integers as their bits, in two's complement. A null on either side gives null.

  bitAnd<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "bitAnd", [other]);
  }
  bitOr<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "bitOr", [other]);
  }
  bitXor<T extends AnyExpr, O extends Operand>(
    this: T,
    other: O,
  ): Combined<ArithmeticKind<KindOf<T>, KindOf<O>>, Name, References, O> {
    return call(this.node, "bitXor", [other]);
  }
  /** Every bit the other way: -1 - x of signed integers. */
  bitNot(): Expr<K, Name, References> {
    return call(this.node, "bitNot");
  }
  /**
   * The bits moved up by a number of places, in the dtype of this: what leaves it at the top is lost, so that from a count
   * of its width on nothing is left. Null for a negative count.
   */
  shiftLeft<O extends Operand>(count: O): Combined<K, Name, References, O> {
    return call(this.node, "shiftLeft", [count]);
  }
  /** The bits moved down: floor(x / 2^count), the sign kept, whatever the count. Null for a negative count. */
  shiftRight<O extends Operand>(count: O): Combined<K, Name, References, O> {
    return call(this.node, "shiftRight", [count]);
  }

  // Comparison: bool, null where either side is. NaN equals NaN and is above every number; strings compare by bytes.

  eq<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "eq", [other]);
  }
  ne<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "ne", [other]);
  }
  lt<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "lt", [other]);
  }
  le<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "le", [other]);
  }
  gt<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "gt", [other]);
  }
  ge<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "ge", [other]);
  }
  /** lower <= this <= upper. */
  between<L extends Operand, U extends Operand>(
    lower: L,
    upper: U,
  ): Combined<"bool", Name, References, L | U> {
    return call(this.node, "between", [lower, upper]);
  }
  /** Is the value one of these? Null for a null value; a null in the list is ignored. */
  isIn(values: Iterable<LiteralValue>): Expr<"bool", Name, References> {
    if (typeof values === "string" || typeof values?.[Symbol.iterator] !== "function") {
      throw new InvalidArgumentError("isIn() takes a list of values", {
        operator: "isIn",
        hint: 'Write isIn(["a", "b"]).',
      });
    }
    const list = Array.from(values, (value) => literalNode(value, null, "isIn").value);
    return call(this.node, "isIn", [], Object.freeze({ values: Object.freeze(list) }));
  }

  // Logic is three-valued: false and null is false, true or null is true, otherwise null wins.

  and<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "and", [other]);
  }
  or<O extends Operand>(other: O): Combined<"bool", Name, References, O> {
    return call(this.node, "or", [other]);
  }
  not(): Expr<"bool", Name, References> {
    return call(this.node, "not");
  }

  // Nulls and special floats.

  isNull(): Expr<"bool", Name, References> {
    return call(this.node, "isNull");
  }
  isNotNull(): Expr<"bool", Name, References> {
    return call(this.node, "isNotNull");
  }
  fillNull<O extends Operand>(value: O): Combined<K, Name, References, O> {
    return call(this.node, "fillNull", [value]);
  }
  /** The first of this and the others that is not null. */
  coalesce<const V extends readonly Operand[]>(
    ...others: V
  ): Combined<K, Name, References, V[number]> {
    return call(this.node, "coalesce", others);
  }
  isNan(): Expr<"bool", Name, References> {
    return call(this.node, "isNan");
  }
  isFinite(): Expr<"bool", Name, References> {
    return call(this.node, "isFinite");
  }

  // Rounding and signs. Integers stay as they are under floor, ceil, trunc and round, but for round(-1) and below.

  /** Rounds half away from zero, to a number of decimals; to tens, hundreds and so on below zero, integers too. */
  round(decimals = 0): Expr<K, Name, References> {
    return call(this.node, "round", [], { decimals });
  }
  floor(): Expr<K, Name, References> {
    return call(this.node, "floor");
  }
  ceil(): Expr<K, Name, References> {
    return call(this.node, "ceil");
  }
  trunc(): Expr<K, Name, References> {
    return call(this.node, "trunc");
  }
  /** -1, 0 or 1, in this dtype; of floats -0 stays -0 and NaN stays NaN. */
  sign(): Expr<K, Name, References> {
    return call(this.node, "sign");
  }

  // Functions of floats: float64, for float32 float32. Integers and decimals are taken as float64. The bits are the same on every
  // device, within one unit in the last place (float32: computed in float64 and rounded once more); nulls stay null, NaN
  // gives NaN unless said otherwise. Algorithms and their sources: src/ir/README.md.

  /** The square root, correctly rounded; NaN below zero. */
  sqrt(): Expr<FloatKind, Name, References> {
    return call(this.node, "sqrt");
  }
  /** The cube root, of negative numbers too. */
  cbrt(): Expr<FloatKind, Name, References> {
    return call(this.node, "cbrt");
  }
  /** e to this power. */
  exp(): Expr<FloatKind, Name, References> {
    return call(this.node, "exp");
  }
  /** 2 to this power. */
  exp2(): Expr<FloatKind, Name, References> {
    return call(this.node, "exp2");
  }
  /** exp(x) - 1 without its cancellation around 0. */
  expm1(): Expr<FloatKind, Name, References> {
    return call(this.node, "expm1");
  }
  /** The natural logarithm: -Infinity of 0, NaN below. */
  log(): Expr<FloatKind, Name, References> {
    return call(this.node, "log");
  }
  /** The logarithm to base 2, exact for powers of 2. */
  log2(): Expr<FloatKind, Name, References> {
    return call(this.node, "log2");
  }
  /** The logarithm to base 10, exact for powers of 10. */
  log10(): Expr<FloatKind, Name, References> {
    return call(this.node, "log10");
  }
  /** log(1 + x) without its cancellation around 0. */
  log1p(): Expr<FloatKind, Name, References> {
    return call(this.node, "log1p");
  }
  /** The sine of an angle in radians, of any magnitude. */
  sin(): Expr<FloatKind, Name, References> {
    return call(this.node, "sin");
  }
  /** The cosine of an angle in radians, of any magnitude. */
  cos(): Expr<FloatKind, Name, References> {
    return call(this.node, "cos");
  }
  /** The tangent of an angle in radians, of any magnitude. */
  tan(): Expr<FloatKind, Name, References> {
    return call(this.node, "tan");
  }
  /** The angle in -pi/2..pi/2 with this sine; NaN outside -1..1. */
  asin(): Expr<FloatKind, Name, References> {
    return call(this.node, "asin");
  }
  /** The angle in 0..pi with this cosine; NaN outside -1..1. */
  acos(): Expr<FloatKind, Name, References> {
    return call(this.node, "acos");
  }
  /** The angle in -pi/2..pi/2 with this tangent. */
  atan(): Expr<FloatKind, Name, References> {
    return call(this.node, "atan");
  }
  /** The angle in -pi..pi of the point with this y coordinate and the given x; signed zeros and infinities as in C. */
  atan2<O extends Operand>(x: O): Combined<FloatKind, Name, References, O> {
    return call(this.node, "atan2", [x]);
  }
  /** The hyperbolic sine. */
  sinh(): Expr<FloatKind, Name, References> {
    return call(this.node, "sinh");
  }
  /** The hyperbolic cosine. */
  cosh(): Expr<FloatKind, Name, References> {
    return call(this.node, "cosh");
  }
  /** The hyperbolic tangent. */
  tanh(): Expr<FloatKind, Name, References> {
    return call(this.node, "tanh");
  }
  /** sqrt(x^2 + y^2), which neither overflows nor underflows on the way; infinite where a side is, even beside NaN. */
  hypot<O extends Operand>(other: O): Combined<FloatKind, Name, References, O> {
    return call(this.node, "hypot", [other]);
  }
  /** Radians as degrees. */
  degrees(): Expr<FloatKind, Name, References> {
    return call(this.node, "degrees");
  }
  /** Degrees as radians. */
  radians(): Expr<FloatKind, Name, References> {
    return call(this.node, "radians");
  }

  /** Functions of strings. */
  get str(): StringMethods<Name, References> {
    return new StringMethods(this.node);
  }
  /** Functions of dates and timestamps. */
  get dt(): DateTimeMethods<Name, References> {
    return new DateTimeMethods(this.node);
  }

  // Aggregates: one value a group, of the values that are not null. Float sums are exact and rounded once.

  sum<T extends AnyExpr>(this: T): Expr<SumKind<KindOf<T>>, Name, References> {
    return aggregate(this.node, "sum");
  }
  mean(): Expr<"float64", Name, References> {
    return aggregate(this.node, "mean");
  }
  min(): Expr<K, Name, References> {
    return aggregate(this.node, "min");
  }
  max(): Expr<K, Name, References> {
    return aggregate(this.node, "max");
  }
  /** How many values are not null. `count()` without a column counts rows. */
  count(): Expr<"int64", Name, References> {
    return aggregate(this.node, "count");
  }
  nUnique(): Expr<"int64", Name, References> {
    return aggregate(this.node, "nUnique");
  }
  /** The first value that is not null; with `nulls: "keep"` the value of the first row, whatever it is. */
  first(options?: { readonly nulls?: "skip" | "keep" }): Expr<K, Name, References> {
    return aggregate(this.node, "first", [], optionsWith("first", options, SKIP));
  }
  last(options?: { readonly nulls?: "skip" | "keep" }): Expr<K, Name, References> {
    return aggregate(this.node, "last", [], optionsWith("last", options, SKIP));
  }
  any(): Expr<"bool", Name, References> {
    return aggregate(this.node, "any");
  }
  all(): Expr<"bool", Name, References> {
    return aggregate(this.node, "all");
  }
  /** The variance with divisor n - ddof; null where n <= ddof. */
  var(options?: { readonly ddof?: number }): Expr<"float64", Name, References> {
    return aggregate(this.node, "var", [], optionsWith("var", options, SAMPLE));
  }
  std(options?: { readonly ddof?: number }): Expr<"float64", Name, References> {
    return aggregate(this.node, "std", [], optionsWith("std", options, SAMPLE));
  }
  /** The value in the middle, or half the way between the two there, rounded once; NaN is above all numbers. */
  median(): Expr<"float64", Name, References> {
    return aggregate(this.node, "median");
  }
  /**
   * The q-quantile, q in [0, 1]: what stands at (n - 1) * q among the n sorted values, or lies between the two there, rounded
   * once. NaN is above all numbers; between an infinity and a number lies the infinity.
   */
  quantile(
    q: number,
    options?: { readonly interpolation?: Interpolation },
  ): Expr<"float64", Name, References> {
    return aggregate(this.node, "quantile", [], { q, ...optionsWith("quantile", options, LINEAR) });
  }
  /** The most frequent value that is not null; of equally frequent ones the smallest, as in pandas. */
  mode(): Expr<K, Name, References> {
    return aggregate(this.node, "mode");
  }
  /**
   * The skewness, exactly computed and rounded once: of a sample (null below three values), as pandas and DuckDB have
   * it, or with `bias: true` of the values themselves (m3 / m2^1.5), as SciPy and Polars have it. NaN of equal values.
   */
  skew(options?: { readonly bias?: boolean }): Expr<"float64", Name, References> {
    return aggregate(this.node, "skew", [], optionsWith("skew", options, UNBIASED));
  }
  /**
   * The excess kurtosis (0 for a normal distribution): of a sample (null below four values), or with `bias: true` of the
   * values themselves (m4 / m2^2 - 3). NaN of equal values.
   */
  kurtosis(options?: { readonly bias?: boolean }): Expr<"float64", Name, References> {
    return aggregate(this.node, "kurtosis", [], optionsWith("kurtosis", options, UNBIASED));
  }
  /**
   * Pearson's correlation over the rows where neither side is null, rounded once. Null below two such rows; NaN where a
   * side is constant, or holds a NaN or an infinity.
   */
  corr<O extends AnyExpr>(other: O): Combined<"float64", Name, References, O> {
    return aggregate(this.node, "corr", [other]);
  }
  /** The covariance with divisor n - ddof over the n rows where neither side is null; null where n <= ddof. */
  cov<O extends AnyExpr>(
    other: O,
    options?: { readonly ddof?: number },
  ): Combined<"float64", Name, References, O> {
    return aggregate(this.node, "cov", [other], optionsWith("cov", options, SAMPLE));
  }
  /**
   * Where in its group, counting all rows from 0, the smallest value stands; the first of equal ones. NaN is above all
   * numbers. Null where there are no values. Polars' arg_min.
   */
  argMin(): Expr<"int64", Name, References> {
    return aggregate(this.node, "argMin");
  }
  /** Where in its group the largest value stands; as argMin. */
  argMax(): Expr<"int64", Name, References> {
    return aggregate(this.node, "argMax");
  }
}

function call<E>(
  input: ExprNode,
  name: string,
  others: readonly Operand[] = [],
  options?: Options,
): E {
  return new Expr(
    callNode(name, [input, ...others.map((other) => toNode(other, name))], options),
  ) as E;
}

function aggregate<E>(
  input: ExprNode,
  name: string,
  others: readonly Operand[] = [],
  options?: Options,
): E {
  return new Expr(
    aggregateNode(name, [input, ...others.map((other) => toNode(other, name))], options),
  ) as E;
}

/** An expression of kind K that reads what the receiver and the operand O read. */
type Combined<K extends Kind, Name extends string, References extends string, O> = Expr<
  K,
  Name,
  References | ReferencesOf<O>
>;

/** The node of an operand: an expression's own, or a literal. The operator is the one that an error names. */
export function toNode(operand: Operand, operator: string): ExprNode {
  return operand instanceof Expr ? operand.node : literalNode(operand, null, operator);
}
