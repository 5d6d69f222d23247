// Times the engines on one question, in turns: run 1 of each, run 2 of each, and so on, so that a
// slow spell of the machine hits all of them alike. The first run of each is not counted; its
// result is compared with the other engines'.
import { performance } from "node:perf_hooks";
import { type Fingerprint, fingerprintOf } from "./agreement.ts";
import type { Engine, Result, Runnable } from "./engines/engine.ts";
import type { Question } from "./questions/question.ts";

export interface Measurement {
  readonly engineId: string;
  readonly questionId: string;
  readonly outcome: "measured" | "unsupported" | "failed";
  /** Of the timed runs; null where there is none. */
  readonly medianMs: number | null;
  readonly timesMs: readonly number[];
  readonly fingerprint: Fingerprint | null;
  /** Why it was not measured. */
  readonly note: string | null;
}

/** A run longer than this is not repeated more than once. */
const patienceMs = 10_000;

export async function measureQuestion(
  question: Question,
  engines: readonly Engine[],
  runCount: number,
): Promise<Measurement[]> {
  const entries = engines.map((engine) => new Entry(engine, question));
  for (const entry of entries) await entry.firstRun();
  for (let run = 0; run < runCount; run++) {
    // Rotated, so that no engine always runs on the caches that the same other one left.
    const offset = run % entries.length;
    for (const entry of [...entries.slice(offset), ...entries.slice(0, offset)]) {
      await entry.timedRun();
    }
  }
  return entries.map((entry) => entry.measurement());
}

class Entry {
  readonly #engine: Engine;
  readonly #question: Question;
  readonly #runnable: Runnable | null = null;
  readonly #timesMs: number[] = [];
  #fingerprint: Fingerprint | null = null;
  #outcome: Measurement["outcome"] = "measured";
  #note: string | null = null;
  #runsLeft = Number.POSITIVE_INFINITY;

  constructor(engine: Engine, question: Question) {
    this.#engine = engine;
    this.#question = question;
    const prepared = engine.prepare(question);
    if (prepared.kind === "runnable") this.#runnable = prepared;
    else this.#giveUp("unsupported", prepared.reason);
  }

  async firstRun(): Promise<void> {
    const run = await this.#run();
    if (run === null) return;
    if (run.ms > patienceMs) this.#runsLeft = 1;
    try {
      this.#fingerprint = await fingerprintOf(run.result, this.#question);
    } catch (error) {
      this.#giveUp("failed", describe(error));
    }
  }

  async timedRun(): Promise<void> {
    if (this.#runsLeft-- <= 0) return;
    const run = await this.#run();
    if (run !== null) this.#timesMs.push(run.ms);
  }

  async #run(): Promise<{ ms: number; result: Result } | null> {
    if (this.#runnable === null || this.#outcome !== "measured") return null;
    await collectGarbage();
    try {
      const start = performance.now();
      const result = await this.#runnable.run();
      return { ms: performance.now() - start, result };
    } catch (error) {
      const unsupported = error instanceof Error && error.name === "NotSupportedError";
      this.#giveUp(unsupported ? "unsupported" : "failed", describe(error));
      return null;
    }
  }

  #giveUp(outcome: Measurement["outcome"], note: string): void {
    this.#outcome = outcome;
    this.#note = note;
  }

  measurement(): Measurement {
    return {
      engineId: this.#engine.id,
      questionId: this.#question.id,
      outcome: this.#outcome,
      medianMs: this.#outcome === "measured" ? median(this.#timesMs) : null,
      timesMs: this.#timesMs,
      fingerprint: this.#fingerprint,
      note: this.#note,
    };
  }
}

/** How often, and for how long at most, the collector is asked whether it is done. */
const quietStepMs = 5;
const quietLimitMs = 200;

/**
 * No run pays for the garbage of the one before. gc() returns while the collector's threads still sweep, 10 ms of
 * processor time and more: on two cores that is what a query of 10 ms would be measured by. So until the process rests.
 */
async function collectGarbage(): Promise<void> {
  if (globalThis.gc === undefined) return;
  globalThis.gc();
  const end = performance.now() + quietLimitMs;
  for (let busyMs = quietStepMs; busyMs > quietStepMs / 5 && performance.now() < end; ) {
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, quietStepMs));
    const { user, system } = process.cpuUsage(before);
    busyMs = (user + system) / 1000;
  }
}

const describe = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
