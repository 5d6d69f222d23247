// evaluate: the rendered program over all rows, or a filter first. Contract: kernels/evaluate/README.md.
//
//   predicate -> bitmap of kept rows -> prefix counts -> (round trip: their number) -> row numbers -> outputs
//
// Without a predicate only the last step, without a round trip unless something can fail.

import { at, type DataFrameError } from "../../../base/index.ts";
import {
  ARENA,
  arrayName,
  outputName,
  outputValidityName,
  packLiterals,
  packSets,
  type ResolvedStrings,
  type Stage,
} from "../../../codegen/index.ts";
import type { DType } from "../../../dtype/index.ts";
import {
  type EvaluateOperation,
  SUPPORTED,
  type Support,
  unsupported,
} from "../../../physical/index.ts";
import { siteError } from "../../site_error.ts";
import type { DeviceBuffer } from "../buffer_pool.ts";
import type { GpuContext } from "../context.ts";
import type { Recording } from "../recording.ts";
import { type GpuColumn, type GpuResident, storageBits, storageBytes } from "../resident.ts";
import { type EvaluatePlan, type PlannedStage, planEvaluate } from "./evaluate_plan.ts";
import type { GpuOperator } from "./operator.ts";
import { groupsFor, scanBitmap, selectRows } from "./scan.ts";
import { type Workspace, withWorkspace } from "./workspace.ts";

export const evaluate: GpuOperator<EvaluateOperation> = { supports, run };

function supports({ program }: EvaluateOperation, _inputs: readonly (readonly DType[])[]): Support {
  const makes = (op: string) => program.instructions.some((instruction) => instruction.op === op);
  if (makes("format"))
    return unsupported("numbers become text on the CPU: a GPU has no variable-length output");
  if (makes("textConcat"))
    return unsupported("texts of two columns are joined on the CPU, which numbers the new ones");
  return SUPPORTED;
}

async function run(
  context: GpuContext,
  { program }: EvaluateOperation,
  inputs: readonly GpuResident[],
): Promise<GpuResident> {
  const input = at(inputs, 0);
  const dictionaries = input.columns.map(({ dictionary }) => dictionary);
  const strings = await context.strings.resolve(program, dictionaries, context.signal);
  const sets = await packSets(strings.program);
  return withWorkspace(context, (workspace) =>
    new Evaluation(workspace, strings, sets, input).run(),
  );
}

/** The rows to compute outputs for: all of the input, or the listed ones. */
interface Selection {
  readonly count: number;
  /** Null: all rows. */
  readonly rows: DeviceBuffer | null;
  /** The first row for which a check of the predicate fails. */
  readonly failedRow: number | null;
}

interface StageRun {
  readonly rowCount: number;
  readonly firstRow: number;
  readonly rows: DeviceBuffer | null;
  readonly failures: DeviceBuffer;
  /** Outputs, or the bitmap of a filter, by binding name. */
  readonly written: Readonly<Record<string, DeviceBuffer>>;
}

class Evaluation {
  readonly #workspace: Workspace;
  readonly #context: GpuContext;
  readonly #strings: ResolvedStrings;
  readonly #sets: readonly Uint32Array[];
  readonly #input: GpuResident;
  readonly #nullable: readonly boolean[];
  #literals: DeviceBuffer | null = null;

  constructor(
    workspace: Workspace,
    strings: ResolvedStrings,
    sets: readonly Uint32Array[],
    input: GpuResident,
  ) {
    this.#workspace = workspace;
    this.#context = workspace.context;
    this.#strings = strings;
    this.#sets = sets;
    this.#input = input;
    this.#nullable = input.columns.map(({ validity }) => validity !== null);
  }

  async run(): Promise<GpuResident> {
    const { predicate } = this.#plan(false);
    const selection = predicate === null ? this.#allRows() : await this.#filter(predicate);
    return this.#outputs(selection);
  }

  #plan(selected: boolean): EvaluatePlan {
    const { maxStorageBuffersPerShaderStage } = this.#context.device.limits;
    const { program } = this.#strings;
    return planEvaluate(program, this.#nullable, maxStorageBuffersPerShaderStage, selected);
  }

  #allRows(): Selection {
    return { count: this.#input.rowCount, rows: null, failedRow: null };
  }

