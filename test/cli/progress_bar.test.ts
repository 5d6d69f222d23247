import { expect, test } from "vitest";
import { progressLine, withProgressBar } from "../../src/cli/progress_bar.ts";
import type { Progress } from "../../src/index.ts";

const progress: Progress = {
  tasksDone: 3,
  tasksTotal: 6,
  fraction: 0.5,
  rows: 1_234_567,
  bytes: 890,
  devices: { cpu: { tasks: 3, rows: 1_234_567, bytes: 890, ms: 5 } },
};

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

test("the line has bar, fraction, rows, bytes and the devices' tasks", () => {
  expect(progressLine(progress)).toBe(
    "████████████░░░░░░░░░░░░  50 %  1.2 M rows  890 B  tasks: cpu 3",
  );
});

test("on a terminal it is drawn now and then, and is gone at the end", async () => {
  const screen = terminal(true);
  let now = 0;
  const result = await withProgressBar(
    async (onProgress) => {
      for (; now < 400; now += 20) onProgress?.(progress);
      return "result";
    },
    screen,
    () => now,
  );
  expect(result).toBe("result");
  // At 200, 280, 360 ms, then erased.
  expect(screen.written).toHaveLength(4);
  expect(screen.written[0]).toBe(`\r\u001b[K${progressLine(progress)}`);
  expect(screen.written.at(-1)).toBe("\r\u001b[K");
});

test.each([
  [40, 39],
  [0, 79],
  [undefined, 79],
])("on a terminal of %s columns the line is no longer than %i", async (columns, most) => {
  const screen = { ...terminal(true), columns };
  const devices = Object.fromEntries(
    Array.from({ length: 20 }, (_, gpu) => [`gpu:${gpu}`, { tasks: 3, rows: 1, bytes: 1, ms: 1 }]),
  );
  let now = 0;
  await withProgressBar(
    async (onProgress) => {
      now = 300;
      onProgress?.({ ...progress, devices });
    },
    screen,
    () => now,
  );
  expect(screen.written[0]).toBe(
    `\r\u001b[K${progressLine({ ...progress, devices }).slice(0, most)}`,
  );
});

test("a failing query leaves a clean line", async () => {
  const screen = terminal(true);
  let now = 0;
  const failing = withProgressBar(
    async (onProgress) => {
      now = 300;
      onProgress?.(progress);
      throw new Error("no");
    },
    screen,
    () => now,
  );
  await expect(failing).rejects.toThrow("no");
  expect(screen.written.at(-1)).toBe("\r\u001b[K");
});

test("elsewhere nothing is written, and nothing is counted", async () => {
  const pipe = terminal(false);
  expect(await withProgressBar(async (onProgress) => onProgress, pipe)).toBeUndefined();
  expect(pipe.written).toEqual([]);
});
