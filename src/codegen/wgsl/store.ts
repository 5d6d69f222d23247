// How a workgroup stores the outputs of its 256 rows. Words and pairs of words are stored by the thread of their row.
// Bitmaps and packed columns have words that rows share: all of them are put together in workgroup memory, which WGSL zeros,
// and stored word by word behind one barrier however many they are. (A ballot for each, with barriers of its own, took
// llvmpipe a minute to compile for 12 of them.)
//
//   narrow   | validity0: 8 words | output1 (8 bits): 64 words | ...       b bits a row make 8 b words a workgroup

const GROUP_ROWS = 256;

export interface StoredArray {
  readonly name: string;
  /** Of one value: 1, 8, 16, 32, 64 or 128. */
  readonly bits: number;
  /** Expression of the value's bits; may have more than `bits` of them. */
  readonly value: string;
}

export function storeRowText(arrays: readonly StoredArray[]): string {
  const wide = arrays.filter(({ bits }) => bits >= 32);
  const narrow = arrays.filter(({ bits }) => bits < 32);
  const first = narrow.map((_, index) =>
    narrow.slice(0, index).reduce((words, { bits }) => words + wordsOf(bits), 0),
  );
  const total = narrow.reduce((words, { bits }) => words + wordsOf(bits), 0);
  const parameters = "position: u32, rowCount: u32, thread: u32, values: RowValues";
  const stores = wide.map(({ name, value }) => `    ${name}[position] = ${value};`);
  const puts = narrow.map(({ bits, value }, index) => putText(first[index] ?? 0, bits, value));
  const inside = `  if (position < rowCount) {\n${[...stores, ...puts].join("\n")}\n  }`;
  if (narrow.length === 0) return `fn storeRow(${parameters}) {\n${inside}\n}`;
  return [
    `var<workgroup> narrow: array<atomic<u32>, ${total}>;`,
    `fn storeRow(${parameters}) {`,
    inside,
    "  workgroupBarrier();",
    "  let groupStart = position - thread;",
    ...narrow.map(({ name, bits }, index) => storeNarrowText(name, first[index] ?? 0, bits)),
    "}",
  ].join("\n");
}

function wordsOf(bits: number): number {
  return (GROUP_ROWS * bits) / 32;
}

function putText(first: number, bits: number, value: string): string {
  const rows = 32 / bits;
  const masked = bits === 1 ? value : `(${value} & ${2 ** bits - 1}u)`;
  return `    atomicOr(&narrow[${first}u + thread / ${rows}u], ${masked} << (thread % ${rows}u * ${bits}u));`;
}

function storeNarrowText(name: string, first: number, bits: number): string {
  const rows = 32 / bits;
  const inRange = `thread < ${wordsOf(bits)}u && groupStart + thread * ${rows}u < rowCount`;
  return `  if (${inRange}) { ${name}[groupStart / ${rows}u + thread] = atomicLoad(&narrow[${first}u + thread]); }`;
}
