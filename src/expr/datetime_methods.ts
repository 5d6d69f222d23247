// `col("t").dt`: functions of dates, timestamps and durations. Calendar fields are those of the column's zone, UTC without one.

import type { TimeUnit } from "../dtype/index.ts";
import { Expr } from "./expr.ts";
import type { ExprNode, Options } from "./node.ts";
import { callNode } from "./nodes.ts";

export class DateTimeMethods<out Name extends string, out References extends string> {
  readonly #input: ExprNode;

  constructor(input: ExprNode) {
    this.#input = input;
  }

  year(): Expr<"int32", Name, References> {
    return this.#call("year");
  }
  /** 1 to 12. */
  month(): Expr<"int32", Name, References> {
    return this.#call("month");
  }
  /** 1 to 31. */
  day(): Expr<"int32", Name, References> {
    return this.#call("day");
  }
  hour(): Expr<"int32", Name, References> {
    return this.#call("hour");
  }
  minute(): Expr<"int32", Name, References> {
    return this.#call("minute");
  }
  second(): Expr<"int32", Name, References> {
    return this.#call("second");
  }
  /** 1 (Monday) to 7 (Sunday), as ISO 8601. */
  weekday(): Expr<"int32", Name, References> {
    return this.#call("weekday");
  }
  /** 1 to 366. */
  dayOfYear(): Expr<"int32", Name, References> {
    return this.#call("dayOfYear");
  }
  /** The start of the interval ("15m", "1h", "1d", "1w", "1mo", "1y") that holds the instant. */
  truncate(every: string): Expr<"timestamp" | "date", Name, References> {
    return this.#call("truncate", { every });
  }
  /** Units since 1970-01-01T00:00:00Z, rounded down. */
  epoch(unit: TimeUnit = "s"): Expr<"int64", Name, References> {
    return this.#call("epoch", { unit });
  }
  /** The same instants under another zone. */
  toTimezone(timezone: string): Expr<"timestamp", Name, References> {
    return this.#call("toTimezone", { timezone });
  }
  /** Text by a strftime-style pattern such as "%Y-%m-%d". */
  format(pattern: string): Expr<"string", Name, References> {
    return this.#call("format", { pattern });
  }

  /** A duration in days of 24 hours, as a fraction. */
  totalDays(): Expr<"float64", Name, References> {
    return this.#call("totalDays");
  }
  totalHours(): Expr<"float64", Name, References> {
    return this.#call("totalHours");
  }
  totalMinutes(): Expr<"float64", Name, References> {
    return this.#call("totalMinutes");
  }
  totalSeconds(): Expr<"float64", Name, References> {
    return this.#call("totalSeconds");
  }
  /** A duration in whole milliseconds, toward zero. */
  totalMilliseconds(): Expr<"int64", Name, References> {
    return this.#call("totalMilliseconds");
  }
  totalMicroseconds(): Expr<"int64", Name, References> {
    return this.#call("totalMicroseconds");
  }
  totalNanoseconds(): Expr<"int64", Name, References> {
    return this.#call("totalNanoseconds");
  }

  #call<E>(name: string, options: Options = {}): E {
    return new Expr(callNode(`dt.${name}`, [this.#input], options)) as E;
  }
}
