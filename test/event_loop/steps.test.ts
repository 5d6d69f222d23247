// What takes long whatever the data (compiling a pattern, the tables of Unicode and of time zones, programs of very wide
// frames) is done in steps. Each is a fraction of a slice, and a turn of the event loop has one slice, whoever works.

import { afterAll, expect, test } from "vitest";
import {
  atOnce,
  checkTimeZone,
  inSlices,
  nextTurn,
  type Steps,
  tabulateTimeZones,
} from "../../src/base/index.ts";
import { compileProgram } from "../../src/codegen/index.ts";
import { parseEntries } from "../../src/codegen/strings/parse_entries.ts";
import { Dictionary } from "../../src/column/index.ts";
import { parseValue } from "../../src/device/reference/index.ts";
import { FLOAT64, timestamp } from "../../src/dtype/index.ts";
import { type BoundExpr, loweredProgram } from "../../src/function/index.ts";
import type { ResolvedProgram } from "../../src/ir/index.ts";
import { buildDfa, caseTables, compiledRegex } from "../../src/text/index.ts";
import { setOfClass } from "../../src/text/unicode.ts";
import { Random } from "../lattice/random.ts";
import { openThreadClock } from "./probe.ts";

/** With the slice before it and what a turn does besides, 10 ms are not reached. */
const MOST_MS = 5;
const RUNS = 6;
const TIMEOUT_MS = 300_000;

const clock = openThreadClock();
afterAll(() => clock[Symbol.dispose]());

const random = new Random(1971);
const word = () =>
  Array.from({ length: 3 + random.below(8) }, () => random.pick([..."abcdefghijklmnop"]));
const words = Array.from({ length: 300 }, () => word().join("")).join("|");
const ideographs = Array.from({ length: 1500 }, (_, i) => String.fromCharCode(0x4e00 + i)).join(
  "|",
);

const dfaOf = (source: string, flags = "") => {
  const { program } = atOnce(compiledRegex(new RegExp(source, flags)));
  return () => buildDfa(program);
};

const dates = Dictionary.fromTexts(Array.from({ length: 5000 }, (_, i) => `${1000 + i}-02-03`));

const COLUMNS = 3000;
const inputs = Array.from({ length: COLUMNS }, () => FLOAT64);
const sums = inputs.map((dtype, index): BoundExpr => {
  const column: BoundExpr = { kind: "column", index, dtype };
  const args = [column, { ...column, index: COLUMNS - 1 - index }];
  return { kind: "call", function: "add", args, options: {}, dtype, text: "a + b" };
});
const wide = atOnce(loweredProgram(inputs, sums, null)) as ResolvedProgram;

function* zone(name: string): Steps<void> {
  checkTimeZone(name);
  yield* tabulateTimeZones();
}

/** Work that can be done again, of another name where it is remembered. */
const REPEATED: readonly [name: string, begin: (run: number) => Steps<unknown>, steps: number][] = [
  ["a class of all of Unicode", (run) => setOfClass(`(?:\\p{L}){${1 + run}}`), 500],
  ["an alternation of words", dfaOf(words), 100],
  ["an alternation of characters", dfaOf(`(?:${ideographs})x`), 4],
  ["more states than are allowed", dfaOf("(?:a|b)*a(?:a|b){14}"), 40],
  ["a pattern of many threads", dfaOf("(?:a?){400}a{400}"), 100],
  [
    "parsing 5,000 texts by a pattern",
    () => parseEntries(dates, timestamp("us"), 10, parseValue, "%Y-%m-%d"),
    39,
  ],
  ["lowering 3,000 expressions", () => loweredProgram(inputs, sums, null), 3000],
  ["compiling 3,000 expressions", () => compileProgram(wide), 200],
];

// Of several runs the least of every step counts: a busy machine and the collector do not meet the same step each time.
test.each(REPEATED)(
  "%s is done in short steps",
  (_, begin, steps) => {
    let least: number[] = [];
    for (let run = 0; run < RUNS && (run === 0 || Math.max(...least) >= MOST_MS); run++) {
      const durations = durationsOf(begin(run));
      least = durations.map((ms, step) => Math.min(ms, least[step] ?? ms));
    }
    expect(least.length).toBeGreaterThanOrEqual(steps);
    expect(Math.max(...least)).toBeLessThan(MOST_MS);
  },
  TIMEOUT_MS,
);

const ONCE: readonly [name: string, begin: () => Steps<unknown>, steps: number][] = [
  ["tables of letter case", caseTables, 1000],
  ["a pattern that ignores case", () => compiledRegex(/[а-я\p{Lt}]x/iu), 500],
  ["a time zone", () => zone("Africa/Casablanca"), 10_000],
];
test.each(ONCE)("%s is done in many steps", (_, begin, steps) => {
  expect(durationsOf(begin()).length).toBeGreaterThanOrEqual(steps);
});

/** Processor time of every step. */
function durationsOf(steps: Steps<unknown>): number[] {
  const durations: number[] = [];
  for (let last = clock.now(); ; ) {
    const { done } = steps.next();
    const now = clock.now();
    durations.push(now - last);
    last = now;
    if (done) return durations;
  }
}

test("a turn has one slice, however many work", async () => {
  let turns = 0;
  let running = true;
  const tick = () => {
    turns += 1;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  // Every step keeps the turn longer than a slice.
  function* long(): Steps<void> {
    for (let step = 0; step < 5; step++) {
      const end = performance.now() + 5;
      while (performance.now() < end);
      yield;
    }
  }
  await nextTurn();
  const before = turns;
  await Promise.all(Array.from({ length: 4 }, () => inSlices(long())));
  running = false;
  expect(turns - before).toBeGreaterThanOrEqual(4 * 5 - 1);
});
