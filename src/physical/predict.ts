// How long a physical plan is predicted to take: what `auto` compares. Sizes are estimated from the sources up, operations
// take what the cost table says, and what changes between host and device memory takes what the link allows.

import { assert, assertNever, at } from "../base/index.ts";
import {
  computeMs,
  type DataSize,
  type DeviceCosts,
  estimateOutput,
  type KernelKind,
  workOf,
} from "./device_costs.ts";
import type { DeviceDescriptor } from "./device_descriptor.ts";
import { type PhysicalPlan, type Placement, physicalInputs } from "./plan.ts";
import { estimateSize, sum as sumOf } from "./size_estimate.ts";

const VALUE_BYTES = 8;

export interface CostedDevice {
  readonly descriptor: Pick<DeviceDescriptor, "id" | "kind">;
  readonly costs: DeviceCosts;
}

export interface Prediction {
  /** Until the result is in host memory. */
  readonly ms: number;
  /** The part of it in which data moves between host and devices. */
  readonly transferMs: number;
}

interface Step {
  readonly size: DataSize;
  /** The device that made it; null: host memory. */
  readonly home: CostedDevice | null;
  readonly ms: number;
  readonly transferMs: number;
}

/**
 * Nodes run one after the other; the devices of a node share its partitions by speed. `homeOf` says which device holds
 * persisted data; null: the host.
 */
export function predictPlan(
  plan: PhysicalPlan,
  devices: readonly CostedDevice[],
  homeOf: (handle: string) => string | null = () => null,
): Prediction {
  const byId = new Map(devices.map((device) => [device.descriptor.id, device]));
  const done = new Map<PhysicalPlan, Step>();
  const visit = (node: PhysicalPlan): Step => {
    const known = done.get(node);
    // A node that stands twice runs once.
    if (known !== undefined) return { ...known, ms: 0, transferMs: 0 };
    const step = stepOf(node, physicalInputs(node).map(visit), byId, homeOf);
    done.set(node, step);
    return step;
  };
  const last = visit(plan);
  const down = moveMs(last.size.bytes, last.home, null);
  return { ms: last.ms + down, transferMs: last.transferMs + down };
}

function stepOf(
  node: PhysicalPlan,
  inputs: readonly Step[],
  devices: ReadonlyMap<string, CostedDevice>,
  homeOf: (handle: string) => string | null,
): Step {
  const before = {
    ms: inputs.reduce((sum, { ms }) => sum + ms, 0),
    transferMs: inputs.reduce((sum, { transferMs }) => sum + transferMs, 0),
  };
  const sizes = inputs.map(({ size }) => size);
  const columns = node.schema.length;
  switch (node.kind) {
    case "scanBatches":
      return { ...before, size: sized(rowsOf(node.batches), columns), home: null };
    case "scanPersisted":
      return {
        ...before,
        size: sized(node.handle.rowCount, columns),
        home: devices.get(homeOf(node.handle.id) ?? "") ?? null,
      };
    case "scanCsv": {
      const rows = Math.min(node.limit ?? Number.POSITIVE_INFINITY, node.source.estimatedRows);
      const size = sized(rows, columns);
      return run(node, "csv", size.bytes / VALUE_BYTES, inputs, size, devices);
    }
    case "apply": {
      const { operation } = node;
      const size = estimateOutput(operation, sizes);
      return run(node, operation.kind, workOf(operation, sizes), inputs, size, devices);
    }
    case "applyPartialAggregate": {
      const { operation, range } = node;
      const size = estimateOutput(operation, sizes);
      const ranged = run(node, range.kind, workOf(range, sizes), inputs, at(sizes, 0), devices);
      return run(node, operation.kind, workOf(operation, sizes), [ranged], size, devices);
    }
    case "gather":
      if (node.input.partitions === 1) return at(inputs, 0);
      return run(node, "concat", at(sizes, 0).bytes / VALUE_BYTES, inputs, at(sizes, 0), devices);
    case "split": {
      const down = moveMs(at(sizes, 0).bytes, at(inputs, 0).home, null);
      const { ms, transferMs } = before;
      return { size: at(sizes, 0), home: null, ms: ms + down, transferMs: transferMs + down };
    }
    case "guard":
    case "pick":
      return { ...at(inputs, 0), ...before };
    case "held":
    case "ranges":
    case "exchange":
      return inParts(node, inputs, devices);
    case "deferred":
      return node.step.kind === "slice" ? taken(node, inputs) : inParts(node, inputs, devices);
    case "union":
      return { ...before, size: sumOf(sizes), home: inputs[0]?.home ?? null };
    default:
      return assertNever(node);
  }
}

/** What each part then does takes about as long as dealing its rows out, twice: to their part, and back into order. */
function inParts(
  node: PhysicalPlan,
  inputs: readonly Step[],
  devices: ReadonlyMap<string, CostedDevice>,
): Step {
  const host = devices.get("cpu") ?? devices.get("reference");
  const size = estimateSize(node);
  const dealing =
    host === undefined ? 0 : computeMs(host.costs, "exchange", size.bytes / VALUE_BYTES);
  const down = inputs.reduce((sum, input) => sum + moveMs(input.size.bytes, input.home, null), 0);
  return {
    size,
    home: null,
    ms: inputs.reduce((sum, { ms }) => sum + ms, 0) + down + 4 * dealing,
    transferMs: inputs.reduce((sum, { transferMs }) => sum + transferMs, 0) + down,
  };
}

/** How far a slice has to read is not known: all of it, at most. */
function taken(node: PhysicalPlan, inputs: readonly Step[]): Step {
  const down = inputs.reduce((sum, { size, home }) => sum + moveMs(size.bytes, home, null), 0);
  return {
    size: estimateSize(node),
    home: null,
    ms: inputs.reduce((sum, { ms }) => sum + ms, down),
    transferMs: inputs.reduce((sum, { transferMs }) => sum + transferMs, down),
  };
}

function run(
  node: PhysicalPlan & { readonly placement: Placement },
  kernel: KernelKind,
  work: number,
  inputs: readonly Step[],
  size: DataSize,
  devices: ReadonlyMap<string, CostedDevice>,
): Step {
  const able = node.placement.devices.flatMap((id) => devices.get(id) ?? []);
  const [home] = able;
  assert(home !== undefined, "a plan names devices with known costs");
  // Devices that share the work finish together: their rates add up.
  const rate = able.reduce((sum, { costs }) => sum + 1 / computeMs(costs, kernel, work), 0);
  const launches = Math.ceil(node.partitions / able.length) - 1;
  const move = inputs.reduce(
    (sum, input) => sum + moveMs(input.size.bytes, input.home, home) / able.length,
    0,
  );
  const before = inputs.reduce((sum, { ms }) => sum + ms, 0);
  const moved = inputs.reduce((sum, { transferMs }) => sum + transferMs, 0);
  return {
    size,
    home: home.descriptor.kind === "gpu" ? home : null,
    ms: before + move + 1 / rate + launches * home.costs.launchMs,
    transferMs: moved + move,
  };
}

function moveMs(bytes: number, from: CostedDevice | null, to: CostedDevice | null): number {
  const target = to?.descriptor.kind === "gpu" ? to : null;
  if (from?.descriptor.id === target?.descriptor.id) return 0;
  const down = from === null ? 0 : bytes / from.costs.downloadBytesPerMs;
  return target === null ? down : down + bytes / target.costs.uploadBytesPerMs;
}

function rowsOf(batches: readonly { readonly rowCount: number }[]): number {
  return batches.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

function sized(rows: number, columns: number): DataSize {
  return { rows, bytes: rows * columns * VALUE_BYTES };
}