  async #filter(predicate: PlannedStage): Promise<Selection> {
    const { rowCount } = this.#input;
    if (rowCount === 0) return this.#allRows();
    const workspace = this.#workspace;
    const recording = this.#context.record();
    const failures = workspace.zeroed(recording, 8);
    const kept = workspace.acquire(storageBytes(1, rowCount));
    this.#dispatch(recording, predicate, {
      rowCount,
      firstRow: 0,
      rows: null,
      failures,
      written: { kept },
    });
    const sums = scanBitmap(recording, workspace, kept, rowCount);
    const total = recording.read(sums, Math.ceil(rowCount / 32) * 4, 4);
    const failed = predicate.usesFailures ? recording.read(failures, 0, 4) : null;
    await recording.submit();
    const count = at(new Uint32Array(await total), 0);
    const failedRow = failed && firstFailure(await failed);
    if (count === rowCount) return { ...this.#allRows(), failedRow };
    const rows = workspace.acquire(4 * count);
    if (count > 0) {
      const selecting = this.#context.record();
      selectRows(selecting, kept, sums, rowCount, rows);
      await selecting.submit();
    }
    return { count, rows, failedRow };
  }

  async #outputs({ count, rows, failedRow }: Selection): Promise<GpuResident> {
    const plan = this.#plan(rows !== null);
    const recording = this.#context.record();
    const failures = this.#workspace.zeroed(recording, 8);
    const columns = this.#strings.program.outputs.map(({ dtype }, index): GpuColumn => {
      const source = rows === null ? at(plan.passedThrough, index) : null;
      if (source !== null) return at(this.#input.columns, source);
      const output = plan.stages
        .flatMap(({ stage }) => stage.outputs)
        .find((o) => o.index === index);
      return this.#newColumn(index, dtype, count, output?.nullable === true);
    });
    for (const planned of plan.stages) {
      const written = outputBuffers(planned.stage, columns);
      this.#dispatch(recording, planned, { rowCount: count, firstRow: 0, rows, failures, written });
    }
    const canFail = plan.stages.some(({ usesFailures }) => usesFailures);
    const failed = canFail ? recording.read(failures, 0, 4) : null;
    await recording.submit();
    const rowsFailed = [failedRow, failed && firstFailure(await failed)].filter(
      (row) => row !== null,
    );
    if (rowsFailed.length > 0) throw await this.#errorOf(Math.min(...rowsFailed));
    return this.#workspace.result(count, columns);
  }

  #newColumn(index: number, dtype: DType, count: number, nullable: boolean): GpuColumn {
    const { passedThrough } = this.#plan(true);
    const source = at(passedThrough, index);
    const bits = storageBits(dtype);
    return {
      dtype,
      values: this.#workspace.acquire(storageBytes(bits, count)),
      validity: nullable ? this.#workspace.acquire(storageBytes(1, count)) : null,
      nullCount: nullable ? null : 0,
      dictionary: at(this.#strings.dictionaries, index),
      // Bounds of all rows hold for some of them.
      statistics: source === null ? null : at(this.#input.columns, source).statistics,
      bits,
      isWords: false,
    };
  }

  #dispatch(recording: Recording, planned: PlannedStage, run: StageRun): void {
    const { usesFailures } = planned;
    const { rowCount, firstRow, rows, failures, written } = run;
    recording.dispatch({
      kernel: rows === null ? planned.kernel : planned.selectedKernel,
      buffers: {
        ...(usesFailures && { failures }),
        ...(rows !== null && { rows }),
        ...this.#sources(recording, planned),
        ...written,
      },
      params: { rowCount, firstRow },
      workgroups: groupsFor(rowCount),
    });
  }

  /** Literals and columns. */
  #sources(
    recording: Recording,
    { stage, usesLiterals }: PlannedStage,
  ): Record<string, DeviceBuffer> {
    if (stage.arena) return this.#arena(recording, stage);
    const sources: Record<string, DeviceBuffer> = {};
    for (const array of stage.arrays) sources[arrayName(array)] = this.#array(array);
    if (usesLiterals) {
      const { program } = this.#strings;
      this.#literals ??= this.#workspace.table(program, "literals", () =>
        packLiterals(program, this.#sets),
      );
      sources.literals = this.#literals;
    }
    return sources;
  }

  /** All arrays of the stage, one after the other in one buffer; the literals say where each begins. */
  #arena(recording: Recording, stage: Stage): Record<string, DeviceBuffer> {
    const arrays = stage.arrays.map((array) => this.#array(array));
    const bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const arena = this.#workspace.acquire(bytes);
    const offsets: number[] = [];
    let end = 0;
    for (const buffer of arrays) {
      recording.copy(buffer, 0, arena, end, buffer.byteLength);
      offsets.push(end / 4);
      end += buffer.byteLength;
    }
    const literals = packLiterals(this.#strings.program, this.#sets, offsets);
    return { [ARENA]: arena, literals: this.#workspace.constant(recording, literals) };
  }

  #array({ column, part }: Stage["arrays"][number]): DeviceBuffer {
    const { values, validity } = at(this.#input.columns, column);
    return part === "validity" && validity !== null ? validity : values;
  }

  /** Runs the row once more, alone, to learn the smallest site that fails in it. */
  async #errorOf(row: number): Promise<DataFrameError> {
    const workspace = this.#workspace;
    const alone = { rowCount: 1, firstRow: row, rows: null };
    const failures = workspace.acquire(8);
    const { predicate, stages } = this.#plan(true);
    let isKept = true;
    const filtering = this.#context.record();
    filtering.clear(failures);
    if (predicate !== null) {
      const kept = workspace.acquire(4);
      this.#dispatch(filtering, predicate, { ...alone, failures, written: { kept } });
      const bits = filtering.read(kept, 0, 4);
      await filtering.submit();
      isKept = (at(new Uint32Array(await bits), 0) & 1) === 1;
    } else {
      await filtering.submit();
    }
    const recording = this.#context.record();
    for (const planned of isKept ? stages : []) {
      const names = planned.stage.outputs.flatMap((o) => [
        outputName(o),
        ...(o.nullable ? [outputValidityName(o)] : []),
      ]);
      const written = Object.fromEntries(names.map((name) => [name, workspace.acquire(8)]));
      this.#dispatch(recording, planned, { ...alone, failures, written });
    }
    const words = recording.read(failures, 0, 8);
    await recording.submit();
    const site = ~at(new Uint32Array(await words), 1) >>> 0;
    return siteError(at(this.#strings.program.sites, site), row);
  }
}

/** The smallest failing row, from the complement that kernels/evaluate/failures.wesl keeps. */
function firstFailure(words: ArrayBuffer): number | null {
  const complement = at(new Uint32Array(words), 0);
  return complement === 0 ? null : ~complement >>> 0;
}

function outputBuffers(stage: Stage, columns: readonly GpuColumn[]): Record<string, DeviceBuffer> {
  const written: Record<string, DeviceBuffer> = {};
  for (const output of stage.outputs) {
    const { values, validity } = at(columns, output.index);
    written[outputName(output)] = values;
    if (validity !== null) written[outputValidityName(output)] = validity;
  }
  return written;
}
