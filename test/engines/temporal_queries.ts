// Dates, instants and durations through the public API, over the frame of queries.ts.

import { col, count, type DataFrame, duration } from "gpudataframe";
import type { Query, Source } from "./queries.ts";

export function temporalQueries(facts: (source: Source) => DataFrame): readonly Query[] {
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
