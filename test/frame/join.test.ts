// Joins, through the public API, on the reference executor.

import { describe, expect, test } from "vitest";
import { referenceSession } from "./session.ts";

const session = referenceSession();
const flights = () =>
  session().fromColumns({
    origin: ["SFO", "JFK", "SFO", null, "OAK"],
    delay: [20, 5, null, 40, -3],
    distance: Float64Array.of(100, 200.5, 300, 400, 0),
  });
const airports = () =>
  session().fromColumns({ iata: ["OAK", "SFO", "SFO", null], state: ["CA", "CA", "C2", "??"] });

describe("join", () => {
  test.each([
    [
      "inner",
      [
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["OAK", "CA"],
      ],
    ],
    [
      "left",
      [
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["JFK", null],
        ["SFO", "CA"],
        ["SFO", "C2"],
        [null, null],
        ["OAK", "CA"],
      ],
    ],
    [
      "right",
      [
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["OAK", "CA"],
        [null, "??"],
      ],
    ],
    [
      "full",
      [
        ["SFO", "CA"],
        ["SFO", "C2"],
        ["JFK", null],
        ["SFO", "CA"],
        ["SFO", "C2"],
        [null, null],
        ["OAK", "CA"],
        [null, "??"],
      ],
    ],
  ] as const)("%s", async (how, rows) => {
    const table = await flights()
      .join(airports(), { leftOn: "origin", rightOn: "iata", how })
      .compute();
    expect(table.toRows().map((row) => [row.origin, row.state])).toEqual(rows);
  });

  test("semi, anti, cross", async () => {
    const keys = { leftOn: "origin", rightOn: "iata" } as const;
    expect(
      await flights()
        .join(airports(), { ...keys, how: "semi" })
        .count(),
    ).toBe(3);
    const anti = await flights()
      .merge(airports(), { ...keys, how: "anti" })
      .compute();
    expect(anti.column("origin").toArray()).toEqual(["JFK", null]);
    expect(await flights().join(airports(), { how: "cross" }).count()).toBe(20);
  });

  test("`on` gives one key column, with the value of whichever side has one", async () => {
    const left = session().fromColumns({ id: [1, 2], a: ["x", "y"] });
    const right = session().fromColumns({ id: Int32Array.of(2, 3), a: ["z", "w"] });
    const rows = async (how: "left" | "right" | "full") =>
      (await left.join(right, { on: "id", how }).compute()).toRows();
    expect(await rows("left")).toEqual([
      { id: 1, a: "x", a_right: null },
      { id: 2, a: "y", a_right: "z" },
    ]);
    expect(await rows("right")).toEqual([
      { id: 2, a: "y", a_right: "z" },
      { id: 3, a: null, a_right: "w" },
    ]);
    expect(await rows("full")).toEqual([
      { id: 1, a: "x", a_right: null },
      { id: 2, a: "y", a_right: "z" },
      { id: 3, a: null, a_right: "w" },
    ]);
  });

  test("validate and nullEquals", async () => {
    const keys = { leftOn: "origin", rightOn: "iata" } as const;
    await expect(
      flights()
        .join(airports(), { ...keys, validate: "m:1" })
        .compute(),
    ).rejects.toThrow(/m:1/);
    expect(
      await flights()
        .join(airports(), { ...keys, nullEquals: true, how: "semi" })
        .count(),
    ).toBe(4);
  });

  test.each([
    ["no keys", () => flights().join(airports(), {} as never), /keys/],
    [
      "keys that do not pair up",
      () => flights().join(airports(), { leftOn: ["origin", "delay"], rightOn: "iata" }),
      /pair up/,
    ],
    [
      "keys of different dtypes",
      () => flights().join(airports(), { leftOn: "delay", rightOn: "iata" }),
      /int64.*string/,
    ],
    [
      "an unknown how",
      () =>
        flights().join(airports(), { leftOn: "origin", rightOn: "iata", how: "outer" as "full" }),
      /"outer"/,
    ],
    [
      "an unknown option",
      () => flights().join(airports(), { left_on: "origin" } as never),
      /left_on/,
    ],
    ["a table", () => flights().join({} as never, { on: "x" as never }), /DataFrame/],
  ])("%s: refused", (_, build, message) => {
    expect(build).toThrow(message);
  });
});
