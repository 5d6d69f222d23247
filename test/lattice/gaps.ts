// What executors decline to run, said aloud at the end of a test file: a gap must never look like a pass.
import type { TestExecutor } from "./executors.ts";

export class Gaps {
  readonly #counts = new Map<string, number>();

  /** `reason` null: it ran. */
  note(executor: TestExecutor, what: string, reason: string | null): void {
    if (reason === null) return;
    const key = `${executor.name} lacks ${what}: ${reason}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  report(): void {
    if (this.#counts.size === 0) return;
    const lines = [...this.#counts].map(([gap, count]) => `  ${gap} (${count} cases)`);
    console.warn(`LATTICE GAPS: declined, not tested\n${lines.join("\n")}`);
  }
}
