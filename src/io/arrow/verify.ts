// Looks at the metadata of Arrow IPC bytes before apache-arrow does: that library believes the lengths in it, and a wrong
// bit can keep it making columns until memory ends. Messages and their bodies lie inside of the bytes, and so does all
// that their tables refer to (Arrow's format/Message.fbs, Schema.fbs and File.fbs).

import { compressionRegistry } from "apache-arrow";
import { NotSupportedError } from "../../base/index.ts";
import {
  DamagedFlatBuffer,
  type FlatTable,
  type Slot,
  type TableShape,
  verifyFlatBuffer,
} from "./flatbuffer.ts";

const BYTE: Slot = { kind: "scalar", bytes: 1 };
const SHORT: Slot = { kind: "scalar", bytes: 2 };
const INT: Slot = { kind: "scalar", bytes: 4 };
const LONG: Slot = { kind: "scalar", bytes: 8 };
const TEXT: Slot = { kind: "text" };
const LONGS: Slot = { kind: "vector", bytes: 8 };
const table = (of: () => TableShape): Slot => ({ kind: "table", of });
const tables = (of: () => TableShape): Slot => ({ kind: "tables", of });

const KEY_VALUE: TableShape = [TEXT, TEXT];
const KEY_VALUES = tables(() => KEY_VALUE);
const INT_TYPE: TableShape = [INT, BYTE];
/** Types by their number in the union; those that are not listed have scalars of at most four bytes. */
const TYPES: Readonly<Record<number, TableShape>> = {
  2: INT_TYPE,
  3: [SHORT],
  7: [INT, INT, INT],
  8: [SHORT],
  9: [SHORT, INT],
  10: [SHORT, TEXT],
  11: [SHORT],
  14: [SHORT, { kind: "vector", bytes: 4 }],
  15: [INT],
  16: [INT],
  17: [BYTE],
  18: [SHORT],
};
const DICTIONARY_ENCODING: TableShape = [LONG, table(() => INT_TYPE), BYTE, SHORT];
const FIELD: TableShape = [
  TEXT,
  BYTE,
  BYTE,
  { kind: "union", tag: 2, of: TYPES },
  table(() => DICTIONARY_ENCODING),
  tables(() => FIELD),
  KEY_VALUES,
];
const SCHEMA: TableShape = [SHORT, tables(() => FIELD), KEY_VALUES, LONGS];
const NODE_BYTES = 16;
const COMPRESSION: TableShape = [BYTE, BYTE];
const RECORD_BATCH: TableShape = [
  LONG,
  { kind: "vector", bytes: NODE_BYTES },
  { kind: "vector", bytes: NODE_BYTES },
  table(() => COMPRESSION),
  LONGS,
];
const DICTIONARY_BATCH: TableShape = [LONG, table(() => RECORD_BATCH), BYTE];
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const KINDS: readonly number[] = Object.values(HEADER);
const MESSAGE: TableShape = [
  SHORT,
  BYTE,
  {
    kind: "union",
    tag: 1,
    of: {
      [HEADER.schema]: SCHEMA,
      [HEADER.dictionaryBatch]: DICTIONARY_BATCH,
      [HEADER.recordBatch]: RECORD_BATCH,
    },
  },
  LONG,
  KEY_VALUES,
];
const BLOCK_BYTES = 24;
const BLOCKS: Slot = { kind: "vector", bytes: BLOCK_BYTES };
const FOOTER: TableShape = [SHORT, table(() => SCHEMA), BLOCKS, BLOCKS, KEY_VALUES];
/** Slots of the footer, and what the messages of their blocks are. */
const FOOTER_BLOCKS = [
  [2, HEADER.dictionaryBatch],
  [3, HEADER.recordBatch],
] as const;

const MAGIC = Buffer.from("ARROW1");
const CONTINUATION = 0xffff_ffff;

/**
 * @throws DamagedFlatBuffer where metadata leads outside of the bytes, NotSupportedError for compressed buffers of a codec that
 * apache-arrow has not been given.
 */
export function verifyIpc(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFile = Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) === 0;
  if (isFile) verifyFile(bytes, view);
  else verifyStream(bytes, view);
}

