// The commands, run in this process.

import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { program } from "../../src/cli/program.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const folder = temporaryFolder();
beforeAll(() => {
  writeFileSync(join(folder, "t.csv"), "name,n,at\nx,1,2024-01-02\n,2.5,2024-01-03\nz,3,\n");
});

async function run(...args: string[]): Promise<string> {
  const pieces: string[] = [];
  const root = program((text) => pieces.push(text)).exitOverride();
  for (const command of root.commands)
    command.exitOverride().configureOutput({ writeErr: () => {} });
  await root.parseAsync(args, { from: "user" });
  return pieces.join("\n");
}

test("a reader that has read enough ends it quietly", async () => {
  const path = join(folder, "long.csv");
  writeFileSync(path, `n\n${"1\n".repeat(100_000)}`);
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main, "head", path, "-n", "100000"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: string[] = [];
  child.stderr.on("data", (data: Buffer) => errors.push(data.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, errors: errors.join("").includes("EPIPE") }).toEqual({ code: 0, errors: false });
});

test("Ctrl-C leaves no file behind, and ends it as a signal does", async () => {
  const own = temporaryFolder();
  const path = join(own, "long.csv.gz");
  const block = gzipSync(Array.from({ length: 1e5 }, (_, row) => `${row},text ${row}\n`).join(""));
  writeFileSync(path, Buffer.concat([gzipSync("n,t\n"), ...Array(60).fill(block)]));
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const temporary = join(own, "temporary");
  mkdirSync(temporary);
  const child = spawn(process.execPath, ["--import", "tsx", main, "head", path, "-n", "10000000"], {
    stdio: "ignore",
    env: { ...process.env, TMPDIR: temporary },
  });
  const ended = new Promise((resolve) => child.once("close", (_, signal) => resolve(signal)));
  const spilled = () =>
    readdirSync(temporary, { recursive: true, encoding: "utf8" }).filter((name) =>
      /spill-\d+.gpudataframe-/.test(name),
    );
  await vi.waitFor(() => expect(spilled()).not.toEqual([]), { timeout: 60_000, interval: 2 });
  child.kill("SIGINT");
  expect(await ended).toBe("SIGINT");
  expect(spilled()).toEqual([]);
});

describe("files", () => {
  test("head prints rows", async () => {
    const text = await run("head", join(folder, "t.csv"), "-n", "2");
    expect(text).toContain("│ x      │     1.0 │ 2024-01-02 │");
    expect(text).toContain("2 rows x 3 columns");
  });

  test("schema prints names and dtypes", async () => {
    expect(await run("schema", join(folder, "t.csv"))).toBe(
      ['"name"  string', '"n"     float64', '"at"    date'].join("\n"),
    );
  });

  test("a missing file is an error that names it", async () => {
    await expect(run("schema", join(folder, "none.csv"))).rejects.toThrow(/none\.csv/);
  });

  test("a wrong number is refused", async () => {
    await expect(run("head", "x.csv", "-n", "two")).rejects.toThrow(/whole number/);
  });
});

describe("doctor", () => {
  test("names the addon, the devices and what to do", async () => {
    const text = await run("doctor");
    expect(text).toMatch(/^Node\.js v\d+/);
    expect(text).toMatch(/Native addon: (loaded|not loaded)/);
    expect(text).toContain("Devices\n");
    expect(text).toContain("Advice\n");
  });

  test("--json is JSON", async () => {
    const report = JSON.parse(await run("doctor", "--json"));
    expect(report).toMatchObject({ platform: process.platform, devices: expect.any(Array) });
  });
});

test("demo: small data, the CPU or the reference executor, plan after every rule", async () => {
  vi.stubEnv("GPUDATAFRAME_CACHE", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const text = await run(
    "demo",
    "--rows",
    "2000",
    "--runs",
    "1",
    "--engine",
    "reference",
    "--plan",
  );
  expect(text).toContain("After predicatePushdown");
  expect(text).toContain("inner join");
  expect(text).toContain("meanDelay");
  expect(text).toMatch(/first run +from CSV +data persisted/);
});
