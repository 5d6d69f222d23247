// Session options: what a caller gives, what the environment gives, what holds when neither does.

import {
  checkOptions,
  InvalidArgumentError,
  NoDeviceError,
  type OptionKinds,
  parseByteSize,
} from "../base/index.ts";
import type { Engine } from "../physical/index.ts";
import { cacheDirectory } from "./costs/index.ts";

export interface SessionOptions {
  /** "auto" (default) | "gpu" | "cpu" | "reference". */
  engine?: Engine;
  /** Device ids such as ["gpu:0", "cpu"]. Default: all real GPUs and the CPU. */
  devices?: readonly string[];
  /** CPU threads of the engine. Default: all. */
  threads?: number;
  /**
   * Budget of host memory, in bytes or as "8GiB": what partitions take, without data that callers own. Above it they go to
   * disk. Default: 80 % of what the process may have.
   */
  hostMemory?: number | string;
  /** Budget of each GPU's memory. Default: what the adapter's limits suggest. */
  deviceMemory?: number | string;
  /** Where partitions go that host memory has no room for. Default: the user's own in the system's temporary directory. */
  spillDirectory?: string;
  /**
   * Most bytes of a source's partition, from 64 KiB on. Default: a sixteenth of hostMemory, and what a buffer can hold for
   * a GPU.
   */
  partitionBytes?: number | string;
  /** Into how many partitions sources are cut. Default: from partitionBytes. */
  partitions?: number;
  /**
   * "expected" (default): work goes where it is expected to end soonest, by what devices of its kind typically take,
   * corrected by what the tasks of the query took. "even": every device counts as equally fast and gets its turn, to see
   * that all of them work and agree.
   */
  costs?: "expected" | "even";
  /**
   * "needed" (default): partitions go to disk where hostMemory is short. "always": as soon as nobody reads them, to see
   * that results do not depend on it.
   */
  spill?: "needed" | "always";
  /** Instruction set of the addon: "avx512", "avx2", "baseline". Default: the best that the processor has. */
  isa?: string;
  /** Names of optimizer rules to leave out, or "all". */
  disableRules?: readonly string[] | "all";
}

export interface ResolvedOptions {
  readonly engine: Engine;
  readonly devices: readonly string[] | null;
  readonly threads: number | null;
  readonly hostMemory: number | null;
  readonly deviceMemory: number | null;
  readonly spillDirectory: string | null;
  readonly partitionBytes: number | null;
  readonly partitions: number | null;
  readonly costs: "expected" | "even";
  readonly spill: "needed" | "always";
  readonly isa: string | null;
  /** Where measured costs of devices are kept. */
  readonly cacheDirectory: string;
  /** `auto` considers software adapters too: for tests of it on machines without a GPU. */
  readonly autoSoftware: boolean;
  readonly disableRules: readonly string[] | "all";
}

type Environment = Readonly<Record<string, string | undefined>>;

export const ENGINES: readonly Engine[] = ["auto", "gpu", "cpu", "reference"];

/** The values of the others are checked one by one, with those of the environment. */
const OPTIONS: OptionKinds<SessionOptions> = {
  engine: "any",
  devices: "any",
  threads: "number",
  hostMemory: "any",
  deviceMemory: "any",
  spillDirectory: "string",
  partitionBytes: "any",
  partitions: "number",
  costs: "any",
  spill: "any",
  isa: "string",
  disableRules: "any",
};

/** @throws InvalidArgumentError for a name that is no option, and for values of a wrong kind. */
export function checkSessionOptions(options: unknown): void {
  checkOptions("session", options, OPTIONS, 'Write session({ engine: "gpu" }).');
}

/**
 * Options over environment (GPUDATAFRAME_ENGINE, _DEVICES, _THREADS, _HOST_MEMORY, _DEVICE_MEMORY, _SPILL_DIRECTORY,
 * _PARTITION_BYTES, _PARTITIONS, _COSTS, _SPILL, _ISA, _DISABLE_RULES; lists by commas) over defaults. GPUDATAFRAME_CACHE says where measured costs are kept.
 * @throws InvalidArgumentError naming the option or variable.
 */
