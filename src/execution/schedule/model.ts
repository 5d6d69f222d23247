// What the policy knows of tasks and devices. It never sees data, executors or a real clock: time comes in as numbers,
// predictions through `Predictor`, so the same code runs a query and a simulation.

export type DeviceId = string;

export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Calls back after so long, unless the returned function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** The event loop's next turn, where this one has been kept long enough. */
  pause(): Promise<void> | null;
}

export interface DispatchDevice {
  readonly id: DeviceId;
  /** Tasks that compute at once. Besides them, some more fetch their inputs. */
  readonly slots: number;
}

export interface DispatchTask {
  readonly id: number;
  /** Of several failures the one with the smallest turn counts. What a task reads has smaller turns. */
  readonly turn: number;
  readonly inputs: readonly number[];
  /** Where it may run. Empty: it is bookkeeping on the host, takes no device and no time. */
  readonly devices: readonly DeviceId[];
  /** Where it may run when none of `devices` can go on. */
  readonly fallback: readonly DeviceId[];
  /** What its speed depends on: observed times correct later predictions of the same kernel. */
  readonly kernel: string;
  /** Tasks that do the same to different partitions share one: they are alike in where they belong. */
  readonly group: string;
}

/** Predictions in milliseconds, from sizes that are known for finished inputs and estimated for others. */
export interface Predictor {
  /** The computation alone, with its inputs in place. */
  computeMs(task: number, device: DeviceId): number;
  /** Until all inputs are in the device's memory, if they start to move now. */
  transferMs(task: number, device: DeviceId): number;
  /** Until a finished result is in the device's memory. */
  moveMs(result: number, device: DeviceId): number;
  /** As `transferMs`, with inputs that are not made yet but will be on the host. */
  comingMs(task: number, device: DeviceId): number;
  /** Until what the host is to read of the result, wherever it is made, has left the device. */
  returnMs(task: number, device: DeviceId): number;
  /** What of its inputs only cards have: it has to leave these to be read elsewhere. */
  departures(task: number): readonly Departure[];
  /** Takes into account what has been found since the last time. True: predictions have changed. */
  learn(): boolean;
  /** Other queries that the device works for at the moment: it takes turns between them. */
  sharers(device: DeviceId): number;
}

/** Bytes that leave a card, through a link that is busy for so long. */
export interface Departure {
  readonly device: DeviceId;
  readonly ms: number;
  /** Are they on their way already, for another reader? */
  readonly isUnderway: boolean;
}

/** The memory that runs share. Asked before one starts. */
export interface MemoryGate {
  /** Null: the run has to wait. Where nothing else runs, one may always start. */
  enter(task: number, device: DeviceId): MemoryClaim | null;
  /** Is memory so short that tasks near the end, which let go of what others made, should come first? */
  readonly isPressed: boolean;
}

/** What a run has been promised, until it ends. */
export interface MemoryClaim {
  /** Its inputs are in place, and no promise any more. */
  arrived(): void;
  release(): void;
}

/**
 * "planned": where the queue had it. "stolen": an idle device took it from another's queue. "duplicate": a second run of
 * a task that holds up the end; the first result counts. "retry": after a failure elsewhere.
 */
export type LaunchReason = "planned" | "stolen" | "duplicate" | "retry";

export interface Launch {
  readonly task: number;
  /** Null for bookkeeping. */
  readonly device: DeviceId | null;
  readonly reason: LaunchReason;
  /** How often the task failed before, elsewhere. */
  readonly retries: number;
  readonly predictedMs: number;
}
