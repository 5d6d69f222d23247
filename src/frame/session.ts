// A session: devices, budgets, and where frames begin. `gpuDataFrame` is the default one.

import {
  checkSessionOptions,
  type DeviceInfo,
  listDevices,
  type MemoryUse,
  Runner,
  resolveOptions,
  type SessionOptions,
} from "../execution/index.ts";
import type { ArrowInput } from "../io/index.ts";
import {
  type FrameCsvOptions,
  type FromValuesOptions,
  frameFromArrow,
  frameFromArrowFile,
  frameFromColumns,
  frameFromCsv,
  frameFromRows,
} from "./build.ts";
import type { DataFrame } from "./data_frame.ts";
import type {
  CsvShape,
  DTypes,
  OverrideShape,
  SchemaShape,
  ShapeOfColumns,
  ShapeOfRow,
} from "./schema_types.ts";
import type { ColumnInput } from "./values.ts";

/**
 * Options hold for all queries of the session; `compute({ engine })` overrides the engine of one query. What an option
 * leaves out comes from the environment (GPUDATAFRAME_ENGINE, GPUDATAFRAME_THREADS, ...), else from the machine.
 */
export class Session {
  readonly #options: SessionOptions;
  #opened: Runner | null = null;

  constructor(options: SessionOptions = {}) {
    checkSessionOptions(options);
    this.#options = options;
  }

  /** Opened by the first frame, so that importing the package costs nothing. */
  get #runner(): Runner {
    this.#opened ??= new Runner(resolveOptions(this.#options));
    return this.#opened;
  }

  /**
   * Opens CSV files: a path, a glob or a list, optionally .gz. Samples them, decides names and dtypes, and fails now if
   * it must; rows are decoded when a query runs. A column with fractions is float64: whole numbers beyond 2^53 in it are
   * rounded, unless `schema:` makes it a decimal.
   * @throws FileError, ParseError, InvalidArgumentError, ColumnNotFoundError, NotSupportedError
   */
  async readCsv<const D extends DTypes = Record<never, never>, const N extends string = string>(
    paths: string | readonly string[],
    options: FrameCsvOptions<D, N> = {},
  ): Promise<DataFrame<CsvShape<D, N>>> {
    return await frameFromCsv(this.#runner, paths, options);
  }

  /** pandas' name of readCsv(). */
  get read_csv(): this["readCsv"] {
    return this.readCsv.bind(this) as this["readCsv"];
  }

  /**
   * Columns by name: arrays, iterables such as a Set, or typed arrays, whose memory is shared. A value that its column
   * cannot hold as it is is an error that names column and row; only float32 rounds.
   */
  fromColumns<
    const C extends Readonly<Record<string, ColumnInput>>,
    const D extends DTypes = Record<never, never>,
  >(
    columns: C,
    options: FromValuesOptions<D> = {},
  ): DataFrame<OverrideShape<ShapeOfColumns<C>, D>> {
    return frameFromColumns(this.#runner, columns, options);
  }

  /** Rows as objects; what a row lacks is null. */
  fromRows<
    const R extends Readonly<Record<string, unknown>>,
    const D extends DTypes = Record<never, never>,
  >(
    rows: Iterable<R>,
    options: FromValuesOptions<D> = {},
  ): DataFrame<OverrideShape<ShapeOfRow<R>, D>> {
    return frameFromRows(this.#runner, rows, options);
  }

  /**
   * An apache-arrow Table or RecordBatch, or the bytes of an IPC stream or file; shares their memory.
   * @throws ParseError for bytes that are no Arrow and for damaged data, with column and row.
   */
  fromArrow<S extends SchemaShape = SchemaShape>(input: ArrowInput): DataFrame<S> {
    return frameFromArrow<S>(this.#runner, input);
  }

  /** Reads an Arrow IPC file. Rejects with a FileError, or a ParseError as fromArrow(). */
  async readArrow<S extends SchemaShape = SchemaShape>(path: string): Promise<DataFrame<S>> {
    return await frameFromArrowFile<S>(this.#runner, path);
  }

  /** Every device of this machine: the CPU, and all adapters that Dawn accepts, software ones included. */
  async devices(): Promise<readonly DeviceInfo[]> {
    return await listDevices(this.#runner.devices);
  }

  /**
   * Opens lost devices again: those with the `state` "lost" in devices(). Without it a lost device stays out of the
   * session, whose queries run on the others. Queries that run go on without it, later ones use it. What was persisted
   * on it stays lost: persist it again.
   *
   * Resolves with the ids of what was opened; none where nothing was lost. Rejects with a NoDeviceError where one does not
   * open, when all others have been tried; it can be called again.
   */
  async recover(): Promise<readonly string[]> {
    return await this.#runner.recover();
  }

  /**
   * What the session holds, in bytes: a row for every open GPU, one for host memory, one for the disk. Host memory that
   * callers own (tables that queries gave, columns that they were given) does not count.
   *
   * ```ts
   * console.table(session.memory()); // tier, id, used, pinned, spilled, budget
   * ```
   */
  memory(): readonly MemoryUse[] {
    return this.#runner.memory();
  }

  /**
   * Opens a session with options of its own, and the devices that they name.
   * @throws InvalidArgumentError for a bad option, NoDeviceError for a device that is not there.
   */
  async session(options: SessionOptions = {}): Promise<Session> {
    checkSessionOptions(options);
    const session = new Session({ ...this.#options, ...options });
    await session.#runner.open();
    return session;
  }

  /** Ends what runs, frees every device and everything persisted. Its frames fail from then on, with an AbortError. */
  async close(): Promise<void> {
    await this.#opened?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