function verifyStream(bytes: Uint8Array, view: DataView): void {
  let at = 0;
  while (at + 4 <= bytes.length) {
    const next = verifyMessage(bytes, view, at);
    if (next === null) return;
    at = next;
  }
}

/** The footer lies before its length and the second magic text, and has the schema: files need no message of it. */
function verifyFile(bytes: Uint8Array, view: DataView): void {
  const end = bytes.length - MAGIC.length - 4;
  const begin = end < 0 ? -1 : end - view.getInt32(end, true);
  if (begin < MAGIC.length || begin > end) throw new DamagedFlatBuffer("a file without a footer");
  const footer = verifyFlatBuffer(bytes.subarray(begin, end), FOOTER);
  for (const [slot, kind] of FOOTER_BLOCKS) {
    const { at, count } = footer.vector(slot);
    for (let block = 0; block < count; block++) {
      const offset = footer.int64At(at + BLOCK_BYTES * block);
      if (offset < 0n || offset > BigInt(begin))
        throw new DamagedFlatBuffer("a block outside of the file");
      verifyMessage(bytes, view, Number(offset), kind);
    }
  }
}

/** Where the next message begins; null: this is the end of the stream. */
function verifyMessage(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  expected?: number,
): number | null {
  const word = (at: number) => (at + 4 <= bytes.length ? view.getUint32(at, true) : 0);
  // Before Arrow 0.15 the length came first.
  const at = word(start) === CONTINUATION ? start + 4 : start;
  const metadataBytes = word(at);
  if (metadataBytes === 0) {
    if (expected !== undefined) throw new DamagedFlatBuffer("a block without a message");
    return null;
  }
  const begin = at + 4;
  const body = begin + metadataBytes;
  if (body > bytes.length) throw new DamagedFlatBuffer("a message longer than the bytes");
  const message = verifyFlatBuffer(bytes.subarray(begin, body), MESSAGE);
  const bodyBytes = message.int64(3);
  if (bodyBytes < 0n || bodyBytes > BigInt(bytes.length - body)) {
    throw new DamagedFlatBuffer("a body longer than the bytes");
  }
  const header = message.table(2);
  const kind = message.byte(1);
  const isExpected = expected === undefined ? KINDS.includes(kind) : kind === expected;
  // A reader that asks for the next batch until it gets one would ask for ever.
  if (header === null || !isExpected) throw new DamagedFlatBuffer(`a message of kind ${kind}`);
  const batch = kind === HEADER.dictionaryBatch ? header.table(1) : header;
  if (batch === null) throw new DamagedFlatBuffer("a dictionary without entries");
  if (kind !== HEADER.schema) verifyBatch(batch, bodyBytes);
  return body + Number(bodyBytes);
}

/** Rows and buffers of a record batch. */
function verifyBatch(batch: FlatTable, bodyBytes: bigint): void {
  const codec = batch.table(3);
  if (codec !== null && compressionRegistry.get(codec.byte(0)) === null) {
    const name = codec.byte(0) === 0 ? "LZ4" : "Zstandard";
    throw new NotSupportedError(`Arrow buffers compressed by ${name}`, {
      operator: "fromArrow",
      hint: `Write them without compression (pyarrow: compression=None), or register a codec in apache-arrow's compressionRegistry.`,
    });
  }
  const nodes = batch.vector(1);
  for (let node = 0; node < nodes.count; node++) {
    const rows = batch.int64At(nodes.at + NODE_BYTES * node);
    if (rows < 0n || rows > MOST_ROWS) throw new DamagedFlatBuffer(`${rows} rows`);
  }
  const rows = batch.int64(0);
  if (rows < 0n || rows > MOST_ROWS) throw new DamagedFlatBuffer(`${rows} rows`);
  const buffers = batch.vector(2);
  for (let buffer = 0; buffer < buffers.count; buffer++) {
    const at = buffers.at + NODE_BYTES * buffer;
    const [offset, length] = [batch.int64At(at), batch.int64At(at + 8)];
    if (offset < 0n || length < 0n || offset + length > bodyBytes) {
      throw new DamagedFlatBuffer("a buffer outside of its message");
    }
  }
}

/** Rows have 32-bit numbers. */
const MOST_ROWS = 0xffff_fffen;
