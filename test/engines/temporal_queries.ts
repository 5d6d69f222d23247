// Dates, instants and durations through the public API, over the frame of queries.ts.

import { col, count, type DataFrame, duration } from "gpudataframe";
import type { Query, Source } from "./queries.ts";

export function temporalQueries(facts: (source: Source) => DataFrame): readonly Query[] {
  const zurich = col("at").dt.toTimezone("Europe/Zurich");
  const age = col("at").sub(col("day"));
  return [
    {
      name: "durations",
      run: (s) =>
        facts(s).select(
          age.as("age"),
          age.abs().dt.totalDays().as("days"),
          col("at").add("1h30m").as("later"),
          col("at")
            .sub(duration({ days: 1 }))
            .as("before"),
          age.div(duration({ days: 7 })).as("weeks"),
          age.mul(0.5).as("half"),
          age.cast("string").as("text"),
        ),
    },
    {
      name: "time zones",
      run: (s) =>
        facts(s).select(
          zurich.dt.hour().as("hour"),
          zurich.dt.date().as("date"),
          zurich.dt.truncate("1d").as("midnight"),
          zurich.dt.offsetBy("1mo").as("later"),
          zurich.dt.toTimezone("America/St_Johns").dt.format("%F %T %z").as("elsewhere"),
          col("at")
            .dt.replaceTimezone("Australia/Lord_Howe", {
              ambiguous: "latest",
              nonExistent: "shift",
            })
            .as("read there"),
        ),
    },
    {
      name: "group by a day of a zone",
      run: (s) =>
        facts(s)
          .groupBy(zurich.dt.truncate("1y").as("year"))
          .agg({ n: count(), first: col("at").min(), total: col("x").sum() })
          .sort("year"),
    },
    {
      name: "patterns of dates",
      run: (s) =>
        facts(s).select(
          col("at").dt.format("%A, %d. %B %Y, %I:%M %p").as("long"),
          col("at").dt.format("%d/%m/%Y %H-%M").str.toTimestamp("%d/%m/%Y %H-%M").as("back"),
          col("day").dt.format("%d.%m.%Y").str.toDate("%d.%m.%Y", { strict: false }).as("date"),
          col("at")
            .dt.format("%Y-%m-%d %H:%M")
            .str.toTimestamp("%Y-%m-%d %H:%M", {
              timezone: "Europe/Zurich",
              ambiguous: "null",
              nonExistent: "null",
            })
            .as("local"),
          col("key").str.toDate("%d.%m.%Y", { strict: false }).isNull().as("none"),
        ),
    },
    {
      name: "group by a duration",
      run: (s) =>
        facts(s)
          .filter(age.gt("P30D"))
          .groupBy(age.floorDiv("36500d").as("centuries"))
          .agg({
            n: count(),
            total: age.div(1000).sum(),
            longest: age.max(),
            mean: age.mean(),
            median: age.median(),
          })
          .sort("total"),
    },
  ];
}
