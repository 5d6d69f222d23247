// The executable specification: every operation in plain TypeScript, obvious before fast. It is the oracle of all
// operator tests, and what runs where the addon cannot be loaded.

import { totalmem } from "node:os";
import { assertNever, at, throwIfAborted } from "../../base/index.ts";
import { type Batch, shownBatch, sliceBatch } from "../../column/index.ts";
import type { DeviceDescriptor, ExchangeOperation, Mask, Operation } from "../../physical/index.ts";
import type { ExecuteOptions, Executor } from "../executor.ts";
import {
  chooseColumns,
  type HostResident,
  releaseHostResident,
  toHostResident,
} from "../host_resident.ts";
import { keepMasked } from "../masked_rows.ts";
import { aggregate } from "./aggregate.ts";
import { concat } from "./concat.ts";
import { evaluate } from "./evaluate.ts";
import { exchange, numberRows, sample } from "./exchange.ts";
import { exponentRange } from "./exponent_range.ts";
import { groupRows } from "./group_rows.ts";
import { join } from "./join.ts";
import { sort } from "./sort.ts";

export class ReferenceExecutor implements Executor<HostResident> {
  readonly descriptor: DeviceDescriptor = {
    id: "reference",
    kind: "reference",
    name: "Reference (TypeScript)",
    vendor: "",
    software: true,
    memory: totalmem(),
    limits: {},
    features: [],
    threads: 1,
    isa: "javascript",
  };

  async upload(batch: Batch): Promise<HostResident> {
    return toHostResident(batch);
  }

  async download(resident: HostResident): Promise<Batch> {
    return shownBatch(resident.batch);
  }

  choose(resident: HostResident, columns: readonly number[]): HostResident {
    return chooseColumns(resident, columns);
  }

  async execute(
    operation: Operation,
    inputs: readonly HostResident[],
    options: ExecuteOptions = {},
  ): Promise<HostResident> {
    throwIfAborted(options.signal);
    return toHostResident(
      execute(
        operation,
        inputs.map(({ batch }) => shownBatch(batch)),
      ),
    );
  }

  async exchange(
    operation: ExchangeOperation,
    inputs: readonly HostResident[],
    options: ExecuteOptions = {},
  ): Promise<readonly HostResident[]> {
    throwIfAborted(options.signal);
    return exchange(
      operation,
      inputs.map(({ batch }) => shownBatch(batch)),
    ).map(toHostResident);
  }

  release(resident: HostResident): void {
    releaseHostResident(resident);
  }

  async close(): Promise<void> {
    // Nothing to free.
  }
}

function keptRows(batch: Batch, mask: Mask): Batch {
  if (mask === undefined) return batch;
  const dtypes = batch.columns.map(({ dtype }) => dtype);
  return evaluate(keepMasked(dtypes, mask).program, batch);
}

/** One operation on batches in host memory. */
export function execute(operation: Operation, inputs: readonly Batch[]): Batch {
  const input = at(inputs, 0);
  switch (operation.kind) {
    case "evaluate":
      return evaluate(operation.program, input);
    case "aggregate":
      return aggregate(operation, keptRows(input, operation.mask));
    case "exponentRange":
      return exponentRange(operation, keptRows(input, operation.mask));
    case "join":
      return join(operation, input, at(inputs, 1));
    case "sort":
      return sort(operation, input);
    case "groupRows":
      return groupRows(operation, input);
    case "slice":
      return sliceBatch(input, operation.offset, operation.length);
    case "concat":
      return concat(inputs);
    case "numberRows":
      return numberRows(operation, input);
    case "sample":
      return sample(operation, input);
    default:
      return assertNever(operation);
  }
}