export function resolveOptions(
  options: SessionOptions = {},
  environment: Environment = process.env,
): ResolvedOptions {
  checkSessionOptions(options);
  const given = fromEnvironment(environment);
  const pick = <K extends keyof SessionOptions>(key: K): SessionOptions[K] =>
    options[key] ?? given[key];
  const bytes = (key: "hostMemory" | "deviceMemory" | "partitionBytes") => {
    const size = pick(key);
    return size === undefined ? null : checkSize(key, size);
  };
  const devices = checkDevices(pick("devices") ?? null);
  return {
    engine: engineAmong(checkEngine(pick("engine") ?? "auto"), devices),
    devices,
    threads: checkCount("threads", pick("threads") ?? null, 1024),
    hostMemory: bytes("hostMemory"),
    deviceMemory: bytes("deviceMemory"),
    spillDirectory: pick("spillDirectory") ?? null,
    partitionBytes: bytes("partitionBytes"),
    partitions: checkCount("partitions", pick("partitions") ?? null, 2 ** 20),
    costs: checkOneOf("costs", pick("costs") ?? "expected", ["expected", "even"]),
    spill: checkOneOf("spill", pick("spill") ?? "needed", ["needed", "always"]),
    isa: pick("isa") ?? null,
    cacheDirectory: cacheDirectory(environment),
    autoSoftware: environment.GPUDATAFRAME_AUTO_SOFTWARE === "1",
    disableRules: checkRules(pick("disableRules") ?? []),
  };
}

function fromEnvironment(environment: Environment): SessionOptions {
  const text = (name: string) => environment[`GPUDATAFRAME_${name}`] || undefined;
  const threads = text("THREADS");
  const partitions = text("PARTITIONS");
  const rules = text("DISABLE_RULES");
  const list = (names: string | undefined) => names?.split(",").map((name) => name.trim());
  const found = {
    engine: text("ENGINE") as Engine | undefined,
    devices: list(text("DEVICES")),
    threads: threads === undefined ? undefined : Number(threads),
    hostMemory: text("HOST_MEMORY"),
    deviceMemory: text("DEVICE_MEMORY"),
    spillDirectory: text("SPILL_DIRECTORY"),
    partitionBytes: text("PARTITION_BYTES"),
    partitions: partitions === undefined ? undefined : Number(partitions),
    costs: text("COSTS") as SessionOptions["costs"],
    spill: text("SPILL") as SessionOptions["spill"],
    isa: text("ISA"),
    disableRules: rules === "all" ? ("all" as const) : list(rules),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function checkEngine(engine: Engine): Engine {
  if (ENGINES.includes(engine)) return engine;
  throw new InvalidArgumentError(`engine: ${JSON.stringify(engine)} is not an engine`, {
    hint: `Use one of ${ENGINES.map((name) => `"${name}"`).join(", ")}.`,
  });
}

function checkOneOf<T extends string>(option: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  const names = choices.map((name) => `"${name}"`).join(" or ");
  throw new InvalidArgumentError(`${option}: ${JSON.stringify(value)} is not ${names}`);
}

/** @throws NoDeviceError where the engine works on a kind of device of which the session names none. */
export function engineAmong(engine: Engine, devices: readonly string[] | null): Engine {
  if (devices === null || (engine !== "gpu" && engine !== "cpu")) return engine;
  if (devices.some((id) => id.split(":")[0] === engine)) return engine;
  const named = devices.map((id) => JSON.stringify(id)).join(", ");
  throw new NoDeviceError(
    `engine: "${engine}" has no device among those that the session names: ${named}`,
    {
      hint: `Name ${engine === "gpu" ? '"gpu:0"' : '"cpu"'} in \`devices\` too, or leave \`devices\` out.`,
    },
  );
}

function checkSize(
  option: "hostMemory" | "deviceMemory" | "partitionBytes",
  size: number | string,
) {
  const bytes = parseByteSize(size, option);
  if (bytes > 0) return bytes;
  throw new InvalidArgumentError(`${option}: ${JSON.stringify(size)} leaves no room`, {
    hint: 'Write a number of bytes or a text such as "64MiB" or "8GB".',
  });
}

function checkRules(rules: readonly string[] | "all"): readonly string[] | "all" {
  const isList = Array.isArray(rules) && rules.every((name) => typeof name === "string");
  if (rules === "all" || isList) return rules;
  throw new InvalidArgumentError('disableRules: it is a list of names, or "all"');
}

function checkDevices(devices: readonly string[] | null): readonly string[] | null {
  if (devices !== null && (!Array.isArray(devices) || devices.length === 0)) {
    throw new InvalidArgumentError("devices: it is a list of device ids", {
      hint: 'Write devices: ["gpu:0", "cpu"]; gpuDataFrame.devices() lists them.',
    });
  }
  for (const id of devices ?? []) {
    if (!/^(cpu|reference|gpu:\d+)$/.test(id)) {
      throw new InvalidArgumentError(`devices: ${JSON.stringify(id)} is not a device id`, {
        hint: 'Ids are "cpu", "reference", "gpu:0", "gpu:1"; gpuDataFrame.devices() lists them.',
      });
    }
  }
  return devices;
}

function checkCount(option: string, count: number | null, most: number): number | null {
  if (count === null || (Number.isInteger(count) && count >= 1 && count <= most)) return count;
  throw new InvalidArgumentError(`${option}: ${count} is not an integer from 1 to ${most}`);
}
