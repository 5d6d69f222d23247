// What lies under a null is unspecified, and Arrow's writers leave anything there. Executors are handed batches whose nulls
// hide values that are wrong in every way: codes of no entry, texts that are no UTF-8, decimals of too many digits, NaNs
// with a payload. No result may depend on them.
import { type Batch, type Column, type ColumnData, isValid } from "../../src/column/index.ts";

const TEXT = Uint8Array.of(0xf4, 0x80, 0x00, 0xff);

/** The same values and nulls, over copies of the buffers. */
export function poisoned(batch: Batch): Batch {
  return { ...batch, columns: batch.columns.map(poisonedColumn) };
}

function poisonedColumn(column: Column): Column {
  if (column.validity === null) return column;
  return { ...column, data: poisonedData(column, column.data) };
}

function poisonedData(column: Column, data: ColumnData): ColumnData {
  const nulls: number[] = [];
  for (let row = 0; row < column.length; row++) if (!isValid(column, row)) nulls.push(row);
  switch (data.encoding) {
    case "fixed": {
      const values = data.values.slice();
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const width = values.BYTES_PER_ELEMENT;
      for (const [at, row] of nulls.entries()) {
        bytes.fill(at % 2 === 0 ? 0xff : 0x7f, row * width, (row + 1) * width);
      }
      return { encoding: "fixed", values };
    }
    case "bits": {
      const values = data.values.slice();
      for (const row of nulls) values[row >> 3] = (values[row >> 3] as number) | (1 << (row & 7));
      return { encoding: "bits", values };
    }
    case "dictionary": {
      const codes = data.codes.slice();
      for (const [at, row] of nulls.entries())
        codes[row] = at % 2 === 0 ? 0xffff_ffff : 0x7fff_fffe;
      return { ...data, codes };
    }
    case "words": {
      const values = data.values.slice();
      for (const row of nulls) values.fill(0xdead_beef, row * data.width, (row + 1) * data.width);
      return { ...data, values };
    }
    case "plain":
      return plainWithTexts(column, data.offsets, data.bytes);
    default:
      throw new Error("an encoding that this test does not know");
  }
}

function plainWithTexts(column: Column, from: Int32Array, source: Uint8Array): ColumnData {
  const texts = Array.from({ length: column.length }, (_, row) =>
    isValid(column, row) ? source.subarray(from[row], from[row + 1]) : TEXT,
  );
  const offsets = new Int32Array(column.length + 1);
  for (const [row, text] of texts.entries())
    offsets[row + 1] = (offsets[row] as number) + text.length;
  return { encoding: "plain", offsets, bytes: new Uint8Array(Buffer.concat(texts)) };
}
