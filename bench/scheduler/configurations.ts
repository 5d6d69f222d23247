// Where the queries run.
import type gpuDataFrame from "gpudataframe";

type Devices = Awaited<ReturnType<typeof gpuDataFrame.devices>>;

export interface Configuration {
  readonly label: string;
  readonly devices: readonly string[];
  /** Every device gets its turn, over a dozen partitions. */
  readonly inTurns: boolean;
  /** Null: what the machine has. */
  readonly hostMemory: string | null;
  /** A device that is destroyed when the query is half done; null: none. */
  readonly lost: string | null;
}

/**
 * One device, two, two and the CPU; under the budget; with a GPU lost. By predicted times software adapters would have
 * nothing to do beside the CPU: "in turns" counts every device as equally fast, so that all of them work.
 */
export function configurationsOf(devices: Devices, budget: string): Configuration[] {
  const gpus = devices.filter(({ kind }) => kind === "gpu").map(({ id }) => id);
  const pair = gpus.slice(0, 2);
  const all = [...pair, "cpu"];
  const of = (
    ids: readonly string[],
    more: Partial<Configuration> = {},
    note = "",
  ): Configuration => ({
    label: ids.join(" + ") + note,
    devices: ids,
    inTurns: false,
    hostMemory: null,
    lost: null,
    ...more,
  });
  const configurations = [of(["cpu"]), ...gpus.map((id) => of([id]))];
  configurations.push(of(["cpu"], { hostMemory: budget }, `, ${budget}`));
  const [first] = gpus;
  if (first === undefined) return configurations;
  const inTurns = { inTurns: true };
  if (pair.length > 1) {
    configurations.push(
      of(pair, inTurns, ", in turns"),
      of(pair, { ...inTurns, hostMemory: budget }, `, in turns, ${budget}`),
      of(pair, { ...inTurns, lost: first }, `, in turns, ${first} lost`),
    );
  }
  return [
    ...configurations,
    of(all),
    of(all, inTurns, ", in turns"),
    of(all, { ...inTurns, hostMemory: budget }, `, in turns, ${budget}`),
    of(all, { ...inTurns, lost: first }, `, in turns, ${first} lost`),
  ];
}
