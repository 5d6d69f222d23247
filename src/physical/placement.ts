// Which devices run an operation, and why. The engine option names the kind of device; an operation that a device of
// that kind lacks goes to the next kind (gpu -> cpu -> reference), visibly. For `auto`, `execution/` plans once for every
// choice of devices and takes the one with the least predicted time: never slower for asking.

import { NoDeviceError, NotSupportedError } from "../base/index.ts";
import type { DType } from "../dtype/index.ts";
import type { Support } from "./capability.ts";
import type { DeviceDescriptor, DeviceKind } from "./device_descriptor.ts";
import type { Operation } from "./operation.ts";
import type { Placement } from "./plan.ts";

export type Engine = "auto" | "gpu" | "cpu" | "reference";

/** A device as the planner knows it. */
export interface PlannerDevice {
  readonly descriptor: DeviceDescriptor;
  supports(operation: Operation, inputs: readonly (readonly DType[])[]): Support;
}

export interface PlacementPolicy {
  readonly engine: Engine;
  /** Devices that share the partitions, whatever their kind: those that the session names, or that `auto` chose. */
  readonly shared: readonly string[];
  /** Why those, for people. */
  readonly sharedReason: string;
  /** Fail instead of falling back to another kind of device. */
  readonly strict: boolean;
  readonly devices: readonly PlannerDevice[];
}

const ORDER: Readonly<Record<Engine, readonly DeviceKind[]>> = {
  auto: ["cpu", "reference"],
  gpu: ["gpu", "cpu", "reference"],
  cpu: ["cpu", "reference"],
  reference: ["reference"],
};

/** @throws NotSupportedError when nothing that the policy allows can run the operation. */
export function place(
  policy: PlacementPolicy,
  operation: Operation,
  inputs: readonly (readonly DType[])[],
  operator: string,
): Placement {
  const refusals: string[] = [];
  const able: { kind: DeviceKind; id: string }[] = [];
  for (const kind of kindsOf(policy)) {
    const ofKind = policy.devices.filter((device) => device.descriptor.kind === kind);
    if (ofKind.length === 0) continue;
    for (const device of ofKind) {
      const support = device.supports(operation, inputs);
      if (support.ok) able.push({ kind, id: device.descriptor.id });
      else refusals.push(`${device.descriptor.id} cannot: ${support.reason}`);
    }
  }
  const first = able[0];
  if (first === undefined) {
    throw new NotSupportedError(`no device can run ${operator}: ${refusals.join("; ")}`, {
      operator,
      hint: policy.strict ? "Leave out strict: true to allow another device." : "Report this.",
    });
  }
  const shared = able.filter((device) => policy.shared.includes(device.id));
  if (policy.engine === "auto" && shared.length > 0) {
    const rest = able.filter((device) => !policy.shared.includes(device.id));
    return {
      devices: shared.map((device) => device.id),
      fallback: rest.map((device) => device.id),
      reason: refusals.length > 0 ? refusals.join("; ") : policy.sharedReason,
    };
  }
  return {
    devices: able.filter((device) => device.kind === first.kind).map((device) => device.id),
    fallback: able.filter((device) => device.kind !== first.kind).map((device) => device.id),
    reason: reasonFor(policy, first.kind, refusals),
  };
}

/** Where host work that is no operation runs: decoding a file. */
export function placeOnHost(policy: PlacementPolicy): Placement {
  const kinds: DeviceKind[] = policy.engine === "reference" ? ["reference"] : ["cpu", "reference"];
  const host = policy.devices.filter((device) => kinds.includes(device.descriptor.kind));
  const ids = host
    .sort((a, b) => kinds.indexOf(a.descriptor.kind) - kinds.indexOf(b.descriptor.kind))
    .map((device) => device.descriptor.id);
  if (ids[0] === undefined) throw new NoDeviceError("no host device is open");
  return { devices: [ids[0]], fallback: ids.slice(1), reason: "files are decoded on the host" };
}

function kindsOf(policy: PlacementPolicy): readonly DeviceKind[] {
  if (policy.engine === "auto" && policy.shared.length > 0) return ORDER.gpu;
  const kinds = ORDER[policy.engine];
  return policy.strict && policy.engine !== "auto" ? kinds.slice(0, 1) : kinds;
}

function reasonFor(policy: PlacementPolicy, kind: DeviceKind, refusals: readonly string[]): string {
  const why = refusals.length > 0 ? refusals.join("; ") : "";
  if (why !== "") return why;
  if (policy.engine === "auto") {
    return kind === "cpu" ? "auto" : "auto: the native addon is not loaded";
  }
  return kind === policy.engine
    ? `engine: "${policy.engine}"`
    : `no ${policy.engine} device is open`;
}
