// How far the devices' queues are, and what there is room for behind them.

import { arrivalOf, type Execution, endBehind } from "./execution.ts";
import type { Predictor } from "./model.ts";
import type { QueueEnd } from "./queues.ts";
import type { DeviceState } from "./state.ts";

/** Tasks of a device whose inputs move: one moves, one follows at once. */
const MOST_MOVING = 2;
/** Tasks of a device that do not compute yet, moving or there: they take memory. */
const MOST_AHEAD = 3;

/** Of the devices that are not lost. */
export function queueEnds(
  devices: Iterable<DeviceState>,
  predictor: Predictor,
  now: number,
): QueueEnd[] {
  const ends: QueueEnd[] = [];
  for (const { index, device, inFlight, lost } of devices) {
    if (lost) continue;
    const pace = 1 + predictor.sharers(device.id);
    let freeAt = now;
    let linkFreeAt = now;
    let moving = 0;
    for (const execution of inFlight) {
      const arrival = arrivalOf(execution, now);
      if (execution.arrivedAt === null) {
        moving += 1;
        linkFreeAt = Math.max(linkFreeAt, arrival);
      }
      freeAt = endBehind(execution, freeAt, pace, now);
    }
    ends.push({
      device: index,
      freeAt,
      pace,
      linkFreeAt,
      linkRoom: moving < MOST_MOVING && inFlight.length < device.slots + MOST_AHEAD,
      computeRoom: inFlight.length - moving < device.slots,
      stealRoom: inFlight.length < device.slots + MOST_AHEAD,
    });
  }
  return ends;
}

/** When a run that starts now will be over, behind what its device has to do. */
export function expectedEnd(
  device: DeviceState,
  predictor: Predictor,
  { transferMs, computeMs }: Pick<Execution, "transferMs" | "computeMs">,
  now: number,
): number {
  const [end] = queueEnds([device], predictor, now);
  if (end === undefined) return now;
  const { freeAt, linkFreeAt, pace } = end;
  const arrival = transferMs > 0 ? linkFreeAt + transferMs : now;
  return Math.max(freeAt, arrival) + computeMs * pace;
}
