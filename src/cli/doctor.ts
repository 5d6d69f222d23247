// gpudataframe doctor: what this machine has, and what to do about what it lacks.

import { formatByteSize } from "../base/index.ts";
import { missingAddonReason } from "../device/index.ts";
import { type DeviceInfo, type MeasuredDevice, measureDevices } from "../execution/index.ts";
import { Session } from "../frame/index.ts";
import { capabilityTable } from "./capabilities.ts";
import type { Write } from "./files.ts";

export interface DoctorOptions {
  readonly capabilities?: boolean;
  readonly measure?: boolean;
  readonly json?: boolean;
}

export async function runDoctor(options: DoctorOptions, write: Write): Promise<void> {
  const session = new Session();
  try {
    const devices = await session.devices();
    const addon = missingAddonReason();
    const advice = adviceFor(devices, addon);
    if (options.json === true) {
      const { platform, arch, version: node } = process;
      write(JSON.stringify({ platform, arch, node, addon, devices, advice }, null, 2));
      return;
    }
    write(`Node.js ${process.version} on ${process.platform} ${process.arch}`);
    write(`Native addon: ${addon === null ? "loaded" : `not loaded (${addon})`}`);
    write("\nDevices");
    for (const device of devices) for (const line of deviceLines(device)) write(`  ${line}`);
    if (devices.length === 0) write("  none: queries run on the reference executor");
    if (options.capabilities === true) {
      write("\nOperations");
      for (const line of await capabilityTable(devices)) write(`  ${line}`);
    }
    if (options.measure === true) {
      write("\nCosts");
      for await (const device of measureDevices())
        for (const line of costLines(device)) write(`  ${line}`);
    }
    write("\nAdvice");
    for (const line of advice) write(`  ${line}`);
  } finally {
    await session.close();
  }
}

function deviceLines(device: DeviceInfo): string[] {
  const kind = device.software ? `${device.kind}, a software adapter: for tests only` : device.kind;
  const memory = device.memory > 0 ? `, ${formatByteSize(device.memory)}` : "";
  const lines = [`${device.id}  ${device.name} (${device.vendor || "unknown vendor"}; ${kind})`];
  lines.push(
    `  ${device.threads} ${device.threads === 1 ? "thread" : "threads"}, ${device.isa}${memory}`,
  );
  const limits = Object.entries(device.limits).filter(([name]) => SHOWN_LIMITS.has(name));
  if (limits.length > 0) {
    lines.push(
      `  ${limits.map(([name, value]) => `${name} ${limitText(name, value)}`).join(", ")}`,
    );
  }
  if (device.features.length > 0) lines.push(`  features: ${device.features.join(", ")}`);
  return lines;
}

/** What predictions are made of; units are values read, computed or written. */
function costLines({ descriptor, costs }: MeasuredDevice): string[] {
  const { launchMs, uploadBytesPerMs, downloadBytesPerMs, unitsPerMs } = costs;
  const link = (bytesPerMs: number) => `${(bytesPerMs / 1e6).toPrecision(3)} GB/s`;
  const links = Number.isFinite(uploadBytesPerMs)
    ? `, up ${link(uploadBytesPerMs)}, down ${link(downloadBytesPerMs)}`
    : "";
  const rates = Object.entries(unitsPerMs)
    .map(([kernel, rate]) => `${kernel} ${(rate / 1e6).toPrecision(3)}`)
    .join(", ");
  return [
    `${descriptor.id}  launch ${launchMs.toFixed(3)} ms${links}`,
    `  10^9 units a second: ${rates}`,
  ];
}

const SHOWN_LIMITS: ReadonlySet<string> = new Set([
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxStorageBuffersPerShaderStage",
]);

function limitText(name: string, value: number): string {
  return name.endsWith("Size") ? formatByteSize(value) : String(value);
}

/** One line for each thing that could be better; one that says so if nothing could. */
function adviceFor(devices: readonly DeviceInfo[], addon: string | null): string[] {
  const advice: string[] = [];
  if (addon !== null) {
    advice.push(
      "The addon is missing: results are right but slow. In a checkout run `npm run build:native`; otherwise reinstall the package for this platform.",
    );
  }
  const gpus = devices.filter(({ kind }) => kind === "gpu");
  const real = gpus.filter(({ software }) => !software);
  if (gpus.length === 0) {
    advice.push(
      process.platform === "linux"
        ? "No GPU adapter: install a Vulkan driver (NVIDIA's own, or Mesa 23 or later), and check with `vulkaninfo --summary`."
        : "No GPU adapter was found by WebGPU: update the graphics driver.",
    );
  } else if (real.length === 0) {
    advice.push(
      'Only software adapters: they run on the CPU, and are used only when `engine: "gpu"` or a device names them.',
    );
  }
  for (const { id, name, cards = 1 } of gpus) {
    if (cards === 1) continue;
    advice.push(
      `${id} is the first of ${cards} cards named ${name}. To use all, start one process for each, which sees only its own card: on Linux with Mesa's device selection DRI_PRIME=pci-0000_01_00_0! (lspci tells the address); see "Identical cards" in the README.`,
    );
  }
  if (advice.length === 0) advice.push("Nothing to do.");
  return advice;
}
