// How far the devices' queues are, and what there is room for behind them.

import { arrivalOf, type Execution, endBehind } from "./execution.ts";
import type { DeviceId, Predictor } from "./model.ts";
import { arrivalAt, type QueueEnd, type ReadyTask } from "./queues.ts";
import type { DeviceState } from "./state.ts";

/** Tasks of a device whose inputs move: one moves, one follows at once. */
const MOST_MOVING = 2;
/** Tasks of a device that do not compute yet, moving or there: they take memory. */
const MOST_AHEAD = 3;
/** Of others' tasks only the next one: what it may have to do itself meanwhile comes behind all that has started. */
const MOST_STOLEN_AHEAD = 1;

/** Of the devices that are not lost. */
export function queueEnds(
  devices: Iterable<DeviceState>,
  predictor: Predictor,
  now: number,
): QueueEnd[] {
  const ends: QueueEnd[] = [];
  for (const { index, device, inFlight, departures, lost } of devices) {
    if (lost) continue;
    const pace = 1 + predictor.sharers(device.id);
    let freeAt = now;
    let linkFreeAt = now;
    let moving = 0;
    const coming = new Set<number>();
    for (const execution of inFlight) {
      const arrival = arrivalOf(execution, now);
      if (execution.arrivedAt === null) {
        moving += 1;
        if (execution.shared !== null) coming.add(execution.shared);
        linkFreeAt = Math.max(linkFreeAt, arrival);
      }
      freeAt = endBehind(execution, freeAt, pace, now);
    }
    ends.push({
      device: index,
      freeAt,
      pace,
      linkFreeAt,
      leavesAt: departures.freeAt(now),
      coming,
      linkRoom: moving < MOST_MOVING && inFlight.length < device.slots + MOST_AHEAD,
      computeRoom: inFlight.length - moving < device.slots,
      stealRoom: inFlight.length < device.slots + MOST_STOLEN_AHEAD,
    });
  }
  return ends;
}

/** When a run that starts now will have its inputs, and when it will be over, behind what its device has to do. */
export function expectedEnd(
  run: Pick<Execution, "transferMs" | "computeMs"> &
    Pick<ReadyTask, "departures"> & { readonly device: DeviceId | null },
  devices: Iterable<DeviceState>,
  predictor: Predictor,
  now: number,
): Pick<Execution, "arrivesAt" | "expectedAt"> {
  const { transferMs, computeMs, departures } = run;
  const states = [...devices];
  const own = states.find(({ device }) => device.id === run.device);
  const asked = departures.length > 0 || own === undefined ? states : [own];
  const ends = own === undefined ? [] : queueEnds(asked, predictor, now);
  const end = ends.find(({ device }) => device === own?.index);
  if (end === undefined) return { arrivesAt: now, expectedAt: now };
  const arrivesAt = arrivalAt(end, ends, transferMs, departures, now);
  const startsAt = Math.max(end.freeAt, arrivesAt);
  return { arrivesAt, expectedAt: startsAt + computeMs * end.pace };
}
