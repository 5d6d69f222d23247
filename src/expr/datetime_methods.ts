// `col("t").dt`: functions of dates, timestamps and durations. Calendar fields are those of the column's zone, UTC without one.

import { InvalidArgumentError, optionsWith, shownValue } from "../base/index.ts";
import type { TimeUnit } from "../dtype/index.ts";
import { Expr } from "./expr.ts";
import type { ExprNode, Options } from "./node.ts";
import { callNode } from "./nodes.ts";

const RAISE = Object.freeze({ ambiguous: "raise", nonExistent: "raise" });

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
  /** 0 to 999: the part of the second. So microsecond() is 0 to 999,999 and nanosecond() 0 to 999,999,999. */
  millisecond(): Expr<"int32", Name, References> {
    return this.#call("millisecond");
  }
  microsecond(): Expr<"int32", Name, References> {
    return this.#call("microsecond");
  }
  nanosecond(): Expr<"int32", Name, References> {
    return this.#call("nanosecond");
  }
  /** 1 to 4. */
  quarter(): Expr<"int32", Name, References> {
    return this.#call("quarter");
  }
  /** 1 to 53: weeks start on Mondays and belong to the year of their Thursday, isoYear(). */
  isoWeek(): Expr<"int32", Name, References> {
    return this.#call("isoWeek");
  }
  isoYear(): Expr<"int32", Name, References> {
    return this.#call("isoYear");
  }
  /** 28 to 31. */
  daysInMonth(): Expr<"int32", Name, References> {
    return this.#call("daysInMonth");
  }
  isLeapYear(): Expr<"bool", Name, References> {
    return this.#call("isLeapYear");
  }
  /** The day, without the clock. */
  date(): Expr<"date", Name, References> {
    return this.#call("date");
  }
  /** The first day of the month. */
  monthStart(): Expr<"date", Name, References> {
    return this.#call("monthStart");
  }
  /** The last day of the month. */
  monthEnd(): Expr<"date", Name, References> {
    return this.#call("monthEnd");
  }
  /** 1 (Monday) to 7 (Sunday), as ISO 8601. */
  weekday(): Expr<"int32", Name, References> {
    return this.#call("weekday");
  }
  /** 1 to 366. */
  dayOfYear(): Expr<"int32", Name, References> {
    return this.#call("dayOfYear");
  }
  /**
   * The start of the interval ("15m", "1h", "1d", "2w", "1mo", "1q", "10y") that holds the instant. Intervals count from
   * 1970-01-01, weeks from Mondays, months from year 0. Of a duration: the multiple of a fixed length at or below it.
   */
  truncate(every: string): Expr<"timestamp" | "date" | "duration", Name, References> {
    return this.#call("truncate", { every: checkText(every, "truncate") });
  }
  /** Units since 1970-01-01T00:00:00Z, rounded down. */
  epoch(unit: TimeUnit = "s"): Expr<"int64", Name, References> {
    return this.#call("epoch", { unit: checkText(unit, "epoch") });
  }
  /**
   * A later or, with a minus, earlier date or instant: "1mo", "-1y", "1d12h". Months clamp to the last day; days keep the
   * time of day in the zone, and hours are elapsed time.
   */
  offsetBy(by: string): Expr<"timestamp" | "date", Name, References> {
    return this.#call("offsetBy", { by: checkText(by, "offsetBy") });
  }
  /**
   * The instants at which clocks of the zone (null: of none, UTC) show what the column's clock shows. Clocks that go back
   * show a time twice, clocks that go forward skip some: `raise` (a CastError) unless told; `shift` moves skipped times
   * forward by the gap.
   */
  replaceTimezone(
    timezone: string | null,
    options?: {
      readonly ambiguous?: "raise" | "earliest" | "latest" | "null";
      readonly nonExistent?: "raise" | "shift" | "null";
    },
  ): Expr<"timestamp", Name, References> {
    const zone = timezone === null ? null : checkText(timezone, "replaceTimezone");
    const ways = optionsWith("dt.replaceTimezone", options, RAISE);
    return this.#call("replaceTimezone", { timezone: zone, ...ways });
  }
  /** The same instants on the clock of another zone: an IANA name, "+02:00", or null for none. */
  toTimezone(timezone: string | null): Expr<"timestamp", Name, References> {
    const zone = timezone === null ? null : checkText(timezone, "toTimezone");
    return this.#call("toTimezone", { timezone: zone });
  }
  /**
   * Text by a pattern of strftime such as "%Y-%m-%d", on the clock of the zone, in English. Fields: %Y %m %d %H %M %S %f (the
   * digits of the unit) %y %e %j %I %p %B %b %A %a %s %z %G %V %u %w %F %T %%.
   */
  format(pattern: string): Expr<"string", Name, References> {
    return this.#call("format", { pattern: checkText(pattern, "format") });
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

  #call<E>(name: string, options?: Options): E {
    return new Expr(callNode(`dt.${name}`, [this.#input], options)) as E;
  }
}

function checkText(text: unknown, method: string): string {
  if (typeof text === "string") return text;
  throw new InvalidArgumentError(`dt.${method}() takes a text, not ${shownValue(text)}`, {
    operator: `dt.${method}`,
  });
}
