// Cards that have one name: how many there are is told, a process sees the one that the driver's selection leaves it, and
// workers of a process have logical devices of their own, which give the same bits.
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { adapters } from "./adapters.ts";

interface Report {
  readonly devices: readonly {
    readonly kind: string;
    readonly name: string;
    readonly cards?: number;
  }[];
  readonly advice: readonly string[];
}

/** The loader of Vulkan reads the environment once: only another process sees another selection. */
async function outputOf(program: URL, args: readonly string[], environment = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", fileURLToPath(program), ...args],
    { env: { ...process.env, ...environment } },
  );
  return stdout;
}

const doctor = async (environment: Readonly<Record<string, string>>) => {
  const program = new URL("../../src/cli/main.ts", import.meta.url);
  return JSON.parse(await outputOf(program, ["doctor", "--json"], environment)) as Report;
};

/** Of SwiftShader, which vitest.config.ts puts in reach. */
const manifest = process.env.VK_ADD_DRIVER_FILES ?? "";

test.runIf(manifest.endsWith("icd.json"))(
  "cards of one name are one device, with advice",
  async () => {
    // A driver that is there twice shows its device twice.
    const folder = mkdtempSync(join(tmpdir(), "drivers-"));
    const manifests = ["one.json", "two.json"].map((name) => join(folder, name));
    for (const path of manifests) copyFileSync(manifest, path);
    const { devices, advice } = await doctor({ VK_DRIVER_FILES: manifests.join(":") });
    const gpus = devices.filter(({ kind }) => kind === "gpu");
    expect(gpus.map(({ cards }) => cards)).toEqual([2]);
    expect(advice.join()).toContain(`first of 2 cards named ${gpus[0]?.name}`);
  },
);

const mesaLayer = "/usr/share/vulkan/implicit_layer.d/VkLayer_MESA_device_select.json";
const llvmpipe = adapters.find(({ descriptor: { name } }) => name.startsWith("llvmpipe"));

test.runIf(existsSync(mesaLayer) && llvmpipe !== undefined && adapters.length > 1)(
  "a process sees the card that Mesa's selection leaves it",
  async () => {
    const { devices } = await doctor({ MESA_VK_DEVICE_SELECT: "10005:0!" });
    const gpus = devices.filter(({ kind }) => kind === "gpu");
    expect(gpus.map(({ name, cards }) => ({ name, cards }))).toEqual([
      { name: llvmpipe?.descriptor.name, cards: 1 },
    ]);
  },
);

describe.runIf(adapters.length > 0)("workers", () => {
  test("each have a device of the adapter, and the same bits as the main thread", async () => {
    const { main, workers } = JSON.parse(
      await outputOf(new URL("in_workers.ts", import.meta.url), []),
    );
    expect(main).toMatch(/^[0-9a-f]{64}$/);
    expect(workers).toEqual([main, main]);
  });
});
